"""`embedkit lexicon`: related words on lines, and in JSON."""

import json

import pytest
from embedkit_cli import lexicon as lexicon_commands
from lexicon.wndb import write_wordnet

from embedkit.lexicon import wordnet_places
from embedkit.lexicon.protocol import PARTS_OF_SPEECH


@pytest.fixture(scope="module")
def wordnet(tmp_path_factory):
    return f"wordnet:{write_wordnet(tmp_path_factory.mktemp('wordnet'))}"


@pytest.fixture
def look_up(invoke, wordnet):
    """Run a command of the group on the small WordNet."""
    return lambda *arguments: invoke("lexicon", *arguments, "--lexicon", wordnet)


def test_synonyms_of_a_word_are_a_word_a_line(look_up):
    result = look_up("synonyms", "dog")
    assert result.exit_code == 0, result.output
    assert result.stdout == "domestic dog\ncad\n"
    assert result.stderr == ""


def test_with_several_words_the_one_asked_for_comes_first(look_up):
    assert look_up("synonyms", "mice", "dog", "--pos", "n").stdout.splitlines() == [
        "mice\tcomputer mouse",
        "dog\tdomestic dog",
        "dog\tcad",
    ]


def test_antonyms_and_hyponyms(look_up):
    assert look_up("antonyms", "good").stdout == "bad\nevil\n"
    assert look_up("antonyms", "good", "--pos", "n").stdout == "evil\n"
    assert look_up("hyponyms", "city").stdout == "Rome\nEternal City\n"


def test_hypernyms_are_a_chain_on_a_line(look_up):
    result = look_up("hypernyms", "puppy", "dog")
    assert result.stdout == "puppy -> dog -> canine -> animal -> entity\ndog -> canine -> animal -> entity\n"


def test_every_way_to_the_top_is_a_line(look_up):
    assert look_up("hypernyms", "dog", "--all").stdout.splitlines() == [
        "dog -> canine -> animal -> entity",
        "dog -> domestic animal -> animal -> entity",
        "dog -> animal -> entity",
    ]
    assert look_up("hypernyms", "dog", "--all", "--sense", 2).stdout == "dog -> animal -> entity\n"
    assert look_up("hypernyms", "dog", "--sense", 2).stdout == "dog -> animal -> entity\n"


def test_json_is_one_object_by_word(look_up):
    assert json.loads(look_up("synonyms", "nlp", "puppy", "--json").stdout) == {
        "nlp": ["natural language processing"],
        "puppy": [],
    }
    assert json.loads(look_up("hypernyms", "rome", "happy", "--json").stdout) == {
        "rome": [["city", "entity"]],
        "happy": [],
    }


def test_a_word_without_such_words_is_said_so(look_up):
    result = look_up("antonyms", "dog", "good")
    assert result.exit_code == 0
    assert result.stdout == "good\tbad\ngood\tevil\n"
    assert result.stderr == "No antonyms of dog are known.\n"
    assert look_up("hypernyms", "happy").stderr == "No hypernyms of happy are known.\n"


@pytest.mark.parametrize("command", ["synonyms", "antonyms", "hypernyms", "hyponyms"])
def test_words_without_an_entry_are_an_error(fails, wordnet, command):
    message = fails("lexicon", command, "dog", "zebra", "xyz", "--lexicon", wordnet)
    assert "no entry for 'zebra', 'xyz' in <WordNet: " in message


def test_a_file_in_its_encoding(invoke, fails, tmp_path):
    path = tmp_path / "cilin.txt"
    path.write_bytes("Ga01A01= 高兴 快乐\n".encode("gb18030"))
    assert invoke("lexicon", "synonyms", "高兴", "--lexicon", path, "--encoding", "gb18030").stdout == "快乐\n"
    message = fails("lexicon", "synonyms", "高兴", "--lexicon", path)
    assert "set encoding (--encoding) to 'gb18030'" in message
    assert "klingon" in fails("lexicon", "synonyms", "高兴", "--lexicon", path, "--encoding", "klingon")
    options = ["--lexicon", path, "--encoding", "gb18030", "--pos", "n"]
    assert "knows no parts of speech" in fails("lexicon", "synonyms", "高兴", *options)


def test_vectors_as_a_lexicon(invoke, trained):
    words = invoke("lexicon", "synonyms", "cat", "--lexicon", trained).stdout.split()
    assert words
    assert set(words) <= {"dog", "mouse", "fur", "paw"}


def test_without_a_wordnet_the_command_that_installs_one_is_named(fails, monkeypatch):
    for variable in ("WNSEARCHDIR", "WNHOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(wordnet_places, "_places", lambda: iter(()))
    message = fails("lexicon", "synonyms", "good")
    assert "no WordNet is installed; install one with: " in message


def test_a_sense_that_there_is_not(fails, wordnet):
    assert "'dog' has 2 senses" in fails("lexicon", "hypernyms", "dog", "--sense", 9, "--lexicon", wordnet)


def test_control_characters_of_a_file_do_not_reach_the_terminal(invoke, tmp_path):
    path = tmp_path / "w.tsv"
    path.write_text("good\t\x1b[31mred\n")
    assert invoke("lexicon", "synonyms", "good", "--lexicon", path).stdout == "\\x1b[31mred\n"


@pytest.mark.parametrize("name", ["synonyms", "antonyms", "hypernyms", "hyponyms"])
def test_the_help_of_each_command_fits_its_line_and_has_an_example(invoke, name):
    result = invoke("lexicon", name, "--help")
    assert f"Examples:\n  embedkit lexicon {name}" in result.output
    assert max(map(len, result.output.splitlines())) <= 84
    assert "..." not in invoke("lexicon", "--help").output.replace("[ARGS]...", "")


def test_help_loads_no_numpy(loaded_after):
    assert not {"numpy", "rich"} & loaded_after("lexicon", "synonyms", "--help")


def test_parts_of_speech_are_those_of_the_package():
    assert lexicon_commands.PARTS_OF_SPEECH == PARTS_OF_SPEECH
