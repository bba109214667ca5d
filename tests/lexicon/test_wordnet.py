"""WordNet: relations, base forms, the order of answers, and what comes of odd words and odd hierarchies."""

import pickle
import re
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lexicon.wndb import ROWS, Row, above, write_wordnet

from embedkit.errors import InputError, ParameterError
from embedkit.lexicon import WordNet
from embedkit.lexicon import synsets as synsets_module
from embedkit.lexicon import wordnet as wordnet_module
from embedkit.lexicon.morphology import base_forms


class TestRelations:
    def test_synonyms_come_sense_by_sense_without_the_word(self, wordnet):
        assert wordnet.synonyms("dog") == ["domestic dog", "cad"]
        assert wordnet.synonyms("puppy") == []

    def test_the_case_and_the_spaces_of_lemmas_are_kept(self, wordnet):
        assert wordnet.synonyms("nlp") == ["natural language processing"]
        assert wordnet.synonyms("natural language processing") == ["NLP"]
        assert wordnet.synonyms("Natural_Language_Processing") == ["NLP"]
        assert wordnet.synonyms("rome") == ["Eternal City"]

    def test_antonyms_are_of_the_word_not_of_its_synset(self, wordnet):
        assert wordnet.antonyms("goodness") == ["evilness"]
        assert wordnet.antonyms("evil") == ["good"]
        assert wordnet.antonyms("happy") == ["unhappy"]
        assert wordnet.antonyms("glad") == []

    def test_antonyms_of_a_whole_synset_are_all_its_words(self, tmp_path):
        rows = [Row("hot", "a", "hot warm", (("!", "cold", 0, 0),)), Row("cold", "a", "cold cool")]
        assert WordNet(write_wordnet(tmp_path, rows)).antonyms("warm") == ["cold", "cool"]

    def test_hypernyms_are_the_chain_of_the_first_sense(self, wordnet):
        assert wordnet.hypernyms("puppy") == ["dog", "canine", "animal", "entity"]
        assert wordnet.hypernyms("entity") == []

    def test_paths_go_every_way_of_every_sense(self, wordnet):
        assert wordnet.hypernym_paths("dog") == [
            ["canine", "animal", "entity"],
            ["domestic animal", "animal", "entity"],
            # The other sense is an animal too, and a way does not come twice.
            ["animal", "entity"],
        ]
        assert wordnet.hypernym_paths("dog", sense=2) == [["animal", "entity"]]

    def test_what_an_instance_is_stands_above_it(self, wordnet):
        assert wordnet.hypernyms("Rome") == ["city", "entity"]
        assert wordnet.hyponyms("metropolis") == ["Rome", "Eternal City"]

    def test_hyponyms_are_one_step_down(self, wordnet):
        assert wordnet.hyponyms("animal")[:4] == ["canine", "canid", "domestic animal", "house pet"]
        assert "puppy" not in wordnet.hyponyms("animal")

    def test_syntactic_markers_are_no_part_of_a_word(self, wordnet):
        assert wordnet.synonyms("fine") == ["good", "all right"]
        assert wordnet.synonyms("all right") == ["fine", "good"]

    def test_a_synset_may_have_very_many_words(self, tmp_path):
        words = " ".join(f"w{number:02}" for number in range(20))
        rows = [Row("many", "a", words, (("!", "one", 20, 1),)), Row("one", "a", "one")]
        lexicon = WordNet(write_wordnet(tmp_path, rows))
        assert len(lexicon.synonyms("w00")) == 19
        assert lexicon.antonyms("w19") == ["one"]
        assert lexicon.antonyms("one") == ["w19"]

    def test_a_pointer_to_a_satellite_leads_to_an_adjective(self, tmp_path):
        path = write_wordnet(tmp_path) / "data.adj"
        path.write_bytes(re.sub(rb"(! \d{8}) a", rb"\1 s", path.read_bytes()))
        assert WordNet(tmp_path).antonyms("happy") == ["unhappy"]


class TestSenses:
    def test_the_part_of_speech_with_most_annotated_senses_comes_first(self, wordnet):
        assert wordnet.synonyms("run") == ["hurry", "flow", "race"]
        assert wordnet.synonyms("good") == ["fine", "all right", "goodness", "well"]

    def test_pos_takes_one_part_of_speech(self, wordnet):
        assert wordnet.synonyms("run", pos="n") == ["race"]
        assert wordnet.synonyms("run", pos="a") == []
        assert wordnet.antonyms("good", pos="n") == ["evil"]
        assert wordnet.hyponyms("go", pos="v") == ["run", "hurry", "flow"]
        assert wordnet.hypernyms("run", pos="n") == ["entity"]

    def test_the_chain_is_that_of_the_first_sense_that_has_one(self, wordnet):
        assert wordnet.hypernyms("good") == ["entity"]
        assert wordnet.hypernyms("good", sense=1) == []

    @pytest.mark.parametrize("pos", ["s", "noun", "", 1])
    def test_an_unknown_part_of_speech_is_refused(self, wordnet, pos):
        for ask in (wordnet.synonyms, wordnet.hypernyms):
            with pytest.raises(ParameterError, match=r"pos=.*expected one of 'n', 'v', 'a', 'r'"):
                ask("dog", pos=pos)

    def test_a_sense_that_there_is_not_is_refused(self, wordnet):
        with pytest.raises(ParameterError, match="sense=3: 'dog' has 2 senses"):
            wordnet.hypernyms("dog", sense=3)
        with pytest.raises(ParameterError, match="sense=0"):
            wordnet.hypernym_paths("dog", sense=0)


class TestBaseForms:
    @pytest.mark.parametrize(
        ("form", "pos", "synonyms"),
        [
            ("mice", "n", ["computer mouse"]),
            ("dogs", "n", ["domestic dog", "cad"]),
            ("DOGS", None, ["domestic dog", "cad"]),
            ("running", None, ["hurry", "flow"]),
            ("ran", "v", ["hurry", "flow"]),
            ("hurries", "v", ["run"]),
            ("finer", "a", ["good", "all right"]),
            ("cities", "n", ["metropolis"]),
            ("boxesful", "n", ["box"]),
            ("looked up", "v", ["consult"]),
            ("looking_up", "v", ["consult"]),
            ("house pets", "n", ["domestic animal"]),
            ("computer mice", "n", ["mouse"]),
        ],
    )
    def test_are_looked_up(self, wordnet, form, pos, synonyms):
        assert wordnet.synonyms(form, pos=pos) == synonyms

    def test_stand_behind_the_word_itself(self, wordnet):
        assert wordnet.synonyms("better", pos="a") == ["superior", "fine", "all right"]

    def test_of_a_noun_in_ss_are_none(self, wordnet):
        assert wordnet.synonyms("boss") == ["foreman"]
        assert wordnet.synonyms("bos") == ["genus Bos"]

    def test_of_two_letters_or_of_nothing_but_an_ending_are_none(self, tmp_path):
        lexicon = WordNet(write_wordnet(tmp_path, [Row("a", "n", "a letter")]))
        assert lexicon.synonyms("as") == []
        assert list(base_forms("s", "v", {})) == ["s"]

    def test_are_left_out_of_the_answers(self, wordnet):
        assert "mouse" not in wordnet.synonyms("mice")
        assert "good" not in wordnet.synonyms("better")

    def test_other_spellings_are_tried_where_the_word_is_not_there(self, wordnet):
        for spelling in ("ice-cream", "ice cream", "ICE_CREAM", " ice  cream "):
            assert wordnet.hypernyms(spelling) == ["entity"]
        assert wordnet.synonyms("N.L.P.") == ["natural language processing"]


class TestHierarchies:
    def test_a_cycle_ends(self, tmp_path):
        rows = [
            Row("a", "n", "hen", above("b")),
            Row("b", "n", "egg", above("c")),
            Row("c", "n", "chick", above("a")),
            Row("d", "n", "self", above("d")),
        ]
        lexicon = WordNet(write_wordnet(tmp_path, rows))
        assert lexicon.hypernyms("hen") == ["egg", "chick"]
        assert lexicon.hypernym_paths("chick") == [["hen", "egg"]]
        assert lexicon.hypernyms("self") == []

    def test_a_long_chain_is_no_recursion(self, tmp_path):
        rows = [Row("0", "n", "w0"), *(Row(str(i), "n", f"w{i}", above(str(i - 1))) for i in range(1, 2000))]
        assert len(WordNet(write_wordnet(tmp_path, rows)).hypernyms("w1999")) == 1999

    def test_the_first_of_very_many_ways_is_found_at_once(self, tmp_path):
        rows = [Row("top", "n", "top")]
        below = "top"
        for i in range(60):  # twice as many ways with each
            rows += [Row(f"l{i}", "n", f"l{i}", above(below)), Row(f"r{i}", "n", f"r{i}", above(below))]
            rows.append(Row(f"m{i}", "n", f"m{i}", above(f"l{i}", f"r{i}")))
            below = f"m{i}"
        assert WordNet(write_wordnet(tmp_path, rows)).hypernyms("m59")[-1] == "top"

    def test_names_of_a_chain_differ_from_each_other_and_from_the_word(self, tmp_path):
        rows = [
            Row("top", "n", "thing"),
            Row("general", "n", "move displace", above("top")),
            Row("special", "n", "move shift", above("general")),
            Row("same", "n", "Move", above("special")),
        ]
        lexicon = WordNet(write_wordnet(tmp_path, rows))
        assert lexicon.hypernyms("move", sense=3) == ["shift", "displace", "thing"]


class TestWords:
    def test_without_an_entry_have_no_answers(self, wordnet):
        for word in ("", " ", "_", "zebra", "\0", "\ud800", "狗", "zz" * 10**6):
            assert word not in wordnet
            assert wordnet.synonyms(word) == wordnet.antonyms(word) == wordnet.hyponyms(word) == []
            assert wordnet.hypernyms(word) == wordnet.hypernym_paths(word) == []
        assert 5 not in wordnet

    def test_that_are_no_strings_are_refused(self, wordnet):
        for ask in (wordnet.synonyms, wordnet.hypernyms):
            with pytest.raises(ParameterError, match="5 is no word"):
                ask(5)

    @given(word=st.text(max_size=12) | st.sampled_from(["dogs", "Mice", "run_", "good-ness", "_entity", "boxesful"]))
    @settings(max_examples=200)
    def test_of_any_kind_have_answers_without_themselves(self, wordnet_folder, word):
        wordnet = WordNet(wordnet_folder)
        for answer in (wordnet.synonyms(word), wordnet.antonyms(word), wordnet.hyponyms(word), wordnet.hypernyms(word)):
            assert len({one.casefold() for one in answer}) == len(answer)
            assert word.casefold() not in {one.casefold() for one in answer}
            assert not any("_" in one for one in answer)

    def test_all_in_the_files_are_found(self, wordnet):
        for row in ROWS:
            for word in row.words.split():
                lemma = word.partition("(")[0]
                assert lemma in wordnet
                others = {other.partition("(")[0].replace("_", " ") for other in row.words.split()}
                others -= {lemma.replace("_", " ")}
                assert others <= set(wordnet.synonyms(lemma, pos="a" if row.kind == "s" else row.kind))


class TestKeeping:
    def test_an_answer_can_be_changed_without_harm(self, wordnet):
        wordnet.synonyms("dog").clear()
        assert wordnet.synonyms("dog") == ["domestic dog", "cad"]

    def test_a_word_is_looked_up_once(self, wordnet, monkeypatch):
        wordnet.synonyms("dog")
        monkeypatch.setattr(wordnet, "_senses", None)
        assert wordnet.synonyms("dog") == ["domestic dog", "cad"]

    def test_what_is_kept_has_a_bound(self, wordnet, monkeypatch):
        monkeypatch.setattr(synsets_module, "MOST_ANSWERS", 3)
        monkeypatch.setattr(wordnet_module, "MOST_SYNSETS", 3)
        for row in ROWS:
            wordnet.synonyms(row.words.split()[0])
            wordnet.hypernyms(row.words.split()[0])
            assert len(wordnet._answers) <= 3
            assert len(wordnet._synsets) <= 3
        assert wordnet.synonyms("dog") == ["domestic dog", "cad"]

    def test_a_pickle_opens_the_files_again(self, wordnet):
        wordnet.synonyms("dog")
        data = pickle.dumps(wordnet)
        assert len(data) < 1000
        assert pickle.loads(data).synonyms("mice") == ["computer mouse"]


class TestPlaces:
    def test_a_zip_archive_is_read_where_it_lies(self, wordnet_folder, tmp_path):
        with zipfile.ZipFile(tmp_path / "wordnet.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for path in wordnet_folder.iterdir():
                archive.write(path, f"wordnet/{path.name}")
        lexicon = WordNet(tmp_path / "wordnet.zip")
        assert lexicon.synonyms("mice") == ["computer mouse"]
        assert lexicon.hypernyms("puppy") == ["dog", "canine", "animal", "entity"]
        assert pickle.loads(pickle.dumps(lexicon)).synonyms("nlp") == ["natural language processing"]
        assert sorted(tmp_path.iterdir()) == [tmp_path / "wordnet.zip"]

    def test_the_directory_above_dict_will_do(self, wordnet_folder):
        assert WordNet(wordnet_folder.parent).synonyms("nlp") == ["natural language processing"]

    def test_without_lists_of_exceptions_the_rules_remain(self, tmp_path):
        folder = write_wordnet(tmp_path / "dict")
        for path in folder.glob("*.exc"):
            path.unlink()
        assert WordNet(folder).synonyms("mice") == []
        assert WordNet(folder).synonyms("dogs") == ["domestic dog", "cad"]

    def test_nothing_there(self, tmp_path):
        with pytest.raises(InputError, match=r"no such file or directory: .*nowhere"):
            WordNet(tmp_path / "nowhere")
        with pytest.raises(InputError, match="the path is empty"):
            WordNet("")
        with pytest.raises(InputError, match="holds no WordNet"):
            WordNet(tmp_path)
