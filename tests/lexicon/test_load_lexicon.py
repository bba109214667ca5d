"""One name for any lexicon: what `load_lexicon` makes of names, paths and objects."""

import gzip
import shutil
import subprocess
import sys

import numpy as np
import pytest

from embedkit.errors import InputError, ParameterError
from embedkit.lexicon import CilinLexicon, Lexicon, VectorLexicon, WordLists, WordNet, load_lexicon
from embedkit.vectors.keyed_vectors import KeyedVectors

CILIN = "Aa01A01= 人 士 人物\n"


@pytest.fixture
def vectors():
    return KeyedVectors(["cat", "kitten", "car", "bus"], [[1, 0.1, 0], [1, 0.2, 0], [0, 0, 1], [0, 0.1, 1]])


def test_the_installed_wordnet(monkeypatch, wordnet_folder):
    monkeypatch.setenv("WNSEARCHDIR", str(wordnet_folder))
    assert load_lexicon("wordnet").synonyms("nlp") == ["natural language processing"]


def test_a_wordnet_by_its_place(wordnet_folder, tmp_path):
    for source in (f"wordnet:{wordnet_folder}", str(wordnet_folder), wordnet_folder, wordnet_folder.parent):
        lexicon = load_lexicon(source)
        assert isinstance(lexicon, WordNet)
        assert lexicon.synonyms("nlp") == ["natural language processing"]
    path = shutil.make_archive(str(tmp_path / "wordnet"), "zip", wordnet_folder)
    assert load_lexicon(path).synonyms("nlp") == ["natural language processing"]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("w.tsv", "人\t士\n", WordLists),
        ("w.tab", "人\t士\n", WordLists),
        ("w.csv", "人,士\n", WordLists),
        ("w.json", '{"人": ["士"]}', WordLists),
        ("w.txt", "\n人\t士\n", WordLists),
        ("w", "人，士\n".replace("，", ","), WordLists),
        ("w.dat", ' {"人": ["士"]}', WordLists),
        ("w.txt", CILIN, CilinLexicon),
        ("cilin", "\n" + CILIN, CilinLexicon),
    ],
)
def test_files_of_words_by_ending_or_content(tmp_path, name, text, kind, encoding):
    (tmp_path / name).write_bytes(text.encode(encoding))
    lexicon = load_lexicon(tmp_path / name, encoding=encoding)
    assert isinstance(lexicon, kind)
    assert lexicon.synonyms("人")[0] == "士"


def test_compressed_files_are_told_by_the_ending_before(tmp_path):
    (tmp_path / "w.json.gz").write_bytes(gzip.compress(b'{"good": ["fine"]}'))
    assert load_lexicon(tmp_path / "w.json.gz").synonyms("good") == ["fine"]
    (tmp_path / "w.txt.gz").write_bytes(gzip.compress(CILIN.encode()))
    assert load_lexicon(tmp_path / "w.txt.gz").synonyms("人") == ["士", "人物"]


@pytest.mark.parametrize("name", ["v.bin", "v.txt", "v.vec", "v.embedkit"])
def test_files_of_vectors(tmp_path, vectors, name):
    vectors.save(tmp_path / name)
    lexicon = load_lexicon(tmp_path / name)
    assert isinstance(lexicon, VectorLexicon)
    assert lexicon.synonyms("cat") == ["kitten"]


def test_vectors_as_glove_writes_them(tmp_path, vectors):
    vectors.save(tmp_path / "v.txt", format="glove")
    assert load_lexicon(tmp_path / "v.txt").synonyms("cat") == ["kitten"]


def test_objects(vectors):
    class Mine(Lexicon):
        def __contains__(self, word):
            return False

        def synonyms(self, word, *, pos=None):
            return []

    mine = Mine()
    assert load_lexicon(mine) is mine
    assert mine.hypernyms("a") == mine.hypernym_paths("a") == mine.antonyms("a") == mine.hyponyms("a") == []
    assert load_lexicon(vectors).synonyms("cat") == ["kitten"]
    assert load_lexicon({"good": ["fine"]}).synonyms("good") == ["fine"]


def test_a_file_in_another_encoding_says_which(tmp_path):
    for name, text in (("c.txt", CILIN), ("w.txt", "人\t士\n"), ("w.json", '{"人": ["士"]}')):
        (tmp_path / name).write_bytes(text.encode("gb18030"))
        with pytest.raises(InputError, match=r"not utf-8 .*'gb18030'"):
            load_lexicon(tmp_path / name)


@pytest.mark.parametrize("text", ["a line of text\nand another\n", "word\n"])
def test_files_that_are_no_lexicon(tmp_path, text):
    (tmp_path / "notes.txt").write_text(text)
    with pytest.raises(InputError, match=r"cannot tell what lexicon .*notes.txt is"):
        load_lexicon(tmp_path / "notes.txt")


def test_files_and_names_that_are_not_there(tmp_path):
    with pytest.raises(InputError, match=r"no such file: .*thesaurus"):
        load_lexicon(tmp_path / "thesaurus")
    with pytest.raises(InputError, match="no such file or directory: /nowhere"):
        load_lexicon("wordnet:/nowhere")
    with pytest.raises(InputError, match="the path is empty"):
        load_lexicon("wordnet:")
    with pytest.raises(InputError, match="the path is empty"):
        load_lexicon("")
    (tmp_path / "empty.txt").write_bytes(b"")
    with pytest.raises(InputError, match=r"empty.txt is empty"):
        load_lexicon(tmp_path / "empty.txt")


@pytest.mark.parametrize("source", [5, None, b"wordnet", ["wordnet"]])
def test_what_names_no_lexicon_is_refused(source):
    with pytest.raises(ParameterError, match="expected 'wordnet', 'wordnet:PATH'"):
        load_lexicon(source)


def test_an_unknown_encoding_is_refused_before_anything_is_read():
    with pytest.raises(ParameterError, match="encoding='klingon'"):
        load_lexicon("/nowhere.tsv", encoding="klingon")


def test_a_lexicon_needs_no_scikit_learn_and_no_optional_package():
    script = "import sys, embedkit.lexicon; print(*[n for n in ('sklearn', 'wn', 'nltk', 'scipy') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_vectors_with_words_of_digits_are_vectors(tmp_path):
    words = ["2024", "1999", "king"]
    KeyedVectors(words, np.eye(3, dtype=np.float32) + 1).save(tmp_path / "v.txt", format="glove")
    assert isinstance(load_lexicon(tmp_path / "v.txt"), VectorLexicon)
