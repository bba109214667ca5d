"""`embedkit cooccur`, what `info` says of its files, and training on them."""

import json

import numpy as np
import pytest
from scipy.sparse import load_npz

from embedkit.models.cooccurrence.matrix_file import load_counts, save_counts
from embedkit.text.vocabulary import Vocabulary
from embedkit.vectors.keyed_vectors import KeyedVectors

# The teaching example of the field, with a line that has no word.
SENTENCES = "I like deep learning .\n\nI like NLP .\nI enjoy flying .\n"
RADIUS_2 = {
    "I": {"like": 2, "enjoy": 1, "deep": 1, "NLP": 1, "flying": 1},
    "like": {"I": 2, "deep": 1, "learning": 1, "NLP": 1, ".": 1},
    "enjoy": {"I": 1, "flying": 1, ".": 1},
    "deep": {"I": 1, "like": 1, "learning": 1, ".": 1},
    "learning": {"like": 1, "deep": 1, ".": 1},
    "NLP": {"I": 1, "like": 1, ".": 1},
    "flying": {"I": 1, "enjoy": 1, ".": 1},
    ".": {"like": 1, "enjoy": 1, "deep": 1, "learning": 1, "NLP": 1, "flying": 1},
}
FAST = {
    "train-svd": ["--vector-size", "4", "--threads", "1"],
    "train-glove": ["--vector-size", "4", "--epochs", "3", "--threads", "1"],
}
FORMAT = {"cooccur": [], "train-w2v": ["--format", "glove"]}
each_command = pytest.mark.parametrize("name", FAST)


@pytest.fixture
def sentences(tmp_path):
    path = tmp_path / "sentences.txt"
    path.write_text(SENTENCES)
    return path


@pytest.fixture
def count(invoke, tmp_path):
    """Count a text, and give the matrix and its words."""

    def run(source, *options, output="counts.npz"):
        vocabulary = tmp_path / "words.txt"
        line = ["cooccur", source, "-o", tmp_path / output, "--save-vocab", vocabulary, "--min-count", "1", "--quiet"]
        result = invoke(*line, *options)
        assert result.exit_code == 0, result.output
        words = Vocabulary.load(vocabulary).words
        vocabulary.unlink()
        return load_npz(tmp_path / output).toarray(), words

    return run


@pytest.fixture
def counts_file(count, corpus, tmp_path):
    """Counts of the small corpus."""
    count(corpus, "--window", "4", "--distance", "harmonic", "--lowercase")
    return tmp_path / "counts.npz"


def test_the_matrix_is_that_of_the_teaching_example(count, sentences):
    matrix, words = count(sentences, "--window", "2")
    expected = [[RADIUS_2[row].get(column, 0) for column in words] for row in words]
    assert sorted(words) == sorted(RADIUS_2)
    assert matrix.tolist() == expected


def test_by_document_a_column_is_a_line_even_an_empty_one(count, sentences):
    matrix, words = count(sentences, "--by", "document")
    lines = [line.split() for line in SENTENCES.splitlines()]
    assert matrix.tolist() == [[line.count(word) for line in lines] for word in words]


def test_sides_are_transposes_of_each_other_and_add_up(count, sentences):
    left, right, both = (count(sentences, "--directional", side)[0] for side in ("left", "right", "both"))
    assert left.any()
    assert np.array_equal(left, right.T)
    assert np.array_equal(left + right, both)


@pytest.mark.parametrize(
    ("distance", "weights"), [("flat", [1, 1, 1]), ("harmonic", [1, 1 / 2, 1 / 3]), ("linear", [1, 2 / 3, 1 / 3])]
)
def test_distances_weigh_as_the_help_says(count, tmp_path, distance, weights):
    text = tmp_path / "row.txt"
    text.write_text("a b c d\n")
    matrix, words = count(text, "--window", "3", "--distance", distance)
    first = matrix[words.index("a")]
    assert [first[words.index(word)] for word in "bcd"] == pytest.approx(weights)


def test_json_is_exactly_one_object(command, corpus, tmp_path):
    done = command("cooccur", corpus, "-o", tmp_path / "counts.npz", "--threads", "1", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["words"] == 18_000
    assert report["documents"] == 1500
    assert report["vocabulary"] == 20
    assert report["nonzero"] == 100
    assert report["spilled_bytes"] == 0
    assert set(report["seconds"]) == {"vocabulary", "counting"}
    assert report["parameters"]["by"] == "window"
    assert report["parameters"]["window"] == 5
    assert report["output"] == str(tmp_path / "counts.npz")


@pytest.mark.parametrize(("by", "line"), [("window", "wrote 100 pairs of 20 words"), ("document", "20 words in 1,500")])
def test_the_summary_says_what_to_try_next(command, corpus, tmp_path, by, line):
    output = tmp_path / "counts.npz"
    done = command("cooccur", corpus, "-o", output, "--by", by)
    assert done.stdout == ""
    assert line in done.stderr
    assert f"  embedkit info {output}" in done.stderr
    # SVD and GloVe want words beside words.
    assert ("train-svd" in done.stderr) == (by == "window")


@pytest.mark.parametrize(("distance", "expected"), [("flat", False), ("linear", False), ("harmonic", True)])
def test_glove_is_what_to_try_next_with_counts_that_suit_it(invoke, corpus, tmp_path, distance, expected):
    result = invoke("cooccur", corpus, "-o", tmp_path / "counts.npz", "--distance", distance)
    assert ("embedkit train-glove" in result.stderr) == expected
    assert "embedkit train-svd" in result.stderr


def test_counting_loads_no_scikit_learn(corpus, tmp_path, loaded_after):
    assert not {"sklearn", "rich"} & loaded_after("cooccur", str(corpus), "-o", str(tmp_path / "c.npz"), "--quiet")


def test_options_without_effect_are_named(invoke, corpus, tmp_path):
    result = invoke("cooccur", corpus, "-o", tmp_path / "counts.npz", "--by", "document", "--window", "3")
    assert result.exit_code == 0, result.output
    assert "--window has no effect with --by document" in result.stderr
    assert "--memory" not in result.stderr


@pytest.mark.parametrize(("by", "expected"), [("document", True), ("window", False)])
def test_that_memory_does_not_bound_words_in_documents_is_said(invoke, corpus, tmp_path, by, expected):
    result = invoke("cooccur", corpus, "-o", tmp_path / "counts.npz", "--by", by, "--memory", "1GB")
    assert result.exit_code == 0, result.output
    assert ("--memory bounds only the word ids" in result.stderr) == expected


class TestErrors:
    @pytest.fixture
    def count_fails(self, fails, tmp_path):
        return lambda source, *options: fails("cooccur", source, "-o", tmp_path / "counts.npz", *options)

    @pytest.mark.parametrize(
        ("option", "name"),
        [(["--window", "0"], "window"), (["--min-count", "-1"], "min_count"), (["--max-vocab", "0"], "max_vocab")],
        ids=lambda value: " ".join(value) if isinstance(value, list) else value,
    )
    def test_impossible_values_are_found_before_the_text_is_read(self, count_fails, unread, option, name):
        assert name in count_fails(unread, *option)

    @pytest.mark.parametrize(
        ("name", "better"),
        [
            ("counts", "counts.npz"),
            ("counts.npy", "counts.npy.npz"),
            ("counts.npz.gz", "counts.npz"),
            ("counts.xz", "counts.npz"),
            ("counts.NPZ.BZ2", "counts.NPZ"),
        ],
    )
    def test_an_output_that_does_not_end_in_npz(self, fails, unread, tmp_path, name, better):
        message = fails("cooccur", unread, "-o", tmp_path / name)
        assert message.endswith(f"call it {tmp_path / better}")

    def test_an_output_without_a_name(self, fails, unread):
        assert "the path is empty" in fails("cooccur", unread, "-o", "")

    def test_outputs_that_cannot_be_written(self, fails, unread, tmp_path):
        assert "nowhere" in fails("cooccur", unread, "-o", tmp_path / "nowhere" / "counts.npz")

    def test_an_output_that_is_the_input(self, fails, tmp_path):
        path, link = tmp_path / "text.npz", tmp_path / "text.txt"
        path.write_text("precious words\n")
        link.symlink_to(path)
        assert "is also the input" in fails("cooccur", link, "-o", path)

    def test_no_pair_at_all(self, count_fails, tmp_path):
        lonely = tmp_path / "lonely.txt"
        lonely.write_text("one\ntwo\none\ntwo\n" * 5)
        assert "no pair" in count_fails(lonely)

    def test_a_budget_too_small_for_a_block(self, count_fails, corpus):
        message = count_fails(corpus, "--memory", "10kB")
        assert "memory=10000" in message
        assert "expected" in message

    @pytest.mark.parametrize("name", ["cooccur", "train-w2v"])
    def test_a_counts_file_as_a_text(self, fails, counts_file, corpus, name):
        for inputs in ([counts_file], [corpus, counts_file]):
            message = fails(name, *inputs, "-o", counts_file.with_name("other.npz"), *FORMAT[name])
            assert f"{counts_file} is a file of counts or of other arrays, expected text" in message
            assert "train-svd" in message

    @pytest.mark.parametrize("line", [["neighbors", "cat"], ["analogy", "cat", "dog", "tea"]], ids=lambda line: line[0])
    def test_a_counts_file_as_vectors(self, fails, counts_file, line):
        message = fails(line[0], counts_file, *line[1:])
        assert f"{counts_file} is a file of counts or of other arrays, expected word vectors" in message
        assert f"embedkit train-svd {counts_file} -o vectors.bin" in message

    def test_a_counts_file_that_is_missing_is_said_to_be_missing(self, count_fails, tmp_path):
        assert "no such file" in count_fails(tmp_path / "nowhere.npz")


class TestInfo:
    def test_says_what_a_counts_file_holds(self, invoke, counts_file):
        result = invoke("info", counts_file)
        rows = dict(line.split("\t") for line in result.output.splitlines())
        assert rows["words"] == "20"
        assert rows["pairs"] == "100, 25.00% of the matrix"
        assert rows["text"] == "18,000 words in 1,500 documents"
        assert rows["window"] == "4"
        assert rows["distance"] == "harmonic"
        assert rows["lowercase"] == "yes"

    def test_as_json(self, invoke, counts_file):
        facts = json.loads(invoke("info", counts_file, "--json").output)
        matrix = load_npz(counts_file)
        assert facts["sum"] == pytest.approx(matrix.sum())
        assert facts["nonzero"] == matrix.nnz
        assert facts["format"] == "counts"
        assert len(facts["first_words"]) == 10
        assert facts["text"] == {"words": 18_000, "documents": 1500}
        assert facts["parameters"]["window"] == 4

    def test_of_a_term_document_matrix(self, invoke, count, sentences, tmp_path):
        count(sentences, "--by", "document")
        rows = dict(line.split("\t") for line in invoke("info", tmp_path / "counts.npz").output.splitlines())
        assert rows["documents"] == "4"
        assert rows["counts"] == "13, 40.62% of the matrix"
        assert rows["sum"] == "13"

    def test_what_is_no_counts_file_is_one_line(self, fails, tmp_path):
        np.savez(tmp_path / "foreign.npz", numbers=np.arange(3))
        assert "foreign.npz" in fails("info", tmp_path / "foreign.npz")


@each_command
class TestTraining:
    @pytest.fixture
    def train(self, invoke, tmp_path):
        def run(name, source, *options, output="v.bin"):
            return invoke(name, source, "-o", tmp_path / output, *FAST[name], *options)

        return run

    def test_on_a_file_is_training_on_the_text(self, train, name, corpus, counts_file, tmp_path):
        of_file = train(name, counts_file, "--json")
        assert of_file.exit_code == 0, of_file.output
        same = ["--window", "4", "--distance", "harmonic", "--min-count", "1", "--lowercase"]
        of_text = train(name, corpus, *same, "--json", output="text.bin")
        vectors, expected = (KeyedVectors.load(tmp_path / path) for path in ("v.bin", "text.bin"))
        assert vectors.index_to_key == expected.index_to_key
        assert np.array_equal(vectors.vectors, expected.vectors)
        some, others = json.loads(of_file.stdout), json.loads(of_text.stdout)
        for key in ("words", "documents", "vocabulary", "pairs", "parameters"):
            assert some[key] == others[key]

    def test_says_what_was_read(self, train, name, counts_file):
        result = train(name, counts_file)
        assert result.stderr.splitlines()[0] == f"read 100 pairs of 20 words from {counts_file}"

    def test_the_vocabulary_of_the_file_can_be_saved(self, train, name, counts_file, tmp_path):
        assert train(name, counts_file, "--save-vocab", tmp_path / "vocab.txt").exit_code == 0
        vocabulary = Vocabulary.load(tmp_path / "vocab.txt")
        assert vocabulary.words == KeyedVectors.load(tmp_path / "v.bin").index_to_key
        assert vocabulary.counts.sum() == 18_000

    def test_options_that_say_what_the_file_is_are_welcome(self, train, name, counts_file):
        options = ["--window", "4", "--distance", "harmonic", "--lowercase", "--min-count", "1"]
        assert train(name, counts_file, *options).exit_code == 0

    @pytest.mark.parametrize(
        ("option", "made"),
        [
            (["--window", "7"], "with --window 4"),
            (["--distance", "flat"], "with --distance harmonic"),
            (["--directional", "left"], "with --directional both"),
            (["--min-count", "3"], "with --min-count 1"),
            (["--tokenizer", "words"], "with --tokenizer whitespace"),
            (["--max-vocab", "9"], "without --max-vocab"),
            (["--lowercase"], "without --lowercase"),
        ],
        ids=lambda value: " ".join(value) if isinstance(value, list) else "",
    )
    def test_options_that_the_file_contradicts_are_refused(
        self, fails, name, count, corpus, counts_file, tmp_path, option, made
    ):
        if option == ["--lowercase"]:
            count(corpus)
        message = fails(name, counts_file, "-o", tmp_path / "older.bin", *option)
        assert message.startswith(f"Error: {' '.join(option)} was given, but {counts_file} was counted {made}")

    def test_options_of_which_the_file_does_not_tell_are_refused_as_that(self, fails, name, counts_file, tmp_path):
        found = load_counts(counts_file)
        save_counts(counts_file, found.matrix, found.vocabulary, {})
        message = fails(name, counts_file, "-o", tmp_path / "older.bin", "--window", "5")
        assert message.startswith(f"Error: --window 5 was given, but {counts_file} does not tell whether")

    def test_options_without_effect_on_a_file_are_named(self, train, name, corpus, count, tmp_path):
        vocabulary = tmp_path / "v.txt"
        vocabulary.write_text("cat 900\ndog 800\n")
        count(corpus, "--read-vocab", vocabulary)
        options = ["--vector-size", "2", "--read-vocab", vocabulary, "--encoding-errors", "ignore"]
        result = train(name, tmp_path / "counts.npz", *options)
        assert result.exit_code == 0, result.output
        for option in ("--read-vocab", "--encoding-errors"):
            assert f"{option} has no effect on a counts file" in result.stderr

    def test_other_inputs_beside_it_are_refused(self, fails, name, corpus, counts_file, tmp_path):
        assert "counts.npz" in fails(name, corpus, counts_file, "-o", tmp_path / "older.bin")

    def test_words_in_documents_are_refused(self, fails, name, count, corpus, tmp_path):
        count(corpus, "--by", "document")
        message = fails(name, tmp_path / "counts.npz", "-o", tmp_path / "older.bin")
        assert "counts words in documents" in message

    def test_an_output_that_is_the_counts_file(self, fails, name, counts_file):
        assert "input" in fails(name, counts_file, "-o", counts_file, "--format", "glove")

    def test_what_is_no_counts_file_is_named(self, fails, name, counts_file, tmp_path):
        np.savez(tmp_path / "foreign.npz", numbers=np.arange(3))
        (tmp_path / "cut.npz").write_bytes(counts_file.read_bytes()[:-100])
        (tmp_path / "text.npz").write_text("words")
        (tmp_path / "empty.npz").write_bytes(b"")
        for path in ("foreign.npz", "cut.npz", "text.npz", "empty.npz", "nowhere.npz"):
            assert path in fails(name, tmp_path / path, "-o", tmp_path / "older.bin")
