"""Where a WordNet is looked for, and what is said where there is none."""

import platform
import shutil
import zipfile

import pytest
from lexicon.wndb import write_wordnet

from embedkit.errors import InputError
from embedkit.lexicon import WordNet, wordnet_places
from embedkit.lexicon.wordnet_places import find_wordnet, install_command


@pytest.fixture(autouse=True)
def bare(monkeypatch, tmp_path):
    """A system without any WordNet."""
    for variable in ("WNSEARCHDIR", "WNHOME", "NLTK_DATA", "APPDATA"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    monkeypatch.setattr(wordnet_places.sys, "prefix", str(tmp_path / "python"))
    monkeypatch.setattr(wordnet_places, "SYSTEM_PLACES", (str(tmp_path / "system"),))
    monkeypatch.setattr(wordnet_places, "NLTK_SYSTEM_PLACES", (str(tmp_path / "share"),))


def zipped(folder, path):
    path.parent.mkdir(parents=True)
    with zipfile.ZipFile(path, "w") as archive:
        for one in folder.iterdir():
            archive.write(one, f"wordnet/{one.name}")
    return path


def test_the_variables_of_wordnet_come_first(monkeypatch, tmp_path):
    write_wordnet(tmp_path / "system")
    home = write_wordnet(tmp_path / "wnhome" / "dict")
    monkeypatch.setenv("WNHOME", str(tmp_path / "wnhome"))
    assert find_wordnet() == home
    here = write_wordnet(tmp_path / "here")
    monkeypatch.setenv("WNSEARCHDIR", str(here))
    assert find_wordnet() == here
    assert WordNet().synonyms("nlp") == ["natural language processing"]


@pytest.mark.parametrize("variable", ["WNSEARCHDIR", "WNHOME"])
def test_a_variable_that_names_no_wordnet_is_an_error(monkeypatch, tmp_path, variable):
    write_wordnet(tmp_path / "system")
    monkeypatch.setenv(variable, str(tmp_path / "nowhere"))
    with pytest.raises(InputError, match=rf"\${variable} is set to .*nowhere"):
        find_wordnet()


def test_packages_of_the_system_come_before_nltk(tmp_path):
    unpacked = write_wordnet(tmp_path / "home" / "nltk_data" / "corpora" / "wordnet")
    assert find_wordnet() == unpacked
    system = write_wordnet(tmp_path / "system")
    assert find_wordnet() == system


@pytest.mark.parametrize("place", ["home/nltk_data", "python/nltk_data", "python/share/nltk_data", "share"])
def test_what_nltk_downloaded_is_found_packed(tmp_path, place):
    folder = write_wordnet(tmp_path / "made")
    path = zipped(folder, tmp_path / place / "corpora" / "wordnet.zip")
    assert find_wordnet() == path
    assert WordNet().synonyms("nlp") == ["natural language processing"]


def test_every_place_of_nltk_data_is_looked_at(monkeypatch, tmp_path):
    unpacked = write_wordnet(tmp_path / "second" / "corpora" / "wordnet")
    monkeypatch.setenv("NLTK_DATA", f"{tmp_path / 'first'}{wordnet_places.os.pathsep}{tmp_path / 'second'}")
    assert find_wordnet() == unpacked


@pytest.mark.parametrize(
    ("release", "has_apt", "command"),
    [
        ({"ID": "debian"}, True, "apt install wordnet-base"),
        ({"ID": "ubuntu", "ID_LIKE": "debian"}, True, "apt install wordnet-base"),
        ({"ID": "linuxmint", "ID_LIKE": "ubuntu debian"}, True, "apt install wordnet-base"),
        ({"ID": "debian"}, False, "pip install nltk && python -m nltk.downloader wordnet"),
        ({"ID": "fedora"}, False, "pip install nltk && python -m nltk.downloader wordnet"),
        (None, False, "pip install nltk && python -m nltk.downloader wordnet"),
    ],
)
def test_where_there_is_none_the_error_has_the_command(monkeypatch, release, has_apt, command):
    def known():
        if release is None:
            raise OSError("no os-release")
        return release

    monkeypatch.setattr(platform, "freedesktop_os_release", known)
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/apt" if has_apt else None)
    assert install_command() == command
    with pytest.raises(InputError) as caught:
        WordNet()
    assert f"no WordNet is installed; install one with: {command}" in str(caught.value)
