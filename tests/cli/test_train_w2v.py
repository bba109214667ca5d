"""`embedkit train-w2v` on small corpora: what it writes, what it says, and that its options reach the training."""

import gzip
import json
import tempfile
from tempfile import TemporaryFile

import numpy as np
import pytest

from embedkit.models.word2vec import training as word2vec_training
from embedkit.text import encoding
from embedkit.text.vocabulary import Vocabulary
from embedkit.vectors.keyed_vectors import KeyedVectors

SMALL = ["--vector-size", "8", "--epochs", "2", "--threads", "1"]


def load(path):
    return KeyedVectors.load(path)


def test_writes_vectors_that_know_which_words_meet(trained):
    vectors = load(trained)
    assert len(vectors) == 20
    assert vectors.vector_size == 16
    nearest = {word for word, _ in vectors.most_similar(positive=["cat"], topn=4)}
    assert nearest == {"dog", "mouse", "fur", "paw"}


def test_json_is_exactly_one_object_with_the_promised_keys(command, corpus, tmp_path):
    done = command("train-w2v", corpus, "-o", tmp_path / "v.bin", *SMALL, "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["words"] == 1500 * 12
    assert report["documents"] == 1500
    assert report["vocabulary"] == 20
    assert report["epochs"] == 2
    assert len(report["loss"]) == 2
    assert 0 < report["loss"][1] < report["loss"][0]
    assert report["words_per_second"] > 0
    assert set(report["seconds"]) == {"vocabulary", "training"}
    assert report["peak_rss_mb"] is None or report["peak_rss_mb"] > 10
    assert report["parameters"]["vector_size"] == 8
    assert report["parameters"]["learning_rate"] == 0.025
    assert report["threads"] == 1
    assert report["seed"] == 1
    assert report["output"] == str(tmp_path / "v.bin")
    assert report["embedkit"]


def test_words_per_second_are_raw_words_times_epochs_by_training_seconds(command, corpus, tmp_path):
    done = command("train-w2v", corpus, "-o", tmp_path / "v.bin", *SMALL, "--min-count", 890, "--json", "--quiet")
    report = json.loads(done.stdout)
    assert report["vocabulary"] < 20
    expected = report["words"] * report["epochs"] / report["seconds"]["training"]
    assert report["words_per_second"] == pytest.approx(expected, rel=0.02)


def test_off_a_terminal_progress_is_plain_lines_on_standard_error(command, corpus, tmp_path):
    done = command("train-w2v", corpus, "-o", tmp_path / "v.bin", *SMALL)
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert lines[0].startswith("read 18,000 words in 1,500 documents")
    assert lines[1] == "vocabulary of 20 words"
    assert lines[2].startswith("epoch 1/2 done: loss ")
    assert lines[3].startswith("epoch 2/2 done: loss ")
    assert "\x1b" not in done.stderr


def test_the_summary_says_what_to_try_next(command, corpus, tmp_path):
    output = tmp_path / "v.bin"
    done = command("train-w2v", corpus, "-o", output, *SMALL)
    assert f"wrote 20 vectors of size 8 to {output}" in done.stderr
    assert f"embedkit neighbors {output}" in done.stderr


def test_quiet_says_nothing(command, corpus, tmp_path):
    done = command("train-w2v", corpus, "-o", tmp_path / "v.bin", *SMALL, "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "v.bin").exists()


def test_one_thread_and_one_seed_give_the_same_bytes(invoke, corpus, tmp_path):
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        assert invoke("train-w2v", corpus, "-o", tmp_path / name, "--format", "word2vec-binary", *SMALL, "--seed", seed)
    first, again, other = ((tmp_path / name).read_bytes() for name in "abc")
    assert first == again
    assert first != other


@pytest.mark.parametrize("arch", ["skipgram", "cbow"])
@pytest.mark.parametrize("loss", ["ns", "hs"])
def test_each_model_trains(invoke, corpus, tmp_path, arch, loss):
    result = invoke("train-w2v", corpus, "-o", tmp_path / "v.bin", *SMALL, "--arch", arch, "--loss", loss, "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert report["parameters"]["architecture"] == arch
    assert report["parameters"]["loss"] == loss
    assert report["loss"][1] < report["loss"][0]


@pytest.mark.parametrize(
    "option",
    [
        ["--window", "2"],
        ["--negative", "9"],
        ["--ns-exponent", "0"],
        ["--sample", "0.5"],
        ["--no-dynamic-window"],
        ["--lr", "0.1"],
        ["--min-lr", "0.02"],
        ["--arch", "cbow"],
        ["--arch", "cbow", "--cbow-sum"],
        ["--loss", "hs"],
        ["--seed", "5"],
        ["--epochs", "3"],
    ],
    ids=" ".join,
)
def test_each_option_changes_the_vectors(invoke, corpus, tmp_path, option):
    plain = ["--arch", "cbow"] if "--cbow-sum" in option else []
    for name, more in (("plain.bin", plain), ("other.bin", option)):
        result = invoke("train-w2v", corpus, "-o", tmp_path / name, *SMALL, "--quiet", *more)
        assert result.exit_code == 0, result.output
    assert not np.array_equal(load(tmp_path / "plain.bin").vectors, load(tmp_path / "other.bin").vectors)


def test_threads_reach_the_reading_and_the_training(invoke, corpus, tmp_path, monkeypatch):
    met = []

    def watched(function):
        def call(*arguments, **settings):
            met.append((function.__name__, settings["n_threads"]))
            return function(*arguments, **settings)

        return call

    monkeypatch.setattr(encoding, "encode_corpus", watched(encoding.encode_corpus))
    monkeypatch.setattr(word2vec_training, "train", watched(word2vec_training.train))
    result = invoke("train-w2v", corpus, "-o", tmp_path / "v.bin", *SMALL, "--threads", 4, "--json")
    assert result.exit_code == 0, result.output
    assert met == [("encode_corpus", 4), ("train", 4)]
    assert json.loads(result.stdout)["threads"] == 4


@pytest.mark.parametrize(("errors", "word"), [("replace", "caf\ufffd"), ("ignore", "caf")])
def test_words_that_are_not_utf8_are_repaired_on_demand(invoke, tmp_path, errors, word):
    (tmp_path / "latin.txt").write_bytes(b"good tea caf\xe9\n" * 50)
    result = invoke("train-w2v", tmp_path / "latin.txt", "-o", tmp_path / "v.bin", *SMALL, "--encoding-errors", errors)
    assert result.exit_code == 0, result.output
    assert set(load(tmp_path / "v.bin")) == {"good", "tea", word}


@pytest.mark.parametrize(("memory", "files"), [("1kB", 1), ("1MB", 0)])
def test_word_ids_beyond_memory_go_to_a_temporary_file(invoke, corpus, tmp_path, monkeypatch, memory, files):
    made = []

    def watched(*arguments, **settings):
        made.append(TemporaryFile(*arguments, **settings))  # noqa: SIM115
        return made[-1]

    monkeypatch.setattr(tempfile, "TemporaryFile", watched)
    result = invoke("train-w2v", corpus, "-o", tmp_path / "v.bin", *SMALL, "--memory", memory)
    assert result.exit_code == 0, result.output
    assert len(made) == files
    assert all(file.closed for file in made)


@pytest.mark.parametrize("name", ["v.bin", "v.vec", "v.txt", "v.vec.gz"])
def test_the_ending_chooses_the_format(invoke, corpus, tmp_path, name):
    assert invoke("train-w2v", corpus, "-o", tmp_path / name, *SMALL, "--quiet").exit_code == 0
    assert len(load(tmp_path / name)) == 20


def test_the_native_format_keeps_the_counts(invoke, corpus, tmp_path):
    output = tmp_path / "vectors"
    assert invoke("train-w2v", corpus, "-o", output, "--format", "native", *SMALL, "--quiet").exit_code == 0
    assert load(output).counts.sum() == 18_000


def test_what_the_format_cannot_hold_is_said(invoke, corpus, tmp_path):
    result = invoke("train-w2v", corpus, "-o", tmp_path / "v.bin", *SMALL)
    assert result.stderr.count("holds no counts of words") == 1


def test_reads_standard_input(command, text, tmp_path):
    done = command("train-w2v", "-", "-o", tmp_path / "v.bin", *SMALL, "--json", input=text)
    assert json.loads(done.stdout)["words"] == 18_000


def test_reads_directories_globs_and_compressed_files(invoke, text, tmp_path):
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "a.txt").write_text(text)
    (folder / "b.txt.gz").write_bytes(gzip.compress(text.encode()))
    for source in (folder, folder / "*"):
        result = invoke("train-w2v", source, "-o", tmp_path / "v.bin", *SMALL, "--json")
        assert json.loads(result.stdout)["words"] == 36_000, source


def test_tokenizer_and_case_are_the_users_choice(invoke, tmp_path):
    (tmp_path / "corpus.txt").write_text("The cat, the DOG. don't\n" * 50)
    options = ["--tokenizer", "words", "--lowercase", "--save-vocab", tmp_path / "vocab.txt"]
    result = invoke("train-w2v", tmp_path / "corpus.txt", "-o", tmp_path / "v.bin", *SMALL, *options)
    assert result.exit_code == 0, result.output
    assert sorted(Vocabulary.load(tmp_path / "vocab.txt").words) == ["cat", "dog", "don't", "the"]


def test_max_vocab_keeps_the_most_frequent_words(invoke, corpus, tmp_path):
    all_words, few = tmp_path / "all.txt", tmp_path / "few.txt"
    invoke("train-w2v", corpus, "-o", tmp_path / "v.bin", *SMALL, "--save-vocab", all_words)
    result = invoke("train-w2v", corpus, "-o", tmp_path / "v.bin", *SMALL, "--save-vocab", few, "--max-vocab", 7)
    assert result.exit_code == 0, result.output
    assert Vocabulary.load(few).words == Vocabulary.load(all_words).words[:7]


def test_a_saved_vocabulary_can_be_read_back(invoke, corpus, tmp_path):
    vocabulary = tmp_path / "vocab.txt"
    invoke("train-w2v", corpus, "-o", tmp_path / "a.bin", *SMALL, "--save-vocab", vocabulary)
    result = invoke("train-w2v", corpus, "-o", tmp_path / "b.bin", *SMALL, "--read-vocab", vocabulary)
    assert result.exit_code == 0, result.output
    assert (tmp_path / "a.bin").read_bytes() == (tmp_path / "b.bin").read_bytes()


def test_a_vocabulary_that_is_read_can_be_shortened(invoke, corpus, tmp_path):
    vocabulary = tmp_path / "vocab.txt"
    vocabulary.write_text("cat 9\ndog 8\nmouse 2\n")
    for option in (["--max-vocab", 2, "--min-count", 1], ["--min-count", 3]):
        output = ["-o", tmp_path / "v.bin", "--read-vocab", vocabulary]
        assert invoke("train-w2v", corpus, *output, *SMALL, *option).exit_code == 0
        assert list(load(tmp_path / "v.bin")) == ["cat", "dog"]


def test_output_vectors_are_saved_beside_the_input_vectors(invoke, corpus, tmp_path):
    extra = ["--save-output-vectors", tmp_path / "out.bin"]
    assert invoke("train-w2v", corpus, "-o", tmp_path / "v.bin", *SMALL, *extra).exit_code == 0
    vectors, contexts = load(tmp_path / "v.bin"), load(tmp_path / "out.bin")
    assert vectors.index_to_key == contexts.index_to_key
    assert not np.array_equal(vectors.vectors, contexts.vectors)


def test_init_starts_from_the_vectors_of_a_file(invoke, corpus, trained, tmp_path):
    tiny = ["--lr", "1e-9", "--min-lr", "1e-9", "--vector-size", "16", "--epochs", "1", "--threads", "1"]
    (tmp_path / "more.txt").write_text(corpus.read_text() + "zebra zebu\n" * 10)
    result = invoke("train-w2v", tmp_path / "more.txt", "-o", tmp_path / "v.bin", *tiny, "--init", trained)
    assert result.exit_code == 0, result.output
    assert "20 of 22 words start from" in result.stderr
    before, after = load(trained), load(tmp_path / "v.bin")
    for word in before:
        np.testing.assert_allclose(after[word], before[word], atol=1e-5)
    assert np.isfinite(after["zebra"]).all()
    assert after["zebra"].any()


def test_init_may_be_the_output_to_train_on(invoke, corpus, tmp_path):
    path = tmp_path / "v.bin"
    assert invoke("train-w2v", corpus, "-o", path, *SMALL).exit_code == 0
    before = path.read_bytes()
    result = invoke("train-w2v", corpus, "-o", path, *SMALL, "--init", path)
    assert result.exit_code == 0, result.output
    assert path.read_bytes() != before


def test_options_without_effect_are_named(invoke, corpus, tmp_path):
    result = invoke(
        "train-w2v", corpus, "-o", tmp_path / "v.bin", *SMALL, "--loss", "hs", "--negative", 3, "--cbow-sum"
    )
    assert result.exit_code == 0, result.output
    assert "--negative has no effect without --loss ns" in result.stderr
    assert "--cbow-sum has no effect without --arch cbow" in result.stderr


def test_an_interruption_between_two_outputs_names_the_complete_one(invoke, corpus, tmp_path, monkeypatch):
    def interrupt(self, path):
        raise KeyboardInterrupt

    monkeypatch.setattr(Vocabulary, "save", interrupt)
    result = invoke("train-w2v", corpus, "-o", tmp_path / "v.bin", *SMALL, "--save-vocab", tmp_path / "vocab.txt")
    assert result.exit_code == 130
    assert f"Interrupted; complete by then: {tmp_path / 'v.bin'}" in result.stderr


def test_an_epoch_without_a_pair_has_the_loss_null(invoke, tmp_path):
    corpus = tmp_path / "tiny.txt"
    corpus.write_text("a b c d\n" * 8)
    options = ["--min-count", 1, "--sample", 0.003, "--epochs", 20, "--vector-size", 4, "--threads", 1, "--json"]
    result = invoke("train-w2v", corpus, "-o", tmp_path / "v.bin", *options)
    assert result.exit_code == 0, result.output
    losses = json.loads(result.stdout)["loss"]
    assert len(losses) == 20
    assert None in losses
    assert any(isinstance(loss, float) for loss in losses)
