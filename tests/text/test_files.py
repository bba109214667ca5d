"""Inputs opened by their ending; outputs that are complete or not there."""

import bz2
import gzip
import lzma
import os
import stat
import threading
from pathlib import Path

import pytest

from embedkit.errors import InputError, OutputError
from embedkit.text.files import check_writable, open_input, replace_directory, replace_file

PACKERS = {"": bytes, ".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}


@pytest.mark.parametrize("ending", PACKERS)
def test_inputs_and_outputs_are_compressed_by_their_ending(tmp_path, ending):
    written, read = tmp_path / f"out.txt{ending}", tmp_path / f"in.txt{ending}"
    with replace_file(written) as out:
        out.write(b"some text")
    read.write_bytes(PACKERS[ending](b"some text"))
    for path in (written, read):
        with open_input(path) as stream:
            assert stream.read() == b"some text"


@pytest.mark.parametrize("ending", PACKERS)
def test_the_same_content_gives_the_same_bytes(tmp_path, ending):
    for name in ("a", "b"):
        with replace_file(tmp_path / f"{name}{ending}") as out:
            out.write(b"some text")
    assert (tmp_path / f"a{ending}").read_bytes() == (tmp_path / f"b{ending}").read_bytes()


def test_inputs_that_cannot_be_read_are_named(tmp_path):
    with pytest.raises(InputError, match=r"no such file: .*missing.txt"):
        open_input(tmp_path / "missing.txt")
    with pytest.raises(InputError, match="is a directory, expected a file"):
        open_input(tmp_path)


def test_an_empty_path_is_not_the_current_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="the path is empty; is a shell variable unset"):
        open_input("")
    for write in (check_writable, lambda path: replace_file(path).__enter__(), fill_directory):
        with pytest.raises(OutputError, match="the path is empty; is a shell variable unset"):
            write("")
    assert os.listdir(tmp_path) == []


def fill_directory(path):
    with replace_directory(path):
        pass


def test_an_interrupted_output_leaves_the_older_one_and_nothing_else(tmp_path):
    path = tmp_path / "out.txt"
    path.write_bytes(b"older")

    def write_half():
        with replace_file(path) as out:
            out.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert path.read_bytes() == b"older"
    assert os.listdir(tmp_path) == ["out.txt"]


def test_an_output_has_the_rights_that_the_umask_gives(tmp_path):
    older = os.umask(0o027)
    try:
        with replace_file(tmp_path / "file") as out:
            out.write(b"")
        with replace_directory(tmp_path / "folder"):
            pass
    finally:
        os.umask(older)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o640
    assert stat.S_IMODE((tmp_path / "folder").stat().st_mode) == 0o750


def test_a_link_is_followed_and_stays_a_link(tmp_path):
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"older")
    link.symlink_to(target)
    with replace_file(link) as out:
        out.write(b"newer")
    assert link.is_symlink()
    assert target.read_bytes() == b"newer"


@pytest.mark.parametrize("name", ["long" * 50, "漢字" * 40])
def test_names_of_the_greatest_length_can_be_written(tmp_path, name):
    with replace_file(tmp_path / name) as out:
        out.write(b"text")
    assert (tmp_path / name).read_bytes() == b"text"


@pytest.mark.parametrize("write", [check_writable, lambda path: replace_file(path).__enter__()])
def test_outputs_that_cannot_be_written_are_explained(tmp_path, write):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match="nowhere does not exist; make it first"):
        write(tmp_path / "nowhere" / "out")
    with pytest.raises(OutputError, match="file is not a directory"):
        write(tmp_path / "file" / "out")
    with pytest.raises(OutputError, match=r"cannot write .*: File name too long; "):
        write(tmp_path / ("long" * 100))


def test_a_directory_is_no_place_for_a_file_and_the_other_way_round(tmp_path):
    (tmp_path / "file").write_bytes(b"kept")
    with pytest.raises(OutputError, match="it is a directory; name a file"), replace_file(tmp_path):
        pass
    with pytest.raises(OutputError, match="a file of that name exists"), replace_directory(tmp_path / "file"):
        pass
    assert (tmp_path / "file").read_bytes() == b"kept"


def test_checking_leaves_nothing_behind(tmp_path):
    check_writable(tmp_path / "out")
    assert os.listdir(tmp_path) == []


def test_a_directory_is_replaced_whole_or_not_at_all(tmp_path):
    folder = tmp_path / "folder"
    with replace_directory(folder) as fresh:
        (fresh / "older").write_bytes(b"")
    with replace_directory(folder) as fresh:
        (fresh / "newer").write_bytes(b"")
    assert os.listdir(folder) == ["newer"]

    def fill_half():
        with replace_directory(folder) as fresh:
            (fresh / "half").write_bytes(b"")
            raise ValueError

    with pytest.raises(ValueError):
        fill_half()
    assert os.listdir(folder) == ["newer"]
    assert os.listdir(tmp_path) == ["folder"]


def test_a_link_to_a_directory_is_followed_and_stays_a_link(tmp_path):
    real, link = tmp_path / "real", tmp_path / "link"
    real.mkdir()
    link.symlink_to(real)
    with replace_directory(link) as fresh:
        (fresh / "newer").write_bytes(b"")
    assert link.is_symlink()
    assert os.listdir(real) == ["newer"]
    assert sorted(os.listdir(tmp_path)) == ["link", "real"]


@pytest.mark.parametrize("older", [False, True])
def test_a_directory_that_cannot_be_renamed_into_place_comes_back(tmp_path, monkeypatch, older):
    folder = tmp_path / "folder"
    if older:
        folder.mkdir()
        (folder / "older").write_bytes(b"")
    rename = Path.replace

    def interrupted(path, target):
        if target == folder and not (path / "older").exists():
            raise KeyboardInterrupt
        return rename(path, target)

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt), replace_directory(folder):
        pass
    assert os.listdir(tmp_path) == ["folder"] * older
    assert not older or os.listdir(folder) == ["older"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_a_full_device_is_explained_and_not_replaced():
    def fill():
        with replace_file("/dev/full") as out:
            out.write(b"x" * 100_000)

    with pytest.raises(OutputError, match="No space left on device; free some room"):
        fill()
    check_writable("/dev/full")
    assert stat.S_ISCHR(os.stat("/dev/full").st_mode)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_written_as_it_is(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    received = []
    reader = threading.Thread(target=lambda: received.append(pipe.read_bytes()))
    reader.start()
    with replace_file(pipe) as out:
        out.write(b"through")
    reader.join()
    assert received == [b"through"]


@pytest.mark.skipif(not os.path.exists("/dev/fd"), reason="this system names no open files")
@pytest.mark.parametrize("inner", ["", "link"])
def test_an_open_pipe_is_written_by_its_name_in_dev(tmp_path, inner):
    reading, writing = os.pipe()
    path = f"/dev/fd/{writing}"
    if inner:
        (tmp_path / inner).symlink_to(path)
        path = tmp_path / inner
    check_writable(path)
    with replace_file(path) as out:
        out.write(b"through")
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        assert pipe.read() == b"through"


@pytest.mark.parametrize("path", ["a\0b", "\ud800"])
def test_what_cannot_be_a_name_is_no_file(path):
    with pytest.raises(InputError, match="cannot be the name of a file"):
        open_input(path)
