"""--tokenizer, --dict and --keep-punctuation: in every command that reads text, and in the models that it writes."""

import json
import random

import pytest

from embedkit.lm.files import load_model
from embedkit.text import tokenized_blocks
from embedkit.vectors.keyed_vectors import KeyedVectors

SPORT = ["我们", "喜欢", "足球", "比赛", "球员", "进球", "冠军", "教练"]
MONEY = ["股票", "市场", "银行", "利率", "投资", "基金", "上涨", "经济"]
TEXT = "欧阳建国的冠军教练！\n"


@pytest.fixture(scope="session")
def chinese_text():
    draw = random.Random(1)
    return "".join(
        f"{''.join(draw.choices(words, k=8))}，２０２３年。\n" for _ in range(40) for words in (SPORT, MONEY)
    )


@pytest.fixture
def chinese(tmp_path, chinese_text):
    path = tmp_path / "zh.txt"
    path.write_text(chinese_text, encoding="utf-8")
    return path


@pytest.fixture
def dictionary(tmp_path):
    path = tmp_path / "dict.txt"
    path.write_text("欧阳建国\n冠军教练 100 n\n", encoding="utf-8")
    return path


@pytest.fixture
def cut(invoke, tmp_path):
    """The words of a line, by some options of `embedkit tokenize`."""
    path = tmp_path / "line.txt"
    path.write_text(TEXT, encoding="utf-8")

    def run(*options):
        result = invoke("tokenize", path, *options)
        assert result.exit_code == 0, result.output
        return result.stdout.split()

    return run


class TestNames:
    def test_a_dictionary_joins_what_it_holds(self, cut, dictionary):
        assert cut("--tokenizer", "zh") == ["欧阳", "建国", "的", "冠军", "教练"]
        assert cut("--tokenizer", "zh", "--dict", dictionary) == ["欧阳建国", "的", "冠军教练"]

    def test_punctuation_is_kept_where_it_is_asked_for(self, cut, dictionary):
        for name in ("words", "char", "zh"):
            assert cut("--tokenizer", name)[-1] != "！"
            assert cut("--tokenizer", name, "--keep-punctuation") == [*cut("--tokenizer", name), "！"]

    def test_options_and_names_say_the_same(self, cut, dictionary):
        options = ["--tokenizer", "nfkc|zh+search", "--keep-punctuation", "--dict", dictionary]
        assert cut(*options) == cut("--tokenizer", f"nfkc|zh+search+punctuation+dict:{dictionary}")

    @pytest.mark.parametrize(
        ("name", "message"),
        [
            ("wrods", "there is no tokenizer 'wrods'; expected 'whitespace', 'words', 'char', 'zh' or 'regex:PATTERN'"),
            ("foo|zh", "there is no step 'foo' before a tokenizer; expected html"),
            ("zh+x", "'zh' has no option 'x'"),
            ("words+search", "'words' has no option 'search'"),
            ("regex:(", "'(' is no regular expression"),
            ("regex:(a)(b)", "the pattern has 2 groups"),
            ("", "there is no tokenizer ''"),
        ],
    )
    @pytest.mark.parametrize("command", ["tokenize", "vocab", "train-w2v", "lm train", "classify train"])
    def test_wrong_names_are_usage_errors(self, invoke, unread, tmp_path, command, name, message):
        output = [] if command in ("tokenize", "vocab") else ["-o", tmp_path / "out.lm"]
        result = invoke(*command.split(), unread, *output, "--tokenizer", name)
        assert result.exit_code == 2
        told = result.stderr.splitlines()[-1]
        assert told.startswith("Error: Invalid value for '--tokenizer': ")
        assert message in told


class TestErrors:
    @pytest.mark.parametrize("name", ["words", "whitespace", "char"])
    def test_a_dictionary_without_zh(self, fails, unread, dictionary, name):
        message = fails("tokenize", unread, "--dict", dictionary, "--tokenizer", name)
        assert f"--tokenizer {name} does not go with --dict" in message
        assert "a dictionary is for 'zh'" in message

    def test_punctuation_that_white_space_keeps_anyway(self, fails, unread):
        message = fails("vocab", unread, "--keep-punctuation")
        assert "--tokenizer whitespace does not go with --keep-punctuation" in message

    @pytest.mark.parametrize("option", [["--dict", "dict.txt"], ["--keep-punctuation"]], ids=" ".join)
    def test_no_tokenizer_where_none_is_the_default(self, fails, unread, tmp_path, option):
        message = fails("classify", "train", unread, "-o", tmp_path / "m.skops", *option)
        assert f"{option[0]} was given without --tokenizer; name the tokenizer, such as --tokenizer zh" in message

    def test_a_dictionary_that_is_not_there(self, fails, unread, tmp_path):
        message = fails("tokenize", unread, "--tokenizer", "zh", "--dict", tmp_path / "nowhere.txt")
        assert "no such file" in message
        assert "nowhere.txt" in message

    def test_a_dictionary_in_another_encoding(self, fails, unread, dictionary):
        dictionary.write_bytes(dictionary.read_text(encoding="utf-8").encode("gb18030"))
        message = fails("vocab", unread, "--tokenizer", "zh", "--dict", dictionary)
        assert "dict.txt, line 1" in message
        assert "GB18030" in message


class TestTrainW2V:
    def test_the_words_of_the_vectors_are_those_of_the_tokenizer(self, invoke, chinese, dictionary, tmp_path):
        options = ["--tokenizer", "nfkc|zh", "--dict", dictionary, "--keep-punctuation", "--min-count", "1"]
        path = tmp_path / "v.bin"
        result = invoke("train-w2v", chinese, "-o", path, *options, "--epochs", "1", "--vector-size", "4", "--json")
        assert result.exit_code == 0, result.output
        assert "looks Chinese" not in result.stderr
        words = set(KeyedVectors.load(path).index_to_key)
        assert {*MONEY, "2023", "年", ",", "。"} <= words
        named = f"nfkc|zh+punctuation+dict:{dictionary}"
        assert json.loads(result.stdout)["parameters"]["tokenizer"] == named

    def test_chinese_with_no_tokenizer_named_is_noticed(self, invoke, chinese, tmp_path):
        for command in (["vocab"], ["cooccur", "-o", tmp_path / "counts.npz", "--min-count", "0"], ["lm", "train"]):
            output = ["-o", tmp_path / "m.lm"] if command[0] == "lm" else []
            tokenized_blocks._told.clear()  # as in a process of its own
            result = invoke(*command, chinese, *output)
            assert "the text looks Chinese" in result.stderr
            assert "--tokenizer zh" in result.stderr
        assert "looks Chinese" not in invoke("vocab", chinese, "--quiet").stderr
        assert "looks Chinese" not in invoke("vocab", chinese, "--tokenizer", "char").stderr

    def test_other_text_is_not(self, invoke, corpus):
        assert "looks Chinese" not in invoke("vocab", corpus).stderr


class TestLanguageModels:
    @pytest.fixture
    def model(self, invoke, chinese, tmp_path):
        path = tmp_path / "m.lm"
        options = ["--tokenizer", "nfkc|zh", "--smoothing", "witten-bell", "--order", "2", "--quiet"]
        result = invoke("lm", "train", chinese, "-o", path, *options)
        assert result.exit_code == 0, result.output
        return path

    def words(self, result):
        assert result.exit_code == 0, result.output
        return [line.split("\t")[0] for line in result.stdout.splitlines() if line]

    def test_a_model_cuts_raw_text_as_the_text_that_it_learned(self, invoke, model):
        assert load_model(model).facts["tokenizer"] == "nfkc|zh"
        asked = "足球冠军，２０２３年。\n"
        scored = invoke("lm", "score", model, "-", "--tokens", input=asked)
        assert self.words(scored) == ["足球", "冠军", "2023", "年", "</s>"]
        total = invoke("lm", "score", model, "-", input="足球冠军２０２３年\n").stdout.split("\t")
        assert total[0] == invoke("lm", "score", model, "-", input=asked).stdout.split("\t")[0]
        assert total[1] == "0"

    def test_another_tokenizer_may_be_named(self, invoke, model):
        result = invoke("lm", "score", model, "-", "--tokens", "--tokenizer", "char", input="银行\n")
        assert self.words(result) == ["银", "行", "</s>"]

    def test_info_tells_how_words_are_cut(self, invoke, model):
        assert json.loads(invoke("info", model, "--json").stdout)["tokenizer"] == "nfkc|zh"


class TestClassify:
    @pytest.fixture
    def table(self, tmp_path, chinese_text):
        rows = [
            f"{line}\t{label}" for line, label in zip(chinese_text.splitlines(), ["体育", "财经"] * 40, strict=True)
        ]
        path = tmp_path / "zh.tsv"
        path.write_text("\n".join(["text\tlabel", *rows, ""]), encoding="utf-8")
        return path

    @pytest.mark.parametrize("model", ["logreg", "fasttext"])
    def test_a_saved_classifier_cuts_new_texts_the_same_way(self, invoke, table, tmp_path, model):
        path = tmp_path / "m.skops"
        options = ["--tokenizer", "zh", "--model", model, "--valid-size", "0", "--threads", "1", "--quiet"]
        result = invoke("classify", "train", table, "-o", path, *options)
        assert result.exit_code == 0, result.output
        texts = "银行利率上涨\n足球冠军\n"
        predicted = invoke("classify", "predict", path, "-", "--lines", input=texts)
        assert predicted.stdout.split() == ["财经", "体育"]

    def test_features_are_words_of_the_tokenizer(self, invoke, table, tmp_path):
        from embedkit.classify.model_file import load_model as load_classifier

        path = tmp_path / "m.skops"
        options = ["--tokenizer", "zh", "--valid-size", "0", "--threads", "1", "--quiet"]
        assert invoke("classify", "train", table, "-o", path, *options).exit_code == 0
        terms = load_classifier(path)[0]["features"].get_feature_names_out().tolist()
        assert {*SPORT, *MONEY} <= set(terms)
        assert "足" not in terms

    def test_chinese_with_no_tokenizer_named_is_noticed(self, invoke, table):
        for options, told in (([], True), (["--tokenizer", "zh"], False), (["--features", "characters"], False)):
            result = invoke("classify", "train", table, "--model", "nb", *options)
            assert ("the texts look Chinese" in result.stderr) == told, result.stderr

    def test_a_dictionary_in_a_name_gets_its_whole_path(self, invoke, chinese, dictionary, tmp_path, monkeypatch):
        monkeypatch.chdir(dictionary.parent)
        for options in (
            ["--tokenizer", f"zh+dict:{dictionary.name}"],
            ["--tokenizer", "zh", "--dict", dictionary.name],
        ):
            result = invoke("lm", "train", chinese, "-o", tmp_path / "m.lm", *options, "--order", "2")
            assert result.exit_code == 0, result.output
            assert f"zh+dict:{dictionary}" in invoke("info", tmp_path / "m.lm").output
