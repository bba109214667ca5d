"""Bad input to `embedkit lm`: one line that says what is wrong, and outputs that are complete or not there at all."""

import contextlib
import gzip
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from embedkit_cli.main import main

from embedkit.lm import files as lm_files
from embedkit.lm import training as lm_training
from embedkit.lm.files import load_model

posix = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
ARPA = """\\data\\
ngram 1=5
ngram 2=3
ngram 3=1

\\1-grams:
-1.2\t<unk>
-99\t<s>\t-0.3
-0.9\t</s>
-0.5\tcat\t-0.2
-0.7\tdog\t-0.1

\\2-grams:
-0.3\t<s> cat\t-0.1
-0.4\tcat dog\t-0.2
-0.2\tdog </s>

\\3-grams:
-0.1\t<s> cat dog

\\end\\
"""


@pytest.fixture
def train_fails(fails, tmp_path):
    """Train into a new file, which must fail."""

    def run(*arguments: object) -> str:
        return fails("lm", "train", "-o", tmp_path / "m.lm", "--threads", 1, *arguments)

    return run


@pytest.fixture(scope="session")
def model(tmp_path_factory, text) -> Path:
    """A native model of the small corpus."""
    folder = tmp_path_factory.mktemp("lm-errors")
    (folder / "corpus.txt").write_text(text)
    result = CliRunner().invoke(main, ["lm", "train", str(folder / "corpus.txt"), "-o", str(folder / "m.lm"), "-q"])
    assert result.exit_code == 0, result.output
    return folder / "m.lm"


def written(path: Path, data: bytes | str) -> Path:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


class TestText:
    @pytest.mark.parametrize("data", [b"", b"\n\n  \n"], ids=["nothing", "blank lines"])
    def test_an_empty_corpus(self, train_fails, tmp_path, data):
        message = train_fails(written(tmp_path / "empty.txt", data))
        assert "no words in" in message
        assert "empty.txt" in message

    def test_a_missing_corpus(self, train_fails, tmp_path):
        assert "nowhere.txt" in train_fails(tmp_path / "nowhere.txt")

    def test_a_model_in_the_place_of_text(self, train_fails, model, tmp_path):
        assert "is a language model, expected text" in train_fails(model)
        assert "is a language model, expected text" in train_fails(written(tmp_path / "model.arpa", ARPA))

    def test_text_that_is_not_utf8(self, train_fails, unread):
        assert "unread.txt is not valid UTF-8" in train_fails(unread)

    def test_an_order_longer_than_every_sentence_trains_what_there_is(self, invoke, tmp_path):
        path = written(tmp_path / "short.txt", "a b\nc d\n" * 3)
        result = invoke("lm", "train", path, "-o", tmp_path / "m.arpa", "--order", 7, "--smoothing", "witten-bell")
        assert result.exit_code == 0, result.output
        assert "Warning: no sentence has 7 tokens, <s> and </s> included: the order is 4 instead" in result.stderr
        assert "order 4, 7 + 6 + 4 + 2 n-grams" in result.stderr
        assert load_model(tmp_path / "m.arpa").order == 4

    @pytest.mark.parametrize("symbol", ["<s>", "</s>"])
    def test_marks_of_sentences_in_the_text_are_refused_or_skipped(self, train_fails, invoke, tmp_path, symbol):
        path = written(tmp_path / "t.txt", f"a {symbol} b <unk>\na b\n")
        message = train_fails(path)
        assert repr(symbol) in message
        assert "--skip-symbols" in message
        options = ["--skip-symbols", "--smoothing", "witten-bell"]
        result = invoke("lm", "train", path, "-o", tmp_path / "m.lm", *options)
        assert result.exit_code == 0, result.output
        assert load_model(tmp_path / "m.lm").words == ["<unk>", "<s>", "</s>", "a", "b"]

    def test_nothing_but_symbols(self, train_fails, tmp_path):
        path = written(tmp_path / "t.txt", "<s> </s>\n<unk>\n")
        assert "no words are left" in train_fails(path, "--skip-symbols")

    def test_discounts_that_cannot_be_estimated_warn_or_fail(self, train_fails, invoke, tmp_path):
        path = written(tmp_path / "few.txt", "a b\nc d\n")
        result = invoke("lm", "train", path, "-o", tmp_path / "m.lm", "--order", 2)
        assert result.exit_code == 0, result.output
        assert "Warning: modified-kneser-ney: the discounts of order 2 cannot be estimated" in result.stderr
        (tmp_path / "m.lm").unlink()
        message = train_fails(path, "--order", 2, "--no-discount-fallback")
        assert "--no-discount-fallback" in message
        assert "order 1" in message

    def test_no_word_reaches_min_count(self, train_fails, tmp_path):
        assert "--min-count" in train_fails(written(tmp_path / "few.txt", "a b c a b a\n"), "--min-count", 5)

    def test_one_sentence_is_too_few_to_hold_one_out(self, train_fails, tmp_path):
        path = written(tmp_path / "one.txt", "a b c\n")
        assert "--held-out" in train_fails(path, "--smoothing", "jelinek-mercer")

    def test_a_vocabulary_that_is_none(self, train_fails, corpus, tmp_path):
        for data in ("a cat sat\n", "", b"caf\xe9\n"):
            assert "words.txt" in train_fails(corpus, "--vocab", written(tmp_path / "words.txt", data))
        assert "nowhere.txt" in train_fails(corpus, "--vocab", tmp_path / "nowhere.txt")


class TestParameters:
    """All of these are found out before the text is read."""

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            (["--order", "0"], "--order 0: expected a whole number from 1 to 16"),
            (["--order", "17"], "--order 17: expected"),
            (["--prune", "0", "2", "1"], "--prune 0 2 1: expected counts that do not fall"),
            (["--prune", "1"], "--prune 1: expected 0 for single words; --min-count"),
            (["--prune", "0", "-1"], "--prune 0 -1: expected a count from 0"),
            (["--prune", "0", "0", "0", "1"], "--prune 0 0 0 1: expected a count from 0 for each of 3 orders"),
            (["--smoothing", "laplace", "--prune", "0", "1"], "leave --prune and --entropy-threshold away"),
            (["--entropy-threshold", "0"], "--entropy-threshold 0.0: expected"),
            (["--smoothing", "lidstone", "--gamma", "0"], "--gamma 0.0: expected"),
            (["--smoothing", "stupid-backoff", "--alpha", "nan"], "--alpha nan: expected"),
            (["--smoothing", "katz", "--interpolated"], "--interpolated: katz is always not interpolated"),
            (["--smoothing", "jelinek-mercer", "--backed-off"], "--backed-off: jelinek-mercer is always interpolated"),
            (["--discount", "0.5", "1"], "--discount 0.5 1.0: expected three numbers"),
            (["--discount", "2", "--smoothing", "kneser-ney"], "--discount 2.0: expected a number above 0, at most 1"),
            (["--discount", "0.5", "--smoothing", "katz"], "--discount 0.5: katz has none"),
            (["--weights", "0.5"], "--weights 0.5: only jelinek-mercer has weights"),
            (["--weights", "0.5", "--smoothing", "jelinek-mercer"], "--weights 0.5: expected 3 numbers"),
        ],
        ids=lambda value: " ".join(value) if isinstance(value, list) else "",
    )
    def test_impossible_values_are_named_by_their_options(self, train_fails, unread, options, message):
        assert message in train_fails(unread, *options)

    @pytest.mark.parametrize(
        "options",
        [
            ["--smoothing", "good-turing"],
            ["--prune", "few"],
            ["--prune", "0.5"],
            ["--order", "three"],
            ["--min-count", "-1"],
            ["--max-vocab", "0"],
            ["--quantize", "4"],
            ["--memory", "lots"],
            ["--threads", "0"],
        ],
        ids=" ".join,
    )
    def test_what_cannot_be_parsed_is_a_usage_error(self, invoke, unread, tmp_path, options):
        result = invoke("lm", "train", unread, "-o", tmp_path / "m.lm", *options)
        assert result.exit_code == 2
        assert options[0] in result.stderr

    @pytest.mark.parametrize("smoothing", ["lidstone", "laplace", "maximum-likelihood", "stupid-backoff"])
    def test_methods_that_no_arpa_file_can_hold(self, fails, unread, tmp_path, smoothing):
        for name in ("m.arpa", "m.arpa.gz"):
            message = fails("lm", "train", unread, "-o", tmp_path / name, "--smoothing", smoothing)
            assert f"--smoothing {smoothing} does not back off" in message
            assert ".lm" in message

    def test_numbers_that_cannot_be_quantised(self, fails, train_fails, unread, tmp_path):
        assert "--quantize 8" in fails("lm", "train", unread, "-o", tmp_path / "m.arpa", "--quantize", 8)
        assert "--quantize 16: laplace" in train_fails(unread, "--quantize", 16, "--smoothing", "laplace")


class TestOutputs:
    """All of these are found out before the text is read."""

    @pytest.mark.parametrize("name", ["m.bin", "m", "m.arpa.zip", "m.txt"])
    def test_an_ending_that_names_no_format(self, fails, unread, tmp_path, name):
        message = fails("lm", "train", unread, "-o", tmp_path / name)
        assert name in message
        assert ".lm" in message
        assert ".arpa" in message

    def test_a_native_file_cannot_be_compressed(self, fails, unread, tmp_path):
        assert "cannot be compressed" in fails("lm", "train", unread, "-o", tmp_path / "m.lm.gz")

    @pytest.mark.parametrize("option", ["--output", "--save-counts"])
    def test_a_folder_that_does_not_exist(self, fails, unread, tmp_path, option):
        others = [] if option == "--output" else ["-o", tmp_path / "m.lm"]
        assert "nowhere" in fails("lm", "train", unread, *others, option, tmp_path / "nowhere" / "m.lm")

    def test_an_output_that_is_read(self, fails, unread, tmp_path):
        words = written(tmp_path / "words.lm", "precious\n")
        out = tmp_path / "m.lm"
        assert "--vocab" in fails("lm", "train", unread, "-o", words, "--vocab", words)
        assert "the input" in fails("lm", "train", unread, "-o", out, "--save-counts", unread)
        held = ["--smoothing", "jelinek-mercer", "--held-out", words]
        assert "--held-out" in fails("lm", "train", unread, "-o", words, *held)
        assert words.read_text() == "precious\n"

    def test_two_outputs_of_one_name(self, fails, unread, tmp_path):
        message = fails("lm", "train", unread, "-o", tmp_path / "m.lm", "--save-counts", tmp_path / "." / "m.lm")
        assert "--save-counts" in message
        assert "--output" in message

    def test_convert_and_mix_check_theirs(self, fails, model, tmp_path):
        other = written(tmp_path / "other.lm", model.read_bytes())
        assert "IN" in fails("lm", "convert", other, other)
        assert "m.bin" in fails("lm", "convert", tmp_path / "nowhere.lm", tmp_path / "m.bin")
        assert "the model" in fails("lm", "mix", model, other, "--weights", 0.5, 0.5, "-o", other)
        text = written(tmp_path / "dev.arpa", "cat\n")
        assert "--tune" in fails("lm", "mix", model, other, "--tune", text, "-o", text)
        assert other.read_bytes() == model.read_bytes()
        assert text.read_text() == "cat\n"


class TestModelFiles:
    @pytest.fixture(params=["perplexity", "score", "generate", "next", "convert", "mix", "info"])
    def reading_fails(self, request, fails, corpus, model, tmp_path):
        """Every command that reads a model says the same."""
        arguments = {
            "perplexity": lambda path: ("lm", "perplexity", path, corpus),
            "score": lambda path: ("lm", "score", path, corpus),
            "generate": lambda path: ("lm", "generate", path),
            "next": lambda path: ("lm", "next", path, "cat"),
            "convert": lambda path: ("lm", "convert", path, tmp_path / "new.lm"),
            "mix": lambda path: ("lm", "mix", model, path, "--weights", 0.5, 0.5, "-o", tmp_path / "new.lm"),
            "info": lambda path: ("info", path),
        }[request.param]
        return lambda path: fails(*arguments(path))

    def test_missing(self, reading_fails, tmp_path):
        assert "nowhere.lm" in reading_fails(tmp_path / "nowhere.lm")

    def test_a_native_file_that_is_cut_short(self, reading_fails, model, tmp_path):
        whole = model.read_bytes()
        assert "cut short" in reading_fails(written(tmp_path / "cut.lm", whole[: len(whole) // 2]))
        assert "cut.lm" in reading_fails(written(tmp_path / "cut.lm", whole[:100]))

    def test_a_compressed_arpa_file_that_is_cut_short(self, reading_fails, tmp_path):
        whole = gzip.compress((ARPA * 50).encode())
        message = reading_fails(written(tmp_path / "cut.arpa.gz", whole[: len(whole) // 2]))
        assert "cut.arpa.gz" in message
        assert "truncated" in message

    def test_something_else(self, reading_fails, trained, tmp_path):
        for name, data in (("text.lm", b"the cat sat\n"), ("v.arpa", trained.read_bytes()), ("none.lm", b"")):
            assert f"{name} is no language model" in reading_fails(written(tmp_path / name, data))


class TestDamagedARPA:
    @pytest.mark.parametrize(
        ("old", "new", "expected"),
        [
            ("\\data\\\n", "", "is no language model"),
            ("ngram 1=5", "ngram 1=4", "are there more n-grams than the header says"),
            ("ngram 1=5", "ngram 1=6", "5 1-grams, but the header says 6"),
            ("ngram 2=3", "ngram 2=2", "are there more n-grams than the header says"),
            ("ngram 2=3", "ngram 2=4", "3 2-grams, but the header says 4"),
            ("ngram 3=1", "ngram 3=9000000", "but the header says 9000000"),
            ("ngram 3=1", "ngram 4=1", "expected 'ngram 3='"),
            ("-0.5\tcat", "0.5\tcat", "line 10: the logarithm 0.5 is above 0, a probability above 1"),
            ("-0.4\tcat dog", "0.4\tcat dog", "line 15: found '0.4\\tcat dog\\t-0.2': the logarithm is above 0"),
            ("-0.4\tcat dog", "x\tcat dog", "line 15"),
            ("-0.4\tcat dog", "-0.4\tcow dog", "with a word that is not among the 1-grams"),
            ("<s> cat dog", "dog cat dog", "whose context, its first 2 words, is not among the 2-grams"),
            ("-0.4\tcat dog", "-0.4\t<s> cat", "was on line 14 too"),
            ("-0.7\tdog", "-0.7\tcat", "'cat' comes twice"),
            ("\\3-grams:", "\\4-grams:", "expected '\\3-grams:'"),
            ("\\end\\\n", "", "may be truncated"),
            ("-0.1\t<s> cat dog\n\n\\end\\\n", "", "may be truncated"),
        ],
        ids=lambda value: value.replace("\n", "|").replace("\t", " "),
    )
    def test_damage_is_named_with_its_line(self, fails, tmp_path, old, new, expected):
        assert ARPA.count(old) == 1
        path = written(tmp_path / "m.arpa", ARPA.replace(old, new))
        message = fails("lm", "convert", path, tmp_path / "new.lm")
        assert "m.arpa" in message
        assert expected in message

    def test_what_is_unusual_and_whole_loads(self, invoke, tmp_path):
        plain = invoke("lm", "next", written(tmp_path / "m.arpa", ARPA), "cat")
        assert plain.exit_code == 0, plain.output
        for text in (
            ARPA.replace("\n", "\r\n"),
            "\ufeff" + ARPA,
            "Made by hand.\n\n" + ARPA,
            ARPA.replace("-0.4\tcat dog", "-0.4 cat dog"),
            ARPA + "\n\n",
        ):
            result = invoke("lm", "next", written(tmp_path / "odd.arpa", text), "cat")
            assert result.exit_code == 0, result.output
            assert result.stdout == plain.stdout

    def test_an_ngram_without_its_suffix_loads(self, invoke, tmp_path):
        text = ARPA.replace("-0.4\tcat dog\t-0.2\n", "").replace("ngram 2=3", "ngram 2=2")
        result = invoke("lm", "score", written(tmp_path / "m.arpa", text), "-", input="cat dog\n")
        assert result.exit_code == 0, result.output
        assert result.stdout == "-0.600000\t0\tcat dog\n"  # -0.3, -0.1 and, behind dog, -0.2


class TestQuestions:
    @pytest.mark.parametrize("name", ["empty.txt", "nowhere.txt"])
    def test_no_text_has_no_perplexity(self, fails, model, tmp_path, name):
        (tmp_path / "empty.txt").write_text("\n")
        assert name in fails("lm", "perplexity", model, tmp_path / name)

    def test_damaged_text_stops_the_scores_and_says_where(self, invoke, model, tmp_path):
        written(tmp_path / "latin.txt", b"cat\ncaf\xe9\n")
        for command in ("perplexity", "score"):
            result = invoke("lm", command, model, tmp_path / "latin.txt")
            assert result.exit_code == 1
            assert "0xe9 at offset 7" in result.stderr.splitlines()[-1]
        cut = written(tmp_path / "cut.gz", gzip.compress(b"cat dog\n" * 9)[:-9])
        result = invoke("lm", "score", model, cut)
        assert result.exit_code == 1
        assert "cut.gz" in result.stderr.splitlines()[-1]

    def test_a_missing_text_is_found_out_before_the_model_is_read(self, fails, tmp_path):
        path = written(tmp_path / "m.arpa", "no model\n")
        for command in ("perplexity", "score"):
            assert "nowhere.txt" in fails("lm", command, path, tmp_path / "nowhere.txt")

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            (["-n", "5", "--beam", "2"], "-n 5: --beam 2 finds no more than 2 sentences"),
            (["--temperature", "0"], "--temperature 0.0: expected a finite number above 0"),
            (["--temperature", "nan"], "--temperature nan: expected a finite number above 0"),
        ],
        ids=lambda value: " ".join(value) if isinstance(value, list) else "",
    )
    def test_sentences_that_cannot_be_made(self, fails, model, options, message):
        assert message in fails("lm", "generate", model, *options)

    def test_a_context_that_maximum_likelihood_knows_nothing_of(self, fails, invoke, corpus, tmp_path):
        options = ["--smoothing", "maximum-likelihood", "--order", 2]
        assert invoke("lm", "train", corpus, "-o", tmp_path / "ml.lm", *options).exit_code == 0
        assert "not defined" in fails("lm", "next", tmp_path / "ml.lm", "zebra")


class TestMixing:
    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ([], "--tune and --weights are both missing"),
            (["--tune", "dev.txt", "--weights", "0.5", "0.5"], "--tune and --weights were both given"),
        ],
        ids=["neither", "both"],
    )
    def test_weights_are_given_or_found(self, invoke, model, tmp_path, options, message):
        result = invoke("lm", "mix", model, model, "-o", tmp_path / "m.lm", *options)
        assert result.exit_code == 2
        assert message in result.stderr

    @pytest.mark.parametrize("weights", [["1"], ["0.5", "0.6"], ["1.5", "-0.5"], ["0.2", "0.3", "0.5"]], ids=" ".join)
    def test_weights_that_do_not_fit(self, fails, tmp_path, weights):
        paths = [tmp_path / "a.lm", tmp_path / "b.lm"]
        message = fails("lm", "mix", *paths, "--weights", *weights, "-o", tmp_path / "m.lm")
        assert "--weights" in message
        assert "expected 2 numbers from 0, with the sum 1" in message

    def test_one_model_is_no_mixture(self, fails, model, tmp_path):
        assert "two models" in fails("lm", "mix", model, "--weights", 1, "-o", tmp_path / "m.lm")

    def test_models_that_do_not_back_off(self, fails, invoke, corpus, model, tmp_path):
        invoke("lm", "train", corpus, "-o", tmp_path / "sb.lm", "--smoothing", "stupid-backoff")
        arguments = ["--weights", 0.5, 0.5, "-o", tmp_path / "m.lm"]
        message = fails("lm", "mix", model, tmp_path / "sb.lm", *arguments)
        assert "sb.lm is a model of stupid-backoff" in message

    def test_tuning_on_no_text(self, fails, model, tmp_path):
        (tmp_path / "empty.txt").write_text("\n")
        for name in ("empty.txt", "nowhere.txt"):
            assert name in fails("lm", "mix", model, model, "--tune", tmp_path / name, "-o", tmp_path / "m.lm")


class TestPruning:
    def test_models_that_cannot_be_pruned(self, fails, invoke, corpus, model, tmp_path):
        invoke("lm", "train", corpus, "-o", tmp_path / "sb.lm", "--smoothing", "stupid-backoff")
        invoke("lm", "convert", model, tmp_path / "small.lm", "--quantize", 8)
        for name, reason in (("sb.lm", "gives no weight"), ("small.lm", "is quantised")):
            message = fails("lm", "convert", tmp_path / name, tmp_path / "m.lm", "--entropy-threshold", 1e-6)
            assert "--entropy-threshold 1e-06" in message
            assert reason in message
        message = fails("lm", "convert", model, tmp_path / "m.lm", "--entropy-threshold", -1)
        assert "--entropy-threshold -1.0: expected" in message

    def test_numbers_of_additive_models_are_not_quantised(self, fails, invoke, corpus, tmp_path):
        invoke("lm", "train", corpus, "-o", tmp_path / "la.lm", "--smoothing", "laplace")
        assert "--quantize 8: only" in fails("lm", "convert", tmp_path / "la.lm", tmp_path / "m.lm", "--quantize", 8)
        assert "laplace" in fails("lm", "convert", tmp_path / "la.lm", tmp_path / "m.arpa")


def test_too_little_memory_names_the_options_that_help(invoke, corpus, tmp_path, monkeypatch):
    def full(*arguments: object, **settings: object) -> None:
        raise MemoryError

    monkeypatch.setattr(lm_training, "train_language_model", full)
    result = invoke("lm", "train", corpus, "-o", tmp_path / "m.lm")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1] == "Error: not enough memory; lower --memory, --order or --max-vocab"


class TestInterruption:
    @posix
    @pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
    def test_a_signal_while_text_is_read_leaves_nothing(self, tmp_path, text, name):
        older = written(tmp_path / "m.lm", "an older file")
        line = [sys.executable, "-m", "embedkit", "lm", "train", "-", "-o", str(older), "--memory", "1kB"]
        environment = {**os.environ, "TMPDIR": str(tmp_path)}
        pipes = {"stdin": subprocess.PIPE, "stderr": subprocess.PIPE, "bufsize": 0}
        with subprocess.Popen(line, **pipes, env=environment) as process:
            assert process.stdin is not None
            assert process.stderr is not None
            # More than a pipe and a buffer hold: when it is written, most has been read.
            for _ in range(100):
                process.stdin.write(text.encode())
            process.send_signal(getattr(signal, name))
            with contextlib.suppress(BrokenPipeError):
                while process.poll() is None:
                    process.stdin.write(text.encode())
            err = process.stderr.read().decode()
        assert process.returncode == 128 + getattr(signal, name)
        assert err.splitlines() == ["Interrupted; nothing was written"]
        assert [path.name for path in tmp_path.iterdir()] == ["m.lm"]
        assert older.read_text() == "an older file"

    @pytest.mark.parametrize("name", ["m.lm", "m.arpa", "m.arpa.gz"])
    def test_an_interruption_while_the_model_is_written_names_what_is_complete(
        self, invoke, corpus, tmp_path, monkeypatch, name
    ):
        def stop(*arguments: object, **settings: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(lm_files, "save_model", stop)
        counts = tmp_path / "counts.txt"
        result = invoke("lm", "train", corpus, "-o", tmp_path / name, "--save-counts", counts)
        assert result.exit_code == 130
        assert result.stderr.splitlines()[-1] == f"Interrupted; complete by then: {counts}"
        assert counts.read_text().startswith("<s>\t1500\n")
        assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus.txt", "counts.txt"]

    @pytest.mark.parametrize("command", ["convert", "mix"])
    def test_other_commands_leave_nothing_either(self, invoke, model, tmp_path, monkeypatch, command):
        def stop(*arguments: object, **settings: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(lm_files, "save_model", stop)
        arguments = {
            "convert": (model, tmp_path / "m.arpa"),
            "mix": (model, model, "--weights", 0.5, 0.5, "-o", tmp_path / "m.arpa"),
        }[command]
        result = invoke("lm", command, *arguments)
        assert result.exit_code == 130
        assert result.stderr.splitlines()[-1] == "Interrupted; nothing was written"
        assert list(tmp_path.iterdir()) == []

    @posix
    def test_a_reader_that_leaves_early_is_no_error(self, model, corpus):
        line = f"{sys.executable} -m embedkit lm score {model} {corpus} --tokens | head -1"
        done = subprocess.run(line, shell=True, capture_output=True, text=True, timeout=60)  # noqa: S602
        assert done.returncode == 0
        assert done.stderr == ""
        assert len(done.stdout.splitlines()) == 1

    @posix
    def test_closed_standard_output_is_said(self, model, corpus):
        line = f"{sys.executable} -m embedkit lm score {model} {corpus} >&-"
        done = subprocess.run(line, shell=True, capture_output=True, text=True, timeout=60)  # noqa: S602
        assert done.returncode == 1
        assert done.stderr.startswith("Error: standard output is closed")
