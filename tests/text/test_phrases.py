"""Phrases: what the naive twin and gensim find and join, whatever the threads and the memory; and what is refused."""

import itertools
import random
from collections import Counter

import numpy as np
import pytest
from gensim.models.phrases import Phrases as GensimPhrases
from hypothesis import given
from hypothesis import strategies as st
from reference import phrases as naive

from embedkit.errors import InputError, ParameterError
from embedkit.text.corpus import Corpus
from embedkit.text.encoding import DOCUMENT_END, EncodedCorpus, encode_corpus
from embedkit.text.phrases import (
    ENGLISH_CONNECTOR_WORDS,
    Phrase,
    PhraseSettings,
    PhraseTable,
    apply_phrases,
    join_phrases,
)
from embedkit.text.vocabulary import Vocabulary

CONNECTORS = frozenset({"of", "the"})
LENIENT = PhraseSettings(passes=3, threshold=5.0, connector_words=CONNECTORS)
SCORINGS = ["word2phrase", "gensim", "npmi"]


def encode(documents, **settings):
    return encode_corpus(Corpus.from_documents(documents), min_count=1, **settings)


def decoded(encoded):
    """The documents that an encoded corpus holds."""
    documents, document = [], []
    for i in encoded.ids.tolist():
        if i == DOCUMENT_END:
            documents.append(document)
            document = []
        else:
            document.append(encoded.vocabulary.words[i])
    assert not document
    return documents


def find(documents, settings=None, *, keep_empty=True, min_count=1, ids_memory=2**30, **others):
    """Join phrases; what is left out is less than by default: no word and no document."""
    encoded = encode(documents, keep_empty=keep_empty, memory=ids_memory)
    return join_phrases(encoded, settings, min_count=min_count, keep_empty=keep_empty, **others)


def as_tables(table):
    return [{phrase.parts: (phrase.score, phrase.count) for phrase in phrases} for phrases in table.passes]


def assert_consistent(corpus):
    """The vocabulary counts what the ids hold, in its order."""
    ids = corpus.ids[corpus.ids != DOCUMENT_END]
    counts = np.bincount(ids, minlength=len(corpus.vocabulary))
    assert corpus.vocabulary == Vocabulary(corpus.vocabulary.words, counts)
    assert corpus.vocabulary.words == Vocabulary(corpus.vocabulary.words, corpus.vocabulary.counts).words
    assert corpus.n_documents == np.count_nonzero(corpus.ids == DOCUMENT_END)


def planted(seed=1, n_documents=400, connectors=False):
    """Documents of many words, in which some stand together far more often than chance has it."""
    draw = random.Random(seed)
    words = [f"w{i}" for i in range(120)]
    weights = [1 / (i + 2) for i in range(len(words))]
    phrases = [["new", "york"], ["new", "york", "times"], ["san", "francisco"], ["bank", "of", "america"]]
    phrases += [["house", "of", "the", "rising", "sun"]] if connectors else []
    documents = []
    for _ in range(n_documents):
        document = []
        for _ in range(draw.randrange(12)):
            document += draw.choice(phrases) if draw.random() < 0.2 else draw.choices(words, weights)
            if connectors and draw.random() < 0.3:
                document += draw.choices(["of", "the"], k=draw.randint(1, 3))
        documents.append(document)
    return documents


documents_of_few_words = st.lists(st.lists(st.sampled_from(["a", "b", "c", "d", "of", "the"]), max_size=12), max_size=8)


class TestAgainstTheTwin:
    @pytest.mark.parametrize("scoring", SCORINGS)
    @given(
        documents=documents_of_few_words.filter(any),
        min_count=st.integers(1, 3),
        threshold=st.sampled_from([0.01, 0.3, 0.8]),
        passes=st.integers(1, 3),
        connectors=st.sampled_from([frozenset(), CONNECTORS, frozenset({"a", "of"})]),
        n_threads=st.integers(1, 4),
        memory=st.sampled_from([0, 200, 2**30]),
    )
    def test_any_documents_are_joined_as_by_the_twin(
        self, scoring, documents, min_count, threshold, passes, connectors, n_threads, memory
    ):
        tables, joined = naive.found(
            documents,
            min_count=min_count,
            threshold=threshold,
            scoring=scoring,
            connectors=connectors,
            passes=passes,
        )
        settings = PhraseSettings(min_count, threshold, scoring, passes, "_", connectors)
        found = find(documents, settings, n_threads=n_threads, memory=memory)
        assert as_tables(found.phrases) == tables
        assert decoded(found) == joined
        assert_consistent(found)

    @pytest.mark.parametrize("scoring", SCORINGS)
    @pytest.mark.parametrize("connectors", [frozenset(), CONNECTORS], ids=["plain", "connectors"])
    @pytest.mark.parametrize("n_threads", [1, 2, 3, 8])
    def test_threads_and_memory_change_nothing(self, scoring, connectors, n_threads):
        documents = planted(connectors=True)
        settings = PhraseSettings(3, scoring=scoring, passes=2, connector_words=connectors)
        expected = find(documents, settings)
        for memory, ids_memory in [(0, 0), (5000, 2**30), (2**30, 100)]:
            found = find(documents, settings, n_threads=n_threads, memory=memory, ids_memory=ids_memory)
            assert found.phrases == expected.phrases
            assert found.vocabulary == expected.vocabulary
            assert np.array_equal(found.ids, expected.ids)
            assert found.n_joined == expected.n_joined
            found.close()

    def test_words_that_fill_a_table_many_times_are_counted(self):
        # A first word with thousands of different second ones, each a few times.
        draw = random.Random(5)
        documents = [["of", *(f"s{draw.randrange(4000)}" for _ in range(3)), "x"] for _ in range(6000)]
        documents += [["x", f"s{i % 3000}"] for i in range(9000)]
        tables, joined = naive.found(documents, min_count=2, threshold=5, scoring="gensim")
        found = join_phrases(encode(documents), PhraseSettings(2, 5.0, "gensim"), min_count=1, n_threads=2)
        assert as_tables(found.phrases) == tables
        assert decoded(found) == joined

    @pytest.mark.parametrize("memory", [0, 24])
    def test_however_little_memory_there_is_the_ids_are_read_a_few_times_only(self, memory):
        draw = random.Random(2)
        documents = [[f"w{draw.randrange(1000)}" for _ in range(20)] for _ in range(200)]
        steps = []
        join_phrases(encode(documents), PhraseSettings(1), min_count=1, memory=memory, on_progress=steps.append)
        # The first step stands before them; a range and the next one have more than a sixteenth together.
        assert 8 <= len(steps) - 1 <= 2 * 16 + 1


class TestAgainstGensim:
    @pytest.mark.parametrize("connectors", [frozenset(), CONNECTORS], ids=["plain", "connectors"])
    @pytest.mark.parametrize("min_count", [1, 5])
    @pytest.mark.parametrize(
        ("scoring", "threshold"), [("gensim", 1.0), ("gensim", 10.0), ("npmi", 0.2), ("npmi", 0.5), ("npmi", -0.5)]
    )
    def test_the_same_phrases_with_the_same_scores_and_the_same_sentences(
        self, scoring, threshold, min_count, connectors
    ):
        for seed in range(3):
            documents = planted(seed, connectors=True)
            model = GensimPhrases(
                documents,
                min_count=min_count,
                threshold=threshold,
                scoring="default" if scoring == "gensim" else scoring,
                connector_words=connectors,
            )
            settings = PhraseSettings(min_count, threshold, scoring, connector_words=connectors)
            found = find(documents, settings)
            assert found.phrases.scores == model.export_phrases()
            assert decoded(found) == [model[document] for document in documents]
            assert len(found.phrases) > 0

    def test_word2phrase_scores_are_gensims_with_the_number_of_words(self):
        documents = planted(connectors=True)
        total = sum(map(len, documents))
        model = GensimPhrases(documents, min_count=5, threshold=20.0 * len(GensimPhrases(documents).vocab) / total)
        found = find(documents, PhraseSettings(threshold=20.0))
        expected = {
            name: pytest.approx(score / len(model.vocab) * total) for name, score in model.export_phrases().items()
        }
        assert found.phrases.scores == expected
        assert len(expected) > 2

    def test_a_second_pass_is_gensim_on_the_sentences_of_the_first(self):
        documents = planted(connectors=True)
        first = GensimPhrases(documents, min_count=5, threshold=3.0)
        between = [first[document] for document in documents]
        second = GensimPhrases(between, min_count=5, threshold=3.0)
        found = find(documents, PhraseSettings(threshold=3.0, scoring="gensim", passes=2))
        assert decoded(found) == [second[document] for document in between]
        assert "new_york_times" in found.vocabulary


class TestMeaning:
    def test_planted_phrases_are_found_and_no_words_beside_them(self):
        found = find(planted(n_documents=2000), PhraseSettings(passes=2, threshold=8.0, connector_words=["of", "the"]))
        assert {"new_york", "new_york_times", "san_francisco", "bank_of_america"} <= found.phrases.scores.keys()
        assert not [name for name in found.phrases.scores if "w0" in name or "w1" in name]

    def test_far_words_do_not_become_adjacent_when_rare_ones_are_dropped(self):
        documents = [["a", f"rare{i}", "b"] for i in range(50)] + [["filler"] * 5] * 20
        found = find(documents, PhraseSettings(threshold=0.01), min_count=5)
        assert decoded(found)[0] == ["a", "b"]
        assert not any("rare" in name or name == "a_b" for name in found.phrases.scores)

    def test_pairs_do_not_cross_the_end_of_a_document(self):
        documents = [["x", "a"], ["b", "y"]] * 50
        found = find(documents, PhraseSettings(1, 0.1))
        assert set(found.phrases.scores) == {"x_a", "b_y"}

    def test_a_phrase_that_is_a_word_already_is_that_word(self):
        documents = [["new", "york"], ["filler", "words"], ["more", "of", "them"]] * 20 + [["new_york"]] * 7
        found = find(documents, PhraseSettings(threshold=2.0))
        assert found.vocabulary.counts[found.vocabulary.index["new_york"]] == 27
        assert "new" not in found.vocabulary

    def test_what_is_rare_after_joining_is_dropped_and_empty_documents_with_it(self):
        documents = [["new", "york"]] * 20 + [["new"]] * 3 + [["filler", "words"]] * 30
        found = find(documents, PhraseSettings(threshold=1.0), min_count=10, keep_empty=False)
        assert found.vocabulary.words == ["filler_words", "new_york"]
        assert found.n_documents == 50
        assert found.n_words == 20 * 2 + 3 + 30 * 2

    def test_most_vocab_keeps_the_most_frequent(self):
        documents = [["new", "york"]] * 20 + [["filler", "words"]] * 30 + [["rest"]] * 10
        found = join_phrases(encode(documents), PhraseSettings(threshold=1.0), min_count=1, max_vocab=2)
        assert found.vocabulary.words == ["filler_words", "new_york"]
        assert_consistent(found)

    def test_a_given_vocabulary_says_which_words_and_phrases_stay(self):
        given_words = Vocabulary(["new_york", "rest", "absent"], [9, 8, 7])
        documents = [["new", "york", "rest"]] * 20 + [["filler", "words"]] * 30
        found = join_phrases(encode(documents), PhraseSettings(threshold=1.0), min_count=1, vocabulary=given_words)
        assert found.vocabulary == given_words
        assert decoded(found) == [["new_york", "rest"]] * 20

    def test_no_phrase_is_no_error(self):
        found = find([["a", "b"], ["c"]])
        assert len(found.phrases) == found.n_joined == 0
        assert found.most_joined(5) == []
        assert decoded(found) == [["a", "b"], ["c"]]

    def test_most_joined_names_the_frequent_phrases_in_their_order(self):
        documents = [["new", "york"]] * 20 + [["filler", "words"]] * 30 + [["often"]] * 99
        assert find(documents, PhraseSettings(threshold=1.0)).most_joined(2) == ["filler_words", "new_york"]

    def test_progress_rises_to_the_end_of_all_passes(self):
        steps = []
        settings = PhraseSettings(3, scoring="gensim", passes=3)
        join_phrases(encode(planted()), settings, min_count=1, memory=20_000, on_progress=steps.append)
        fractions = [step.fraction for step in steps]
        assert fractions == sorted(fractions)
        assert fractions[0] == 0
        assert fractions[-1] == pytest.approx(max(step.turn for step in steps) / 3)
        assert len(steps) > 6
        assert steps[-1].phrases > 0

    def test_a_connector_word_neither_begins_nor_ends_a_phrase(self):
        found = find(planted(connectors=True), LENIENT)
        ends = {part for phrase in found.phrases for part in (phrase.parts[0], phrase.parts[-1])}
        assert not ends & CONNECTORS
        assert any(set(phrase.parts[1:-1]) & CONNECTORS for phrase in found.phrases)

    def test_english_connector_words_are_lower_case_words(self):
        assert {"of", "the", "and"} <= ENGLISH_CONNECTOR_WORDS
        assert all(word.islower() and word.isalpha() for word in ENGLISH_CONNECTOR_WORDS)


class TestApplying:
    @pytest.mark.parametrize("connectors", [frozenset(), CONNECTORS], ids=["plain", "connectors"])
    @pytest.mark.parametrize("n_threads", [1, 2, 5])
    def test_known_phrases_are_joined_as_when_they_were_found(self, connectors, n_threads):
        documents = planted(connectors=True)
        found = find(documents, PhraseSettings(passes=3, threshold=5.0, connector_words=connectors))
        again = apply_phrases(encode(documents, keep_empty=True), found.phrases, n_threads=n_threads)
        assert decoded(again) == decoded(found)
        assert again.vocabulary == found.vocabulary
        assert again.n_joined == found.n_joined > 100

    def test_words_that_the_phrases_do_not_know_stay(self):
        table = PhraseTable([[Phrase(("new", "york"), 1.0, 1)]])
        applied = apply_phrases(encode(["the new york of new jersey", "", "york"], keep_empty=True), table)
        assert decoded(applied) == [["the", "new_york", "of", "new", "jersey"], [], ["york"]]

    @pytest.mark.parametrize(
        ("phrases", "text", "expected"),
        [
            (["bank of america", "vitamin of"], "vitamin of x", "vitamin_of x"),
            (["bank of america", "vitamin of"], "a vitamin of america", "a vitamin_of america"),
            (["new york times square", "new york"], "new york city", "new_york city"),
            (["new york times square", "new york"], "new york times new", "new_york times new"),
            (["new york times square", "new york"], "new york times square", "new_york_times_square"),
            (["a of b", "of c"], "a of c", "a of_c"),
            (["a a a"], "a a a a a", "a_a_a a a"),
        ],
    )
    def test_a_word_may_be_inside_of_one_phrase_and_at_the_edge_of_another(self, phrases, text, expected):
        table = PhraseTable([[Phrase(tuple(phrase.split()), 1.0, 1) for phrase in phrases]])
        # Only phrases whose words are all in the text are looked up.
        apart = [word for phrase in phrases for word in phrase.split()]
        assert decoded(apply_phrases(encode([text, *apart]), table)) == [expected.split(), *([word] for word in apart)]

    @given(
        documents=documents_of_few_words.filter(any),
        phrases=st.sets(st.lists(st.sampled_from("abc"), min_size=2, max_size=4).map(tuple), max_size=6),
        n_threads=st.integers(1, 3),
    )
    def test_any_table_is_applied_as_by_the_twin(self, documents, phrases, n_threads):
        table = PhraseTable([[Phrase(parts, 1.0, 1) for parts in sorted(phrases)]])
        applied = apply_phrases(encode(documents, keep_empty=True), table, n_threads=n_threads)
        assert decoded(applied) == [naive.joined(document, phrases, "_".join) for document in documents]
        assert_consistent(applied)


def join_found(encoded):
    return join_phrases(encoded, min_count=1)


def join_known(encoded):
    return apply_phrases(encoded, PhraseTable([[Phrase(("new", "york"), 1.0, 1)]]))


@pytest.mark.parametrize("join", [join_found, join_known])
class TestTakingOver:
    @pytest.mark.parametrize("memory", [0, 2**30], ids=["file", "memory"])
    def test_what_was_taken_over_is_closed_and_the_result_is_not(self, join, memory):
        encoded = encode(["in new york"], memory=memory)
        joined = join(encoded)
        assert len(encoded.ids) == 0
        expected = decoded(joined)
        encoded.close()
        assert decoded(joined) == expected
        assert decoded(join(joined)) == expected

    def test_what_was_taken_over_or_closed_is_refused(self, join):
        encoded = encode(["in new york"])
        join(encoded)
        closed = encode(["in new york"])
        closed.close()
        for one in (encoded, closed):
            with pytest.raises(InputError, match="closed or taken over by join_phrases or apply_phrases; use what"):
                join(one)

    def test_unknown_words_and_counts_of_another_text_are_refused(self, join):
        words = Vocabulary(["new", "york"], [5, 4])
        with pytest.raises(InputError, match=r"ids from -1 to 2, .* the 2 words .* without keep_unknown"):
            join(encode(["in new york"], vocabulary=words, keep_unknown=True))
        with pytest.raises(InputError, match=r"counts 9 words, but the corpus has 2; .* no given vocabulary"):
            join(encode(["in new york"], vocabulary=words))

    @pytest.mark.parametrize(
        ("ids", "message"),
        [
            (np.array([0, 1, 2, -1], np.int32), "ids from -1 to 2"),
            (np.array([0, 1, -7, -1], np.int32), "ids from -7 to 1"),
            (np.array([0, 1, 1, -1], np.int64), "int64 of shape"),
            (np.array([[0, 1, 1, -1]], np.int32), r"shape \(1, 4\)"),
            (np.repeat(np.array([0, 1, 1, -1], np.int32), 2)[::2], "one behind"),
        ],
    )
    def test_foreign_ids_are_refused_and_left_alone(self, join, ids, message):
        encoded = EncodedCorpus(ids, Vocabulary(["york", "new"], [2, 1]), 3, 1, 9, 0.1)
        with pytest.raises(InputError, match=message):
            join(encoded)
        assert encoded.ids is ids


class TestRefused:
    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            ({"min_count": 0}, "min_count=0"),
            ({"min_count": 2.5}, "min_count=2.5"),
            ({"threshold": float("nan")}, "threshold=nan"),
            ({"threshold": float("inf")}, "threshold=inf"),
            ({"threshold": 0}, "threshold=0"),
            ({"threshold": -1.0, "scoring": "gensim"}, "threshold=-1.0"),
            ({"threshold": 1.5, "scoring": "npmi"}, "from -1 to 1"),
            ({"threshold": float("nan"), "scoring": "npmi"}, "threshold=nan"),
            ({"scoring": "pmi"}, "scoring='pmi'"),
            ({"passes": 0}, "passes=0"),
            ({"passes": -1}, "passes=-1"),
            ({"delimiter": ""}, "delimiter=''"),
            ({"delimiter": " "}, "delimiter=' '"),
            ({"delimiter": "\u3000"}, "delimiter="),
            ({"delimiter": None}, "delimiter=None"),
            ({"connector_words": "of"}, "connector_words='of'"),
            ({"connector_words": [1]}, "connector_words="),
        ],
    )
    def test_settings_that_cannot_work(self, settings, message):
        with pytest.raises(ParameterError, match=message):
            join_phrases(encode(["a b"]), PhraseSettings(**settings))

    def test_other_parameters_that_cannot_work(self):
        for settings in ({"min_count": -1}, {"max_vocab": 0}, {"n_threads": 0}, {"memory": -1}):
            with pytest.raises(ParameterError, match=next(iter(settings))):
                join_phrases(encode(["a b"]), **settings)

    def test_no_word_that_is_frequent_enough(self):
        encoded = encode(["a a b", "a"])
        with pytest.raises(InputError, match=r"occurs 5 times: the most frequent, 'a', has 3; set min_count"):
            join_phrases(encoded)
        assert len(encoded.ids) == 0

    def test_no_word_of_the_given_vocabulary(self):
        with pytest.raises(InputError, match="no word or phrase of the text is in the vocabulary"):
            join_phrases(encode(["a a b"]), min_count=1, vocabulary=Vocabulary(["x"], [3]))


@pytest.mark.realdata
def test_real_text_gives_gensims_phrases(data_dir):
    import gzip

    with gzip.open(data_dir / "en" / "wiki-en.txt.gz", "rt", encoding="utf-8") as lines:
        documents = [line.replace("_", " ").split() for line in itertools.islice(lines, 250)]
    for connectors in (frozenset(), ENGLISH_CONNECTOR_WORDS):
        model = GensimPhrases(documents, min_count=3, threshold=10.0, connector_words=connectors)
        settings = PhraseSettings(3, 10.0, "gensim", connector_words=connectors)
        found = find(documents, settings, n_threads=2)
        assert found.phrases.scores == model.export_phrases()
        assert decoded(found) == [model[document] if document else [] for document in documents]
        most = Counter(word for document in decoded(found) for word in document if word in found.phrases.scores)
        assert most[found.most_joined(1)[0]] == max(most.values())
