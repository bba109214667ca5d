"""`embedkit lm`: what trained models answer, and what becomes of their files."""

import gzip
import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from embedkit_cli.main import main
from embedkit_cli.output import bytes_text

from embedkit.lm.files import load_model
from embedkit.lm.native import native_size

KNOWN = "the cat sat on the mat\nthe dog sat on the rug\n\na cat and a dog\n"


@pytest.fixture(scope="session")
def made(tmp_path_factory, text) -> Path:
    """A folder with a trigram model of the small corpus, as ARPA and native, and one of two words to an n-gram."""
    folder = tmp_path_factory.mktemp("lm")
    (folder / "corpus.txt").write_text(text)
    (folder / "known.txt").write_text(KNOWN)
    for options in (
        ["corpus.txt", "-o", "model.lm"],
        ["corpus.txt", "-o", "model.arpa"],
        ["known.txt", "-o", "pets.arpa", "--order", "2", "--smoothing", "witten-bell"],
    ):
        paths = [str(folder / one) if "." in one else one for one in options]
        result = CliRunner().invoke(main, ["lm", "train", *paths, "--threads", "1", "--quiet"])
        assert result.exit_code == 0, result.output
    return folder


def rows(output: str) -> list[list[str]]:
    return [line.split("\t") for line in output.splitlines()]


def test_no_command_of_language_models_loads_scikit_learn(made, loaded_after):
    model, texts = str(made / "pets.arpa"), str(made / "known.txt")
    for arguments in (["train", texts, "-o", "/dev/null", "-q"], ["perplexity", model, texts], ["next", model, "the"]):
        loaded = loaded_after("lm", *arguments)
        assert "numpy" in loaded
        assert not {"sklearn", "scipy", "rich"} & loaded


class TestPerplexity:
    def test_prints_the_figures_and_what_they_are_of(self, invoke, made):
        result = invoke("lm", "perplexity", made / "pets.arpa", made / "known.txt")
        assert result.exit_code == 0, result.output
        report = load_model(made / "pets.arpa").evaluate(str(made / "known.txt"))
        assert rows(result.stdout) == [
            ["perplexity", f"{report.perplexity:.4f}"],
            ["perplexity without OOVs", f"{report.perplexity:.4f}"],
            ["tokens", "20"],
            ["sentences", "3"],
            ["OOVs", "0"],
            ["OOVs, share of the words", "0.000000"],
            ["words in the vocabulary", "9"],
            ["log10 probability", f"{report.log_prob:.4f}"],
            ["log10 probability without OOVs", f"{report.log_prob:.4f}"],
        ]

    def test_several_texts_are_one(self, invoke, made, tmp_path):
        (tmp_path / "other.txt").write_text("the zebra sat\n")
        result = invoke(
            "lm", "perplexity", made / "pets.arpa", made / "known.txt", tmp_path / "other.txt", "-", "--json",
            input="a yak\n",
        )  # fmt: skip
        assert result.exit_code == 0, result.output
        facts = json.loads(result.stdout)
        assert (facts["n_tokens"], facts["n_sentences"], facts["n_oov"], facts["vocabulary"]) == (27, 5, 2, 9)
        assert facts["perplexity"] == pytest.approx(10 ** (-facts["log_prob"] / 27))
        assert facts["perplexity_without_oov"] == pytest.approx(10 ** (-facts["log_prob_without_oov"] / 25))

    def test_stupid_back_off_is_said_to_have_no_perplexity(self, invoke, corpus, tmp_path):
        invoke("lm", "train", corpus, "-o", tmp_path / "m.lm", "--smoothing", "stupid-backoff")
        result = invoke("lm", "perplexity", tmp_path / "m.lm", corpus, "--json")
        assert "no perplexities" in result.stderr
        assert json.loads(result.stdout)["proper"] is False

    def test_an_infinite_perplexity_is_said_and_is_null_in_json(self, invoke, made, tmp_path):
        options = ["--smoothing", "maximum-likelihood", "--order", 2]
        invoke("lm", "train", made / "known.txt", "-o", tmp_path / "m.lm", *options)
        (tmp_path / "t.txt").write_text("the mat sat\n")
        result = invoke("lm", "perplexity", tmp_path / "m.lm", tmp_path / "t.txt", "--json")
        assert result.exit_code == 0, result.output
        assert "probability 0" in result.stderr
        assert json.loads(result.stdout)["perplexity"] is None
        assert "perplexity\tinf" in invoke("lm", "perplexity", tmp_path / "m.lm", tmp_path / "t.txt").stdout

    def test_a_text_without_a_known_word_is_warned_of(self, invoke, made, tmp_path):
        (tmp_path / "t.txt").write_text("ZEBRA YAK\n")
        result = invoke("lm", "perplexity", made / "pets.arpa", tmp_path / "t.txt", "--json")
        assert result.exit_code == 0, result.output
        assert "knows no word" in result.stderr
        assert json.loads(result.stdout)["n_oov"] == 2
        folded = invoke("lm", "perplexity", made / "model.lm", "-", "--lowercase", "--json", input="CAT Dog\n")
        assert json.loads(folded.stdout)["n_oov"] == 0


class TestScore:
    def test_a_line_answers_each_line_blank_ones_too(self, invoke, made):
        lines = ["the cat sat", "", "  ", "the zebra sat on a yak", "a\tcat "]
        result = invoke("lm", "score", made / "pets.arpa", "-", input="\n".join(lines))
        assert result.exit_code == 0, result.output
        model = load_model(made / "pets.arpa")
        assert result.stdout.splitlines() == [
            f"{model.score(line):.6f}\t{n_oov}\t{line}" for line, n_oov in zip(lines, [0, 0, 0, 2, 0], strict=True)
        ]

    @pytest.mark.parametrize("tokenizer", ["whitespace", "words"])
    def test_lines_keep_their_place_with_every_tokenizer(self, invoke, made, tokenizer):
        lines = ["the cat sat", "", "...", "the mat", "!"]
        options = ["--tokenizer", tokenizer, "--lowercase"]
        result = invoke("lm", "score", made / "pets.arpa", "-", *options, input="\n".join(lines) + "\n")
        assert [row[2] for row in rows(result.stdout)] == lines

    def test_tokens_are_a_line_each_and_sentences_end_in_an_empty_one(self, invoke, made):
        result = invoke("lm", "score", made / "pets.arpa", "-", "--tokens", input="the zebra\n\nthe cat sat\n")
        assert result.exit_code == 0, result.output
        model = load_model(made / "pets.arpa")
        expected = ""
        for sentence in ("the zebra", "", "the cat sat"):
            for word, one in zip([*sentence.split(), "</s>"], model.full_scores(sentence), strict=True):
                expected += f"{word}\t{one.log_prob:.6f}\t{one.ngram_length}\t{one.oov:d}\n"
            expected += "\n"
        assert result.stdout == expected

    @pytest.mark.parametrize(("options", "bos", "eos"), [(["--no-bos"], False, True), (["--no-eos"], True, False)])
    def test_a_line_need_not_be_a_whole_sentence(self, invoke, made, options, bos, eos):
        model = load_model(made / "pets.arpa")
        line = "cat sat on"
        result = invoke("lm", "score", made / "pets.arpa", "-", *options, input=f"{line}\n\n")
        assert rows(result.stdout)[0][0] == f"{model.score(line, bos=bos, eos=eos):.6f}"
        tokens = invoke("lm", "score", made / "pets.arpa", "-", "--tokens", *options, input=f"{line}\n\n").stdout
        assert len(tokens.splitlines()) == (3 + eos + 1) + (eos + 1)

    def test_json_is_an_object_a_line(self, invoke, made):
        result = invoke("lm", "score", made / "pets.arpa", "-", "--json", "--tokens", input="the zebra\n\n")
        first, second = map(json.loads, result.stdout.splitlines())
        assert first["sentence"] == "the zebra"
        assert (first["n_tokens"], first["n_oov"]) == (3, 1)
        assert [one["word"] for one in first["tokens"]] == ["the", "zebra", "</s>"]
        assert [one["oov"] for one in first["tokens"]] == [False, True, False]
        assert first["log_prob"] == pytest.approx(sum(one["log_prob"] for one in first["tokens"]), abs=1e-5)
        assert (second["n_tokens"], second["sentence"]) == (1, "")

    def test_what_is_impossible_is_minus_infinity_and_null_in_json(self, invoke, made, tmp_path):
        options = ["--smoothing", "maximum-likelihood", "--order", 2]
        invoke("lm", "train", made / "known.txt", "-o", tmp_path / "m.lm", *options)
        assert invoke("lm", "score", tmp_path / "m.lm", "-", input="the mat sat\n").stdout.startswith("-inf\t0\t")
        as_json = invoke("lm", "score", tmp_path / "m.lm", "-", "--json", input="the mat sat\n").stdout
        assert json.loads(as_json)["log_prob"] is None

    def test_several_files_come_one_after_another(self, invoke, made, tmp_path):
        (tmp_path / "windows.txt").write_bytes("\ufeffthe cat\r\nthe mat".encode())
        with gzip.open(tmp_path / "more.txt.gz", "wt") as file:
            file.write("a dog\n")
        (tmp_path / "none.txt").write_bytes(b"")
        paths = [tmp_path / name for name in ("windows.txt", "none.txt", "more.txt.gz")]
        result = invoke("lm", "score", made / "pets.arpa", *paths)
        assert [row[2] for row in rows(result.stdout)] == ["the cat", "the mat", "a dog"]

    def test_text_that_is_longer_than_a_chunk_is_answered_whole(self, invoke, made, monkeypatch):
        from embedkit_cli import lm_score

        lines = ["the cat sat on the mat", "", "a dog", "naïve 日本 cat"] * 5
        whole = invoke("lm", "score", made / "pets.arpa", "-", input="\n".join(lines))
        monkeypatch.setattr(lm_score, "CHUNK", 5)
        assert invoke("lm", "score", made / "pets.arpa", "-", input="\n".join(lines)).stdout == whole.stdout
        assert [row[2] for row in rows(whole.stdout)] == lines

    def test_a_line_of_a_pipe_is_answered_at_once(self, made):
        line = [sys.executable, "-m", "embedkit", "lm", "score", str(made / "pets.arpa"), "-"]
        with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            for sentence in ("the cat", "the dog sat"):
                process.stdin.write(f"{sentence}\n")
                process.stdin.flush()
                assert process.stdout.readline().split("\t")[2] == f"{sentence}\n"
            process.stdin.close()
            assert process.wait(timeout=60) == 0

    def test_bytes_that_are_no_utf8_can_be_replaced(self, invoke, made, tmp_path):
        (tmp_path / "latin.txt").write_bytes(b"the cat\ncaf\xe9 cat\n")
        assert invoke("lm", "score", made / "pets.arpa", tmp_path / "latin.txt").exit_code == 1
        result = invoke("lm", "score", made / "pets.arpa", tmp_path / "latin.txt", "--encoding-errors", "replace")
        assert rows(result.stdout)[1][1:] == ["1", "caf\ufffd cat"]


class TestGenerate:
    def test_sentences_are_those_of_the_library_with_the_prompt(self, invoke, made):
        model = load_model(made / "model.lm")
        result = invoke("lm", "generate", made / "model.lm", "--prompt", "cat dog", "-n", 3, "--seed", 5)
        assert result.exit_code == 0, result.output
        drawn = model.generate("cat dog", n=3, random_state=5)
        assert result.stdout.splitlines() == [" ".join(["cat", "dog", *one]) for one in drawn]

    def test_one_seed_gives_the_same_sentences(self, invoke, made):
        lines = [invoke("lm", "generate", made / "model.lm", "-n", 3, "--seed", n).stdout for n in (1, 1, 2)]
        assert lines[0] == lines[1] != lines[2]

    def test_a_beam_finds_the_most_probable_sentences(self, invoke, made):
        result = invoke("lm", "generate", made / "pets.arpa", "--beam", 5, "-n", 2, "--json")
        assert result.exit_code == 0, result.output
        sentences = json.loads(result.stdout)["sentences"]
        assert sentences == load_model(made / "pets.arpa").generate(beam=5, n=2)

    def test_options_bound_and_temper_the_sentences(self, invoke, made):
        short = invoke("lm", "generate", made / "model.lm", "-n", 5, "--max-words", 2)
        assert max(len(line.split()) for line in short.stdout.splitlines()) <= 2
        cold = ["--prompt", "sat", "-n", 20, "--max-words", 2, "--temperature", 0.01]
        assert set(invoke("lm", "generate", made / "pets.arpa", *cold).stdout.splitlines()) == {"sat on the"}

    def test_what_has_no_effect_and_what_is_unknown_is_said(self, invoke, made):
        options = ["--beam", 3, "--seed", 4, "--temperature", 2, "--prompt", "the zebra"]
        result = invoke("lm", "generate", made / "pets.arpa", *options)
        assert result.exit_code == 0, result.output
        assert "--seed has no effect with --beam" in result.stderr
        assert "--temperature has no effect with --beam" in result.stderr
        assert "the model does not know zebra" in result.stderr
        assert invoke("lm", "generate", made / "pets.arpa", *options, "--quiet").stderr == ""


class TestNext:
    def test_the_most_probable_words_come_first(self, invoke, made):
        result = invoke("lm", "next", made / "pets.arpa", "sat on", "-k", 3)
        assert result.exit_code == 0, result.output
        expected = load_model(made / "pets.arpa").next_words("sat on", k=3)
        assert rows(result.stdout) == [[word, f"{probability:.6f}"] for word, probability in expected]
        assert invoke("lm", "next", made / "pets.arpa", "sat", "on", "-k", 3).stdout == result.stdout

    def test_a_context_may_begin_a_sentence_or_be_missing(self, invoke, made):
        model = load_model(made / "pets.arpa")
        for options, bos in (([], False), (["--bos"], True)):
            facts = json.loads(invoke("lm", "next", made / "pets.arpa", *options, "--json").stdout)
            words = [(one["word"], one["probability"]) for one in facts["words"]]
            assert words == model.next_words(bos=bos)

    def test_words_of_the_context_that_are_unknown_are_named(self, invoke, made):
        result = invoke("lm", "next", made / "pets.arpa", "the zebra")
        assert result.exit_code == 0, result.output
        assert "the model does not know zebra" in result.stderr

    def test_the_context_is_cut_as_the_model_was_trained(self, invoke, made):
        folded = invoke("lm", "next", made / "model.lm", "CAT", "--lowercase")
        assert folded.stdout == invoke("lm", "next", made / "model.lm", "cat").stdout
        assert folded.stderr == ""

    def test_scores_of_stupid_back_off_are_called_so(self, invoke, corpus, tmp_path):
        invoke("lm", "train", corpus, "-o", tmp_path / "m.lm", "--smoothing", "stupid-backoff")
        result = invoke("lm", "next", tmp_path / "m.lm", "cat", "--json")
        assert "do not sum to 1" in result.stderr
        assert json.loads(result.stdout)["proper"] is False


class TestConvert:
    def test_every_format_holds_the_same_model(self, invoke, made, tmp_path):
        model = load_model(made / "model.arpa")
        sentences = ["cat dog fur", "tea snow", "unheard"]
        source = made / "model.arpa"
        for name in ("one.lm", "two.arpa.gz", "three.lm", "four.arpa"):
            assert invoke("lm", "convert", source, tmp_path / name).exit_code == 0
            source = tmp_path / name
            assert load_model(source).n_ngrams == model.n_ngrams
            np.testing.assert_allclose(load_model(source).scores(sentences), model.scores(sentences), atol=1e-5)

    @pytest.mark.parametrize("bits", [None, 8, 16])
    def test_the_size_of_a_native_file_is_said_before_it_is_written(self, invoke, made, tmp_path, bits):
        options = [] if bits is None else ["--quantize", bits]
        result = invoke("lm", "convert", made / "model.arpa", tmp_path / "m.lm", *options)
        assert result.exit_code == 0, result.output
        size = (tmp_path / "m.lm").stat().st_size
        assert size == native_size(load_model(made / "model.arpa"), quantize=bits)
        first, last = result.stderr.splitlines()
        assert first == f"{tmp_path / 'm.lm'} will have {bytes_text(size)}"
        assert last.startswith(f"wrote {tmp_path / 'm.lm'} ({bytes_text(size)}): order 3, ")

    @pytest.mark.parametrize("name", ["model.arpa", "model.lm"])
    def test_n_grams_that_matter_little_are_left_out(self, invoke, made, tmp_path, name):
        result = invoke("lm", "convert", made / name, tmp_path / "m.arpa", "--entropy-threshold", 1e-4)
        assert result.exit_code == 0, result.output
        whole, small = load_model(made / name), load_model(tmp_path / "m.arpa")
        assert small.n_ngrams[0] == whole.n_ngrams[0]
        assert sum(small.n_ngrams) < sum(whole.n_ngrams)
        assert f"pruned {sum(whole.n_ngrams) - sum(small.n_ngrams):,} of" in result.stderr
        state = small.state("cat dog")
        assert small.distribution(state).sum() == pytest.approx(1, abs=1e-5)

    def test_facts_stay_in_native_files(self, invoke, made, tmp_path):
        assert invoke("lm", "convert", made / "model.lm", tmp_path / "m.lm", "--quantize", 8, "-q").output == ""
        assert load_model(tmp_path / "m.lm").facts["smoothing"] == "modified-kneser-ney"


class TestMix:
    def test_tuned_weights_and_perplexities_are_printed(self, invoke, made, tmp_path):
        (tmp_path / "dev.txt").write_text("the cat sat\ncat mouse fur\ntea coffee\n")
        paths = [made / "pets.arpa", made / "model.lm"]
        result = invoke("lm", "mix", *paths, "--tune", tmp_path / "dev.txt", "-o", tmp_path / "m.arpa")
        assert result.exit_code == 0, result.output
        table = rows(result.stdout)
        assert [row[0] for row in table] == [*map(str, paths), "mixture"]
        assert float(table[0][1]) + float(table[1][1]) == pytest.approx(1, abs=2e-4)
        assert float(table[2][2]) <= min(float(table[0][2]), float(table[1][2]))
        assert f"wrote {tmp_path / 'm.arpa'}" in result.stderr
        mixed = load_model(tmp_path / "m.arpa")
        assert {"the", "tea"} <= set(mixed.words)
        assert mixed.distribution(mixed.state("the")).sum() == pytest.approx(1, abs=1e-5)

    @pytest.mark.parametrize("weights", [["0.25", "0.75"], ["0.25,0.75"]], ids=" ".join)
    def test_given_weights_stand_before_the_models_or_behind(self, invoke, made, tmp_path, weights):
        paths = [made / "pets.arpa", made / "model.lm"]
        for arguments in (["--weights", *weights, *paths], [*paths, "--weights", *weights]):
            result = invoke("lm", "mix", *arguments, "-o", tmp_path / "m.lm", "--json")
            assert result.exit_code == 0, result.output
            report = json.loads(result.stdout)
            assert [one["weight"] for one in report["models"]] == [0.25, 0.75]
            assert report["perplexity"] is None
            assert report["bytes"] == (tmp_path / "m.lm").stat().st_size
            assert report["n_ngrams"] == load_model(tmp_path / "m.lm").n_ngrams

    def test_models_that_cut_text_in_two_ways_need_a_word(self, fails, invoke, corpus, tmp_path):
        for name, options in (("a.lm", []), ("b.lm", ["--lowercase"])):
            assert invoke("lm", "train", corpus, "-o", tmp_path / name, "--order", 2, *options).exit_code == 0
        arguments = ["lm", "mix", tmp_path / "a.lm", tmp_path / "b.lm", "--tune", corpus, "-o", tmp_path / "m.lm"]
        assert "--lowercase" in fails(*arguments)
        result = invoke(*arguments, "--lowercase")
        assert result.exit_code == 0, result.output
        assert load_model(tmp_path / "m.lm").facts["lowercase"] is True


class TestInfo:
    def test_a_native_file_tells_how_it_was_made(self, invoke, made):
        facts = json.loads(invoke("info", made / "model.lm", "--json").stdout)
        model = load_model(made / "model.lm")
        assert facts["format"] == "lm-native"
        assert facts["order"] == 3
        assert facts["n_ngrams"] == model.n_ngrams
        assert facts["vocabulary"] == 20
        assert facts["bytes"] == (made / "model.lm").stat().st_size
        assert facts["smoothing"] == "modified-kneser-ney"
        assert facts["interpolated"] is True
        assert (facts["tokens"], facts["sentences"]) == (19_500, 1500)
        assert (facts["tokenizer"], facts["lowercase"]) == ("whitespace", False)
        assert len(facts["discounts"]) == 3

    def test_an_arpa_file_tells_less(self, invoke, made):
        table = dict(rows(invoke("info", made / "pets.arpa").stdout))
        assert table["language model"] == "order 2"
        assert table["vocabulary"] == "9 words"
        assert table["format"] == "ARPA"
        assert table["smoothing"] == "-"

    @pytest.mark.parametrize(
        ("options", "name", "value"),
        [
            (["--smoothing", "lidstone", "--gamma", 0.5], "gamma", "0.5"),
            (["--smoothing", "stupid-backoff", "--alpha", 0.3], "alpha", "0.3"),
            (["--smoothing", "jelinek-mercer", "--weights", 0.1, 0.2, 0.3], "weights", "0.1 0.2 0.3"),
            (["--prune", 0, 1], "prune", "0 1"),
            (["--quantize", 8], "format", "native, 8 bits a number"),
            (["--lowercase"], "words are cut", "by whitespace, in lower case"),
        ],
        ids=lambda value: str(value),
    )
    def test_settings_are_told_where_they_matter(self, invoke, corpus, tmp_path, options, name, value):
        assert invoke("lm", "train", corpus, "-o", tmp_path / "m.lm", *options).exit_code == 0
        table = dict(rows(invoke("info", tmp_path / "m.lm").stdout))
        assert table[name] == value
        assert len({"gamma", "alpha", "weights"} & table.keys()) <= 1

    def test_a_native_file_is_known_by_its_content(self, invoke, made, tmp_path):
        (tmp_path / "odd-name").write_bytes((made / "model.lm").read_bytes())
        assert json.loads(invoke("info", tmp_path / "odd-name", "--json").stdout)["order"] == 3


@pytest.mark.realdata
def test_perplexity_of_the_tables_of_reference(invoke, data_dir, tmp_path):
    def lines(name: str) -> Path:
        text = (data_dir / "lm" / name).read_text().replace("<unk>", "UNKX")
        (tmp_path / name).write_text("".join(f"{line}\n" for line in text.split("\n") if line.strip()))
        return tmp_path / name

    valid, test = lines("wikitext2.valid.txt"), lines("wikitext2.test.txt")
    assert invoke("lm", "train", valid, "-o", tmp_path / "m.arpa.gz").exit_code == 0
    facts = json.loads(invoke("lm", "perplexity", tmp_path / "m.arpa.gz", test, "--json").stdout)
    assert (facts["n_tokens"], facts["n_oov"]) == (244_102, 11_896)
    assert facts["perplexity"] == pytest.approx(379.2510, rel=1e-5)
    assert facts["perplexity_without_oov"] == pytest.approx(272.6275, rel=1e-5)
    assert math.isclose(facts["log_prob"], -244_102 * math.log10(facts["perplexity"]), rel_tol=1e-9)
