"""`embedkit lm train`, and options that take several numbers."""

import gzip
import inspect
import json
from dataclasses import MISSING, fields

import click
import numpy as np
import pytest
from click.testing import CliRunner
from embedkit_cli.lm_options import Numbers, NumbersCommand
from embedkit_cli.lm_train import train
from embedkit_cli.output import bytes_text

from embedkit.lm.estimator import NgramLanguageModel
from embedkit.lm.files import load_model
from embedkit.lm.parameters import LanguageModelParameters
from embedkit.lm.training import TextSettings

BACKED_OFF = [
    "modified-kneser-ney",
    "kneser-ney",
    "absolute-discounting",
    "witten-bell",
    "jelinek-mercer",
    "katz",
]


def rows(output: str) -> list[list[str]]:
    return [line.split("\t") for line in output.splitlines()]


class TestTrain:
    @pytest.mark.parametrize("name", ["m.lm", "m.arpa", "m.arpa.gz", "m.arpa.xz"])
    def test_writes_the_model_that_the_library_trains(self, invoke, corpus, tmp_path, name):
        result = invoke("lm", "train", corpus, "-o", tmp_path / name, "--order", 2)
        assert result.exit_code == 0, result.output
        known = NgramLanguageModel(order=2).fit(str(corpus))
        sentences = ["cat dog fur", "unheard of", ""]
        np.testing.assert_allclose(load_model(tmp_path / name).scores(sentences), known.scores(sentences), atol=1e-5)

    @pytest.mark.parametrize("smoothing", BACKED_OFF)
    def test_every_method_that_backs_off_is_written_as_arpa(self, invoke, corpus, tmp_path, smoothing):
        result = invoke("lm", "train", corpus, "-o", tmp_path / "m.arpa", "--smoothing", smoothing)
        assert result.exit_code == 0, result.output
        assert load_model(tmp_path / "m.arpa").n_ngrams[0] == 23

    @pytest.mark.parametrize("smoothing", ["lidstone", "laplace", "maximum-likelihood", "stupid-backoff"])
    def test_the_others_are_written_as_native_files(self, invoke, corpus, tmp_path, smoothing):
        result = invoke("lm", "train", corpus, "-o", tmp_path / "m.lm", "--smoothing", smoothing)
        assert result.exit_code == 0, result.output
        assert load_model(tmp_path / "m.lm").facts["smoothing"] == smoothing
        assert ("scores, not probabilities" in result.stderr) == (smoothing == "stupid-backoff")

    def test_says_what_it_read_and_made_and_what_to_do_next(self, invoke, corpus, tmp_path):
        result = invoke("lm", "train", corpus, "-o", tmp_path / "m.lm", "--max-vocab", 10)
        assert result.exit_code == 0, result.output
        assert result.stdout == ""
        sizes = " + ".join(f"{n:,}" for n in load_model(tmp_path / "m.lm").n_ngrams)
        assert "read 18,000 words in 1,500 sentences" in result.stderr
        size = bytes_text((tmp_path / "m.lm").stat().st_size)
        assert f"m.lm ({size}): order 3, {sizes} n-grams, modified-kneser-ney" in result.stderr
        assert "vocabulary of 10 words" in result.stderr
        assert "outside it, counted as <unk>" in result.stderr
        assert "discounts " in result.stderr
        for stage in ("reading", "counting", "estimating", "writing"):
            assert f"{stage} 0." in result.stderr
        assert "of memory" in result.stderr
        assert f"  embedkit lm perplexity {tmp_path / 'm.lm'} TEXT" in result.stderr
        assert f"  embedkit lm next {tmp_path / 'm.lm'} CONTEXT" in result.stderr

    def test_json_is_one_object_on_standard_output(self, invoke, corpus, tmp_path):
        options = ["--prune", "0", "0", "1", "--memory", "1kB", "--json", "-q"]
        result = invoke("lm", "train", corpus, "-o", tmp_path / "m.lm", *options)
        assert result.exit_code == 0, result.output
        assert result.stderr == ""
        report = json.loads(result.stdout)
        assert report["words"] == 18_000
        assert report["documents"] == 1500
        assert report["vocabulary"] == 20
        assert report["order"] == 3
        assert report["n_ngrams"] == load_model(tmp_path / "m.lm").n_ngrams
        assert report["unknown_words"] == 0
        assert [len(level) for level in report["discounts"]] == [3, 3, 3]
        assert report["parameters"]["prune"] == [0, 0, 1]
        assert report["parameters"]["smoothing"] == "modified-kneser-ney"
        assert report["parameters"]["interpolated"] is True
        assert report["bytes"] == (tmp_path / "m.lm").stat().st_size
        assert report["spilled_bytes"] > 0
        assert set(report["seconds"]) == {"reading", "counting", "estimating", "writing"}

    def test_counts_are_saved_as_lines_of_ngram_and_count(self, invoke, tmp_path):
        (tmp_path / "t.txt").write_text("a rose is a rose\n")
        result = invoke(
            "lm", "train", tmp_path / "t.txt", "-o", tmp_path / "m.lm", "--order", 2,
            "--save-counts", tmp_path / "counts.txt.gz", "--smoothing", "witten-bell",
        )  # fmt: skip
        assert result.exit_code == 0, result.output
        lines = gzip.decompress((tmp_path / "counts.txt.gz").read_bytes()).decode().splitlines()
        counts = dict(line.split("\t") for line in lines)
        assert counts["a"] == "2"
        assert counts["a rose"] == "2"
        assert counts["<s> a"] == "1"
        assert counts["rose </s>"] == "1"

    def test_standard_input_folders_globs_and_compressed_files_are_read(self, invoke, text, tmp_path):
        folder = tmp_path / "texts"
        folder.mkdir()
        (folder / "one.txt").write_text(text)
        with gzip.open(folder / "two.txt.gz", "wt") as file:
            file.write(text)
        for inputs, words in (
            ([folder], 36_000),
            ([folder / "*.gz"], 18_000),
            (["-"], 18_000),
            (["-", folder], 54_000),
        ):
            result = invoke("lm", "train", *inputs, "-o", tmp_path / "m.lm", "--json", input=text)
            assert result.exit_code == 0, result.output
            assert json.loads(result.stdout)["words"] == words

    def test_a_closed_vocabulary_is_known_whether_its_words_occur_or_not(self, invoke, corpus, tmp_path):
        (tmp_path / "words.txt").write_text("cat\nzebra\ndog 7\n\n")
        result = invoke("lm", "train", corpus, "-o", tmp_path / "m.lm", "--vocab", tmp_path / "words.txt", "--json")
        assert result.exit_code == 0, result.output
        model = load_model(tmp_path / "m.lm")
        assert sorted(model.words[3:]) == ["cat", "dog", "zebra"]
        assert "mouse" not in model
        assert json.loads(result.stdout)["unknown_words"] > 0

    def test_tokenizer_and_case_are_kept_in_a_native_file(self, invoke, tmp_path):
        (tmp_path / "t.txt").write_text("The cat, the dog!\nThe CAT.\n")
        options = ["--tokenizer", "words", "--lowercase", "--smoothing", "witten-bell"]
        assert invoke("lm", "train", tmp_path / "t.txt", "-o", tmp_path / "m.lm", *options).exit_code == 0
        scored = invoke("lm", "score", tmp_path / "m.lm", "-", input="THE cat!!\n")
        assert scored.exit_code == 0, scored.output
        assert rows(scored.stdout)[0][1:] == ["0", "THE cat!!"]
        plain = invoke("lm", "score", tmp_path / "m.lm", "-", "--tokenizer", "whitespace", input="THE cat!!\n")
        assert rows(plain.stdout)[0][1:] == ["1", "THE cat!!"]
        assert (
            invoke("lm", "score", tmp_path / "m.lm", "-", "--no-lowercase", input="THE\n").stdout.split("\t")[1] == "1"
        )

    def test_options_that_cannot_matter_are_named(self, invoke, corpus, tmp_path):
        (tmp_path / "words.txt").write_text("cat\n")
        result = invoke(
            "lm", "train", corpus, "-o", tmp_path / "m.lm", "--gamma", 2, "--alpha", 0.5, "--held-out", corpus,
            "--min-count", 2, "--vocab", tmp_path / "words.txt", "--discount", 0.5, 1, 1.5, "--no-discount-fallback",
        )  # fmt: skip
        assert result.exit_code == 0, result.output
        for option in ("--gamma", "--alpha", "--held-out", "--min-count", "--no-discount-fallback"):
            assert f"{option} has no effect with" in result.stderr
        options = ["--smoothing", "laplace", "--no-interpolate-unigrams"]
        result = invoke("lm", "train", corpus, "-o", tmp_path / "m.lm", *options)
        assert "--interpolate-unigrams has no effect with --smoothing laplace" in result.stderr
        plain = invoke("lm", "train", corpus, "-o", tmp_path / "m.lm")
        assert "no effect" not in plain.stderr

    def test_held_out_text_finds_the_weights_of_jelinek_mercer(self, invoke, corpus, tmp_path):
        (tmp_path / "held.txt").write_text("cat dog mouse\ntea coffee\n")
        found = []
        for options in ([], ["--held-out", tmp_path / "held.txt"], ["--weights", 0.1, 0.2, 0.3]):
            options = ["--smoothing", "jelinek-mercer", "--json", *options]
            result = invoke("lm", "train", corpus, "-o", tmp_path / "m.arpa", *options)
            assert result.exit_code == 0, result.output
            found.append(json.loads(result.stdout)["weights"])
        assert found[0] != found[1]
        assert found[2] == [0.1, 0.2, 0.3]

    def test_fixed_discounts_are_used(self, invoke, corpus, tmp_path):
        for smoothing, given in (("modified-kneser-ney", [0.5, 1, 1.5]), ("kneser-ney", [0.7])):
            options = ["--smoothing", smoothing, "--json", "--discount", *given]
            result = invoke("lm", "train", corpus, "-o", tmp_path / "m.lm", *options)
            assert json.loads(result.stdout)["discounts"] == [given] * 3

    def test_backing_off_differs_from_interpolating(self, invoke, corpus, tmp_path):
        scores = []
        for option in ("--interpolated", "--backed-off"):
            options = ["--smoothing", "witten-bell", option]
            assert invoke("lm", "train", corpus, "-o", tmp_path / "m.lm", *options).exit_code == 0
            scores.append(load_model(tmp_path / "m.lm").score("cat tea dog"))
        assert scores[0] != scores[1]

    def test_the_model_depends_neither_on_threads_nor_on_memory(self, invoke, corpus, tmp_path):
        files = []
        for options in (["--threads", 1], ["--threads", 3], ["--memory", "1kB"]):
            assert invoke("lm", "train", corpus, "-o", tmp_path / "m.arpa", *options).exit_code == 0
            files.append((tmp_path / "m.arpa").read_bytes())
        assert len(set(files)) == 1


class TestSeveralNumbers:
    """`--prune 0 0 1`, as lmplz takes it, wherever it stands."""

    @pytest.mark.parametrize(
        "arguments",
        [
            ["--prune", "0", "0", "1", "INPUT", "-o", "OUT"],
            ["INPUT", "--prune", "0", "0", "1", "-o", "OUT"],
            ["INPUT", "-o", "OUT", "--prune", "0", "0", "1"],
            ["INPUT", "-o", "OUT", "--prune", "0,0,1"],
            ["INPUT", "-o", "OUT", "--prune", "0 0 1"],
            ["--prune=0", "0", "1", "INPUT", "-o", "OUT"],
            ["--prune=0,0,1", "INPUT", "-o", "OUT"],
            ["-o", "OUT", "--prune", "0", "0", "1", "--", "INPUT"],
        ],
        ids=" ".join,
    )
    def test_every_way_to_write_it_gives_the_same_model(self, invoke, corpus, tmp_path, arguments):
        names = {"INPUT": corpus, "OUT": tmp_path / "m.lm"}
        result = invoke("lm", "train", "--json", "-q", *(names.get(one, one) for one in arguments))
        assert result.exit_code == 0, result.output
        assert json.loads(result.stdout)["parameters"]["prune"] == [0, 0, 1]

    @pytest.mark.parametrize(
        ("arguments", "numbers", "rest"),
        [
            (["--numbers", "1", "2.5", "-3", "x"], [1, 2.5, -3], ("x",)),
            (["--numbers", "1", "--other", "2", "3"], [1], ("3",)),
            (["--numbers", "1,2", "3"], [1, 2], ("3",)),
            (["--numbers=1", "2", "x"], [1, 2], ("x",)),
            (["--numbers=1,2", "3"], [1, 2], ("3",)),
            (["--numbers", "1", "--", "2"], [1], ("2",)),
            (["x", "--", "--numbers", "1", "2"], None, ("x", "--numbers", "1", "2")),
            (["--numbers", "1e-3", ".5", "5."], [1e-3, 0.5, 5], ()),
            (["1", "2"], None, ("1", "2")),
        ],
        ids=lambda value: " ".join(map(str, value)) if value else "-",
    )
    def test_numbers_are_taken_as_far_as_they_go(self, arguments, numbers, rest):
        given = {}

        @click.command(cls=NumbersCommand, examples=[])
        @click.argument("rest", nargs=-1)
        @click.option("--numbers", type=Numbers(float), help="Numbers.")
        @click.option("--other", help="Another.")
        def command(**options: object) -> None:
            given.update(options)

        result = CliRunner().invoke(command, arguments)
        assert result.exit_code == 0, result.output
        assert given["numbers"] == numbers
        assert given["rest"] == rest

    def test_the_command_line_of_a_process_takes_them(self, command, corpus):
        done = command("lm", "train", "--prune", 0, 0, 1, corpus, "-o", corpus.with_name("m.lm"))
        assert done.returncode == 0, done.stderr


def test_defaults_are_those_of_the_library():
    given = train.make_context("train", ["corpus.txt", "-o", "m.lm"]).params
    given["discount_fallback"] = not given["no_discount_fallback"]
    estimator = {name: one.default for name, one in inspect.signature(NgramLanguageModel).parameters.items()}
    for kind, n_shared in ((LanguageModelParameters, 11), (TextSettings, 5)):
        defaults = {field.name: field.default for field in fields(kind) if field.default is not MISSING}
        shared = defaults.keys() & given.keys()
        assert len(shared) == n_shared, sorted(shared)
        assert {name: given[name] for name in shared} == {name: defaults[name] for name in shared}
        assert {name: estimator[name] for name in defaults} == defaults
    assert given["memory"] == estimator["memory"]
