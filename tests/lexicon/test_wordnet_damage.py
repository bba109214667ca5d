"""Files of WordNet that are cut, mixed up or missing: one error that names the file and the place in it."""

import re
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lexicon.wndb import write_wordnet

from embedkit.errors import InputError
from embedkit.lexicon import WordNet
from embedkit.lexicon.wordnet_files import WordNetFiles

FILE_AND_PLACE = re.compile(r"(index|data)\.(noun|verb|adj|adv).* byte \d+|\.exc, line \d+")


@pytest.fixture
def folder(tmp_path):
    return write_wordnet(tmp_path / "dict")


def ask(folder, word="dog"):
    lexicon = WordNet(folder)
    return lexicon.synonyms(word), lexicon.antonyms(word), lexicon.hypernyms(word)


@pytest.mark.parametrize("name", ["index.noun", "data.noun", "index.adv"])
def test_a_file_that_is_missing(folder, name):
    (folder / name).unlink()
    with pytest.raises(InputError, match=f"lacks {name}"):
        WordNet(folder)


@pytest.mark.parametrize("name", ["index.noun", "data.noun", "verb.exc"])
def test_a_file_that_is_empty(folder, name):
    (folder / name).write_bytes(b"")
    with pytest.raises(InputError, match=f"{name} is empty"):
        ask(folder)


def test_data_that_end_before_the_synset(folder):
    data = (folder / "data.noun").read_bytes()
    at = data.index(b"dog 0 domestic_dog") - 17
    (folder / "data.noun").write_bytes(data[:at])
    with pytest.raises(InputError, match=rf"data.noun: what begins at byte {at} is not the synset .* {at} bytes"):
        ask(folder)


@pytest.mark.parametrize("kept", range(9, 60))
def test_a_synset_that_is_cut_anywhere_before_its_gloss(folder, kept):
    data = (folder / "data.noun").read_bytes()
    at = data.index(b"dog 0 domestic_dog") - 17
    assert data[at:].index(b" | ") > 60
    (folder / "data.noun").write_bytes(data[: at + kept])
    with pytest.raises(InputError, match=f"data.noun: what begins at byte {at} is a synset that is cut short"):
        ask(folder)


def test_a_gloss_that_is_cut_does_no_harm(folder):
    data = (folder / "data.noun").read_bytes()
    (folder / "data.noun").write_bytes(data[:-9])
    assert ask(folder, "ice cream")[2] == ["entity"]


def test_line_ends_that_were_converted(folder):
    data = (folder / "data.noun").read_bytes()
    (folder / "data.noun").write_bytes(data.replace(b"\n", b"\r\n"))
    with pytest.raises(InputError, match=r"data.noun: what begins at byte"):
        ask(folder)


def test_an_index_of_another_wordnet(folder):
    data = (folder / "index.noun").read_bytes()
    dog = next(line for line in data.splitlines() if line.startswith(b"dog "))
    mouse = next(line for line in data.splitlines() if line.startswith(b"mouse "))
    (folder / "index.noun").write_bytes(data.replace(dog.split()[-1], mouse.split()[-1]))
    with pytest.raises(InputError, match=r"index.noun has 'dog' at byte .* where the words are mouse"):
        ask(folder)


@pytest.mark.parametrize(
    "line",
    [
        b"dog n 2 1 @",
        b"dog n two 0 1 0 00000001",
        b"dog n 2 0 2 0 00000001",
        b"dog n 0 0 0 0",
        b"dog",
        b"dog n",
        b"dog n 1 0 1 0 0000012",
    ],
)
def test_an_entry_of_an_index_that_is_damaged(folder, line):
    (folder / "index.noun").write_bytes(line + b"\n")
    with pytest.raises(InputError, match=r"index.noun: what begins at byte 0"):
        ask(folder)


@pytest.mark.parametrize("line", [b"mice", b"m\xff ice"])
def test_a_line_of_exceptions_that_is_damaged(folder, line):
    (folder / "noun.exc").write_bytes(b"geese goose\n" + line + b"\n")
    with pytest.raises(InputError, match=r"noun.exc, line 2: expected a form and its base forms"):
        ask(folder)


@pytest.mark.parametrize("pointer", [b"@ 00000000 x 0000", b"@ 0000000z n 0000", b"@ 00000120 n 000"])
def test_a_pointer_that_is_damaged(folder, pointer):
    data = (folder / "data.noun").read_bytes()
    at = data.index(b"dog 0 domestic_dog")
    start = data.index(b"@ ", at)
    (folder / "data.noun").write_bytes(data[:start] + pointer + data[start + len(b"@ 00000000 n 0000") :])
    with pytest.raises(InputError, match=r"data.noun: what begins at byte"):
        ask(folder)


def test_archives_that_are_none_or_damaged(folder, tmp_path):
    path = tmp_path / "wordnet.zip"
    path.write_bytes(b"no archive")
    with pytest.raises(InputError, match=r"wordnet.zip is no zip archive"):
        WordNet(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme", "nothing")
    with pytest.raises(InputError, match=r"wordnet.zip holds no WordNet"):
        WordNet(path)
    with zipfile.ZipFile(path, "w") as archive:
        for one in folder.iterdir():
            archive.write(one, f"wordnet/{one.name}")
    data = path.read_bytes()
    path.write_bytes(data.replace(b"domestic_dog 0", b"domestic_cat 0"))
    with pytest.raises(InputError, match=r"cannot read .*data.noun .*CRC"):
        ask(path)


@given(data=st.data())
@settings(max_examples=150)
def test_bytes_changed_at_random_give_answers_or_an_input_error(wordnet_folder, tmp_path_factory, data):
    folder = write_wordnet(tmp_path_factory.mktemp("damaged"))
    name = data.draw(st.sampled_from(["data.noun", "index.noun", "noun.exc", "data.adj", "index.adj"]))
    content = bytearray((folder / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    (folder / name).write_bytes(content[: data.draw(st.integers(1, len(content)))])
    for word in ("dog", "mice", "good", "zebra"):
        try:
            ask(folder, word)
        except InputError as error:
            # What was changed in one file may be found in another that it points to.
            if not FILE_AND_PLACE.search(str(error)):
                raise


lemmas = st.text(st.sampled_from("ab_'.é"), min_size=1, max_size=4).filter(lambda word: "\n" not in word)


@given(words=st.sets(lemmas, max_size=20), asked=lemmas)
def test_bisection_finds_what_a_dictionary_does(tmp_path_factory, words, asked):
    folder = write_wordnet(tmp_path_factory.mktemp("sorted"))
    places = {word: number for number, word in enumerate(sorted(words, key=str.encode))}
    lines = [f"{word} n 1 0 1 0 {number:08d}  \n" for word, number in places.items()]
    licence = "  1 words of any kind\n"
    (folder / "index.noun").write_text(licence + "".join(lines), encoding="utf-8")
    files = WordNetFiles(folder)
    for word in {*words, asked}:
        entry = files.entry(word, "n")
        assert (None if entry is None else entry.offsets) == ((places[word],) if word in places else None)
