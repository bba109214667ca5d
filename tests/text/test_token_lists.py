"""Lists of words read as they are asked for: the words that are counted, in blocks of any size."""

import pytest

from embedkit.errors import InputError, ParameterError
from embedkit.text.corpus import Corpus
from embedkit.text.encoding import encode_corpus
from embedkit.text.tokenized_blocks import token_lists

LINES = [
    "Don't stop, it's 5 o’clock!",
    "",
    "中国 科学院在２０２３年。İSTANBUL ΟΔΟΣ",
    "   ",
    "long " * 300 + "x" * 500,
    "...",
    "e\u0301te\u0301 \u0301b\u3000c\x85d",
    "last\t3.14",
]
NAMES = ["whitespace", "words", "char+punctuation", "zh", "nfkc|lower|zh+search", r"html|regex:\w\w+", str.split, list]


def counted(corpus, **options):
    """The words of each document by way of their ids."""
    documents = [[]]
    with encode_corpus(corpus, min_count=1, keep_empty=True, **options) as encoded:
        for i in encoded.ids.tolist():
            if i >= 0:
                documents[-1].append(encoded.vocabulary.words[i])
            else:
                documents.append([])
    return documents[:-1]


@pytest.mark.parametrize("lowercase", [False, True])
@pytest.mark.parametrize("name", NAMES, ids=str)
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_they_hold_the_words_that_are_counted(tmp_path, monkeypatch, name, lowercase, size):
    monkeypatch.setattr("embedkit.text.tokenized_blocks.LIST_BLOCK_BYTES", size)
    path = tmp_path / "text.txt"
    path.write_bytes("\r\n".join(LINES).encode())
    corpus = Corpus.from_paths([path])
    lists = list(token_lists(corpus, name, lowercase))
    assert len(lists) == len(LINES)
    assert lists == counted(corpus, tokenizer=name, lowercase=lowercase)


def test_token_lists_are_taken_as_they_are(monkeypatch):
    documents = ["A b.", ["New York", "", "is"], [], "", ["ΟΔΟΣ"]]
    for size in (1, 1000):
        monkeypatch.setattr("embedkit.text.tokenized_blocks.LIST_BLOCK_BYTES", size)
        corpus = Corpus.from_documents(documents)
        assert list(token_lists(corpus, "words")) == [["A", "b"], ["New York", "is"], [], [], ["ΟΔΟΣ"]]
        lowered = [["a", "b"], ["new york", "is"], [], [], ["οδος"]]
        assert list(token_lists(corpus, "words", lowercase=True)) == lowered


def test_a_document_is_read_when_it_is_asked_for(monkeypatch):
    monkeypatch.setattr("embedkit.text.tokenized_blocks.LIST_BLOCK_BYTES", 1)
    read = []

    def documents():
        for number in range(1000):
            read.append(number)
            yield f"document {number}"

    lists = token_lists(Corpus.from_documents(documents()), "words")
    assert read == []
    assert next(lists) == ["document", "0"]
    assert len(read) < 5


def test_progress_is_told_when_all_of_a_block_was_given(tmp_path, monkeypatch):
    monkeypatch.setattr("embedkit.text.tokenized_blocks.LIST_BLOCK_BYTES", 20)
    path = tmp_path / "text.txt"
    path.write_text("one two three\n" * 10)
    given, seen = [0], []
    lists = token_lists(Corpus.from_paths([path]), "words", on_progress=lambda done: seen.append((done, given[0])))
    for given[0], _ in enumerate(lists, 1):
        pass
    assert seen[-1] == (140, 10)
    assert len(seen) > 3
    assert all(number == done // 14 for done, number in seen)


def test_sentences_are_cut_before_steps_and_words():
    corpus = Corpus.from_documents(["Dr. Smith left. He ran! ... 你好。再见。", "", ["Not. Cut. Here"], "no end"])
    expected = [["dr", "smith", "left"], ["he", "ran"], ["你", "好"], ["再", "见"], ["Not. Cut. Here"], ["no", "end"]]
    assert list(token_lists(corpus, "lower|words", sentences=True)) == expected


def test_a_function_that_returns_no_words_is_an_error_that_shows_the_text():
    lists = token_lists(Corpus.from_documents(["fine", "bad one"]), lambda text: ["ok"] if text == "fine" else [1])
    assert next(lists) == ["ok"]
    with pytest.raises(InputError, match=r"the tokenizer, given 'bad one': token 0: .* expected a string"):
        next(lists)


def test_an_unknown_tokenizer_is_refused_before_the_text_is_read():
    with pytest.raises(ParameterError, match="there is no tokenizer 'word'"):
        token_lists(Corpus.from_documents([]), "word")
