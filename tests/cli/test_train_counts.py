"""What `embedkit train-svd` and `embedkit train-glove` share: text, counting, outputs, and what they say."""

import json

import numpy as np
import pytest

from embedkit.models.cooccurrence import counting
from embedkit.models.glove import training as glove_training
from embedkit.models.svd import embedding
from embedkit.text import encoding
from embedkit.text.vocabulary import Vocabulary
from embedkit.vectors.keyed_vectors import KeyedVectors

FAST = {
    "train-svd": ["--vector-size", "8", "--threads", "1"],
    "train-glove": ["--vector-size", "8", "--epochs", "3", "--threads", "1"],
}
each_command = pytest.mark.parametrize("name", FAST)


@pytest.fixture
def train(invoke, tmp_path):
    """Train quickly, and give the vectors; options follow the input."""

    def run(name, source, *options, output="v.bin"):
        result = invoke(name, source, "-o", tmp_path / output, *FAST[name], "--quiet", *options)
        assert result.exit_code == 0, result.output
        return KeyedVectors.load(tmp_path / output)

    return run


@each_command
def test_writes_vectors_that_know_which_words_meet(train, corpus, name):
    words = sorted(set(corpus.read_text().split()))
    # GloVe sees only words that meet: without these lines nothing would hold the worlds apart.
    corpus.write_text(corpus.read_text() + " ".join(words * 10) + "\n")
    vectors = train(name, corpus, *(["--epochs", "60"] if name == "train-glove" else []))
    assert len(vectors) == 20
    assert vectors.vector_size == 8
    for world in ({"cat", "dog", "mouse", "fur", "paw"}, {"rain", "snow", "wind", "cloud", "storm"}):
        asked = min(world)
        assert {word for word, _ in vectors.most_similar(positive=[asked], topn=4)} == world - {asked}


@each_command
def test_json_is_exactly_one_object(command, corpus, tmp_path, name):
    done = command(name, corpus, "-o", tmp_path / "v.bin", *FAST[name], "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["words"] == 1500 * 12
    assert report["documents"] == 1500
    assert report["vocabulary"] == 20
    # Each word meets all five of its world, itself included.
    assert report["pairs"] == 4 * 5 * 5
    assert report["spilled_bytes"] == 0
    assert set(report["seconds"]) == {"vocabulary", "counting", "training"}
    assert report["parameters"]["vector_size"] == 8
    assert report["parameters"]["window"] == (10 if name == "train-glove" else 5)
    assert report["parameters"]["min_count"] == 5
    assert report["threads"] == 1
    assert report["seed"] == 1
    assert report["output"] == str(tmp_path / "v.bin")
    assert report["embedkit"]
    assert len(report["notes"]) == 1


@each_command
def test_off_a_terminal_progress_is_plain_lines_on_standard_error(command, corpus, tmp_path, name):
    output = tmp_path / "v.bin"
    done = command(name, corpus, "-o", output, *FAST[name])
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert lines[0].startswith("read 18,000 words in 1,500 documents")
    assert lines[1] == "vocabulary of 20 words"
    assert lines[2].startswith("counted 100 pairs in ")
    assert f"wrote 20 vectors of size 8 to {output}" in lines
    assert f"  embedkit neighbors {output} WORD" in lines
    assert "\x1b" not in done.stderr


@each_command
def test_quiet_says_nothing(command, corpus, tmp_path, name):
    done = command(name, corpus, "-o", tmp_path / "v.bin", *FAST[name], "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "v.bin").exists()


@each_command
@pytest.mark.parametrize(
    "option",
    [["--window", "2"], ["--distance", "linear"], ["--directional", "left"], ["--min-count", "890"]],
    ids=" ".join,
)
def test_each_option_of_counting_changes_the_vectors(train, corpus, name, option):
    plain, other = train(name, corpus), train(name, corpus, *option, output="other.bin")
    assert plain.vectors.shape != other.vectors.shape or not np.allclose(plain.vectors, other.vectors, atol=1e-4)


@each_command
def test_the_text_is_read_as_the_options_say(train, tmp_path, name):
    text = tmp_path / "text.txt"
    text.write_bytes("The cat, the DOG. THE Cat fed the dog caf\xe9\n".encode("latin-1") * 50)
    options = ["--tokenizer", "words", "--lowercase", "--encoding-errors", "ignore", "--vector-size", "2"]
    vectors = train(name, text, *options, "--max-vocab", "4", "--save-vocab", tmp_path / "vocab.txt")
    assert vectors.index_to_key == ["the", "cat", "dog", "caf"]
    assert Vocabulary.load(tmp_path / "vocab.txt").words == vectors.index_to_key
    again = train(name, text, *options, "--read-vocab", tmp_path / "vocab.txt", output="again.bin")
    assert np.array_equal(vectors.vectors, again.vectors)


@each_command
def test_context_vectors_are_saved_beside_the_word_vectors(train, corpus, tmp_path, name):
    vectors = train(name, corpus, "--directional", "left", "--save-output-vectors", tmp_path / "contexts.bin")
    contexts = KeyedVectors.load(tmp_path / "contexts.bin")
    assert contexts.index_to_key == vectors.index_to_key
    assert not np.allclose(contexts.vectors, vectors.vectors)


@each_command
def test_threads_and_memory_reach_every_stage(train, corpus, monkeypatch, name):
    met = {}

    def watched(function):
        def call(*arguments, **settings):
            met[function.__name__] = settings["n_threads"], settings.get("memory")
            return function(*arguments, **settings)

        return call

    for module, function in (
        (encoding, "encode_corpus"),
        (counting, "count_cooccurrences"),
        (glove_training if name == "train-glove" else embedding, "train"),
    ):
        monkeypatch.setattr(module, function, watched(getattr(module, function)))
    train(name, corpus, "--threads", 3, "--memory", "5MB")
    size = 5_000_000
    assert met == {
        # A quarter of the budget: counting holds the ids as well as all else.
        "encode_corpus": (3, size // 4),
        "count_cooccurrences": (3, size),
        "train": (3, size if name == "train-glove" else None),
    }


@each_command
def test_what_went_through_temporary_files_is_reported(invoke, corpus, tmp_path, monkeypatch, name):
    count = counting.count_cooccurrences

    def spilling(*arguments, **settings):
        counts = count(*arguments, **settings)
        counts.spilled_bytes = 1234
        return counts

    monkeypatch.setattr(counting, "count_cooccurrences", spilling)
    result = invoke(name, corpus, "-o", tmp_path / "v.bin", *FAST[name], "--json")
    assert json.loads(result.stdout)["spilled_bytes"] == 1234


@each_command
@pytest.mark.parametrize("output", ["v.vec", "v.txt", "v.embedkit"])
def test_the_ending_chooses_the_format(train, corpus, name, output):
    vectors = train(name, corpus, output=output)
    assert len(vectors) == 20
    assert (vectors.counts is not None) == (output == "v.embedkit")


@each_command
def test_a_word_that_the_format_cannot_hold_is_found_before_training(fails, corpus, tmp_path, monkeypatch, name):
    monkeypatch.setattr(Vocabulary, "load", lambda path: Vocabulary(["cat", "dog", "a\0b"], [9, 8, 7]))
    for module in (glove_training, embedding):
        monkeypatch.setattr(module, "train", None)
    message = fails(name, corpus, "-o", tmp_path / "older.bin", *FAST[name], "--read-vocab", "vocab.txt")
    assert "does not fit the format word2vec-binary" in message


class TestErrors:
    """All but the last are found out before the text is read."""

    @pytest.fixture(params=FAST)
    def train_fails(self, request, fails, tmp_path):
        return lambda *arguments: fails(request.param, "-o", tmp_path / "older.bin", *FAST[request.param], *arguments)

    @pytest.mark.parametrize(
        ("option", "name"),
        [
            (["--vector-size", "0"], "vector_size"),
            (["--window", "0"], "window"),
            (["--window", "-3"], "window"),
            (["--min-count", "-1"], "min_count"),
        ],
        ids=lambda value: " ".join(value) if isinstance(value, list) else value,
    )
    def test_impossible_values(self, train_fails, unread, option, name):
        assert name in train_fails(unread, *option)

    @pytest.mark.parametrize("option", ["--save-vocab", "--save-output-vectors"])
    def test_outputs_that_cannot_be_written(self, train_fails, unread, tmp_path, option):
        assert "nowhere" in train_fails(unread, option, tmp_path / "nowhere" / "v.bin")

    def test_an_output_that_is_the_input(self, train_fails, tmp_path):
        assert "input" in train_fails(tmp_path / "older.bin")

    def test_no_pair_at_all(self, train_fails, tmp_path):
        lonely = tmp_path / "lonely.txt"
        lonely.write_text("one\ntwo\none\ntwo\n" * 5)
        message = train_fails(lonely)
        assert "no pair" in message
        assert "documents of several words" in message

    def test_a_budget_too_small_for_a_block(self, train_fails, corpus):
        assert "memory" in train_fails(corpus, "--memory", "10kB")


def test_phrases_have_no_effect_on_a_counts_file(invoke, tmp_path):
    (tmp_path / "text.txt").write_text("a b c a b\n" * 20)
    invoke("cooccur", tmp_path / "text.txt", "-o", tmp_path / "c.npz")
    result = invoke("train-svd", tmp_path / "c.npz", "-o", tmp_path / "v.bin", "--vector-size", "2", "--phrases")
    assert "--phrases has no effect on a counts file" in result.stderr
