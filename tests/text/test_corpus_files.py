"""Files as a corpus: whatever their size, ending, encoding or damage."""

import bz2
import gzip
import io
import lzma
import os
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import scan as naive

from embedkit.errors import InputError, ParameterError
from embedkit.text.corpus import Corpus

SIZES = [1, 2, 3, 7, 64, 4096, 1 << 20]


def read(corpus, size=1 << 20):
    """All text of a corpus, its blocks checked on the way."""
    whole, before = b"", 0
    for block in corpus.blocks(size):
        data = bytes(block.data)
        assert data[-1:].isspace() or data[-1:] in b"\x1c\x1d\x1e\x1f"
        assert not block.tokens
        assert before <= block.position
        whole, before = whole + data, block.position
    assert corpus.bytes_total in (None, before) or not whole
    return whole


@pytest.fixture
def write(tmp_path):
    def writer(data, name="text.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(data)
        return path

    return writer


class TestBlocks:
    @given(text=st.text(alphabet=naive.ODD + "\n  ", max_size=300), size=st.sampled_from(SIZES), bom=st.booleans())
    def test_blocks_of_any_size_make_up_the_file(self, tmp_path_factory, text, size, bom):
        path = tmp_path_factory.mktemp("any") / "text.txt"
        data = text.lstrip("\ufeff").encode()
        path.write_bytes(b"\xef\xbb\xbf" * bom + data)
        ended = data if data.endswith(b"\n") or not data else data + b"\n"
        assert read(Corpus.from_paths([path]), size) == ended

    @pytest.mark.parametrize("size", SIZES)
    @pytest.mark.parametrize("n", [1, 100_000, 3_000_000])
    def test_a_word_longer_than_a_block_stays_whole(self, write, n, size):
        if n // size > 10_000_000:
            pytest.skip("too many system calls")
        data = b"short " + b"w" * n + b" other words\n" + b"x y z\n" * 10
        assert read(Corpus.from_paths([write(data)]), size) == data

    def test_blocks_return_to_their_size_after_a_long_word(self, write):
        path = write(b"w" * 100_000 + b" short words\n" * 100_000)
        sizes = [len(block.data) for block in Corpus.from_paths([path]).blocks(1024)]
        assert sizes[0] > 100_000
        assert max(sizes[2:]) <= 1024

    def test_a_line_longer_than_a_block_is_one_document(self, write):
        data = b"many words " * 1_000_000
        assert read(Corpus.from_paths([write(data)]), 1 << 16) == data + b"\n"

    def test_the_end_of_a_file_ends_a_document(self, write):
        paths = [write(b"a b", "1.txt"), write(b"c\n", "2.txt"), write(b"", "3.txt"), write(b"d ", "4.txt")]
        assert read(Corpus.from_paths(paths)) == b"a b\nc\nd \n"

    def test_a_corpus_of_files_is_read_again_and_again(self, write):
        corpus = Corpus.from_paths([write(b"a b\n")])
        assert read(corpus) == read(corpus) == b"a b\n"

    def test_progress_ends_at_the_total(self, write):
        paths = [write(b"a b c\n" * 1000, "1.txt"), write(gzip.compress(b"d e\n" * 1000), "2.gz"), write(b"f", "3.txt")]
        corpus = Corpus.from_paths(paths)
        positions = [block.position for block in corpus.blocks(512)]
        assert corpus.bytes_total == sum(path.stat().st_size for path in paths)
        assert positions == sorted(positions)
        assert positions[0] <= 512
        assert positions[-1] == corpus.bytes_total


class TestCompression:
    @pytest.mark.parametrize(("ending", "compress"), [(".gz", gzip), (".bz2", bz2), (".xz", lzma), (".GZ", gzip)])
    def test_it_is_undone(self, write, ending, compress):
        data = "\ufeffein Wörtchen\r\n".encode() + b"words\n" * 10_000
        corpus = Corpus.from_paths([write(compress.compress(data), "text.txt" + ending)])
        assert read(corpus, 1000) == data.removeprefix(b"\xef\xbb\xbf")

    @pytest.mark.parametrize(("ending", "compress"), [(".gz", gzip), (".bz2", bz2), (".xz", lzma)])
    def test_a_truncated_file_is_named(self, write, ending, compress):
        whole = compress.compress(bytes(range(32, 127)) * 1000 + os.urandom(9999).hex().encode())
        path = write(whole[: len(whole) // 2], "cut.txt" + ending)
        with pytest.raises(InputError, match=r"cannot read .*cut\.txt.*truncated or damaged"):
            read(Corpus.from_paths([path]))

    @pytest.mark.parametrize("ending", [".gz", ".bz2", ".xz"])
    def test_what_is_not_compressed_is_named(self, write, ending):
        path = write(b"plain text\n", "plain" + ending)
        with pytest.raises(InputError, match=rf"cannot read .*plain\{ending}"):
            read(Corpus.from_paths([path]))

    def test_damage_within_is_named(self, write):
        whole = bytearray(gzip.compress(os.urandom(5000).hex().encode()))
        whole[2000] ^= 0xFF
        path = write(bytes(whole), "bad.gz")
        with pytest.raises(InputError, match=r"cannot read .*bad\.gz"):
            read(Corpus.from_paths([path]))

    @pytest.mark.parametrize(("kind", "compress"), [("gzip", gzip), ("bzip2", bz2), ("xz", lzma)])
    def test_a_compressed_file_of_another_name_is_recognised(self, write, kind, compress):
        path = write(compress.compress(b"text\n"), "text.txt")
        with pytest.raises(InputError, match=rf"text\.txt is compressed by {kind}.*decompress"):
            read(Corpus.from_paths([path]))


class TestEncodings:
    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
    @pytest.mark.parametrize("encoding_errors", ["strict", "replace", "ignore"])
    @pytest.mark.parametrize("text", ["hi\n", "a few words, and more\n" * 500])
    def test_utf_16_and_32_are_refused_with_a_hint(self, write, encoding, encoding_errors, text):
        path = write(text.encode(encoding))
        with pytest.raises(InputError, match=r"text\.txt .*UTF-(16|32).*iconv -f UTF-(16|32) -t UTF-8 .*text\.txt"):
            read(Corpus.from_paths([path], encoding_errors=encoding_errors))

    def test_only_the_start_of_a_file_makes_it_utf_16(self, write):
        path = write(b"\0" * 100 + b" in every place\n")
        read(Corpus.from_paths([path], encoding_errors="replace"))
        path = write(b"plain text, " * 100 + "wide text ".encode("utf-16-le") * 50)
        expected = "plain text, " * 100 + "".join(f"{char}\ufffd" for char in "wide text " * 50)
        assert read(Corpus.from_paths([path], encoding_errors="replace"), 64).decode() == expected + "\n"

    @pytest.mark.parametrize("size", SIZES)
    @pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
    @pytest.mark.parametrize("bad", [b"\xff", b"\xc3(", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf4\x90\x80\x80", b"\xe4\xb8"])
    def test_an_invalid_byte_is_named_with_its_offset(self, write, size, start, bad):
        before = start + "viele Wörter, 世界\n".encode() * 100
        path = write(before + b"so" + bad + b" weiter\n" * 50)
        with pytest.raises(InputError, match=rf"text\.txt .*0x{bad[0]:02x} at offset {len(before) + 2};.*iconv"):
            read(Corpus.from_paths([path]), size)

    @pytest.mark.parametrize(
        ("text", "encoding", "guess"),
        [
            ("今天的天气是不错的，我们在公园里。\n", "gb18030", "GB18030"),
            ("今天的天氣是不錯的，我們在公園裡。\n", "big5", "BIG5"),
            ("un café très serré\n", "latin-1", "LATIN1"),
        ],
    )
    def test_the_likely_encoding_is_named(self, write, text, encoding, guess):
        with pytest.raises(InputError, match=f"iconv -f {guess} -t UTF-8"):
            list(Corpus.from_paths([write(text.encode(encoding) * 5)]).blocks())

    def test_an_offset_counts_decompressed_bytes(self, write):
        path = write(gzip.compress(b"word " * 1000 + b"\xff"), "text.gz")
        with pytest.raises(InputError, match="offset 5000"):
            read(Corpus.from_paths([path]), 64)

    @pytest.mark.parametrize("tail", ["é".encode()[:1], "世".encode()[:2], "😀".encode()[:3]])
    def test_a_character_cut_by_the_end_of_the_file_is_invalid(self, write, tail):
        with pytest.raises(InputError, match="at offset 6"):
            read(Corpus.from_paths([write(b"words " + tail)]))
        corpus = Corpus.from_paths([write(b"words " + tail)], encoding_errors="replace")
        assert read(corpus) == "words \ufffd\n".encode()

    @given(
        data=st.lists(
            st.sampled_from([b"word ", b"\n", b"\xff", b"\xe4\xb8", b"\xed\xa0\x80", b"\xc3\xa9", b"zz"])
            | st.binary(max_size=3)
        ).map(b"".join),
        size=st.sampled_from(SIZES),
    )
    @pytest.mark.parametrize("encoding_errors", ["replace", "ignore"])
    def test_replace_and_ignore_do_what_decode_does(self, tmp_path_factory, data, size, encoding_errors):
        data = b"text " * (1 + data.count(0)) + data  # so that it does not look like UTF-16
        path = tmp_path_factory.mktemp("any") / "text.txt"
        path.write_bytes(data)
        expected = data.decode(errors=encoding_errors).replace("\0", "\ufffd" if encoding_errors == "replace" else "")
        corpus = Corpus.from_paths([path], encoding_errors=encoding_errors)
        assert read(corpus, size).decode().rstrip("\n") == expected.rstrip("\n")

    @pytest.mark.parametrize("size", SIZES)
    def test_a_nul_byte_is_named_with_its_offset(self, write, size):
        path = write(b"some words\n" * 100 + b"a\0b c\n")
        with pytest.raises(InputError, match=r"text\.txt has a NUL byte at offset 1101"):
            read(Corpus.from_paths([path]), size)
        for encoding_errors, kept in [("replace", "\ufffd"), ("ignore", "")]:
            corpus = Corpus.from_paths([path], encoding_errors=encoding_errors)
            assert read(corpus, size).decode() == "some words\n" * 100 + f"a{kept}b c\n"

    def test_other_ways_to_handle_errors_are_refused(self, write):
        with pytest.raises(ParameterError, match=r"encoding_errors='surrogateescape'.*'strict', 'replace', 'ignore'"):
            Corpus.from_paths([write(b"a")], encoding_errors="surrogateescape")


class TestPaths:
    def test_a_directory_stands_for_its_files_in_order_but_for_hidden_ones(self, write, tmp_path):
        for name in ["d/b.txt", "d/a/z.txt", "d/a.txt", "d/.hidden", "d/.git/config", "d/c/d/e.txt.gz"]:
            data = name.encode() + b"\n"
            write(gzip.compress(data) if name.endswith(".gz") else data, name)
        corpus = Corpus.from_paths([tmp_path / "d"])
        assert read(corpus).split() == [b"d/a/z.txt", b"d/a.txt", b"d/b.txt", b"d/c/d/e.txt.gz"]

    def test_a_pattern_stands_for_what_it_matches_in_order(self, write, tmp_path):
        for name in ["b1.txt", "a1.txt", "sub/c1.txt", "x1/inside.txt", "a2.dat"]:
            write(name.encode() + b"\n", name)
        assert read(Corpus.from_any(str(tmp_path / "*1.txt"))).split() == [b"a1.txt", b"b1.txt"]
        assert read(Corpus.from_any(str(tmp_path / "**" / "*1.txt"))).split() == [b"a1.txt", b"b1.txt", b"sub/c1.txt"]
        assert read(Corpus.from_any(str(tmp_path / "x*"))).split() == [b"x1/inside.txt"]

    def test_a_file_whose_name_looks_like_a_pattern_is_a_file(self, write):
        path = write(b"words\n", "what[1].txt")
        assert read(Corpus.from_any(str(path))) == b"words\n"

    def test_path_objects_in_a_list_or_generator_are_files(self, write):
        paths = [write(b"a\n", "1.txt"), write(b"b\n", "2.txt")]
        assert read(Corpus.from_any(paths)) == read(Corpus.from_any(iter(paths))) == b"a\nb\n"
        assert Corpus.from_any(paths).files == [str(path) for path in paths]

    def test_standard_input(self, monkeypatch):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbfa b\r\nc")))
        corpus = Corpus.from_any("-")
        assert corpus.bytes_total is None
        assert read(corpus) == b"a b\r\nc\n"

    def test_an_error_in_standard_input_is_named(self, monkeypatch):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"abc \xff\n")))
        with pytest.raises(InputError, match="standard input is not valid UTF-8: byte 0xff at offset 4"):
            read(Corpus.from_any("-"))

    def test_no_standard_input(self, monkeypatch):
        monkeypatch.setattr(sys, "stdin", None)
        with pytest.raises(InputError, match="no standard input"):
            read(Corpus.from_any("-"))

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
    def test_a_named_pipe_is_read(self, tmp_path):
        path = tmp_path / "pipe.txt"
        os.mkfifo(path)
        writer = threading.Thread(target=path.write_bytes, args=(b"from a pipe\n" * 1000,))
        writer.start()
        corpus = Corpus.from_paths([path])
        assert corpus.bytes_total is None
        assert read(corpus, 100) == b"from a pipe\n" * 1000
        writer.join()

    @pytest.mark.parametrize("name", ["nowhere.txt", "none*.txt", "x" * 5000])
    def test_a_missing_file_is_named(self, tmp_path, name):
        with pytest.raises(InputError, match=r"no (such file|file matches).*(nowhere|none\*|\.\.|/pytest-).*check"):
            Corpus.from_paths([tmp_path / name])

    def test_a_text_taken_for_a_path_is_explained(self):
        with pytest.raises(InputError, match=r"no such file: to be\nor not; .*in a list: \[text\]"):
            Corpus.from_any("to be\nor not")
        with pytest.raises(InputError, match=r"in a list"):
            Corpus.from_any("NUL \0 in a text")

    def test_an_empty_path_is_not_the_current_directory(self, write, monkeypatch):
        monkeypatch.chdir(write(b"a").parent)
        for source in (lambda: Corpus.from_paths(["text.txt", ""]), lambda: Corpus.from_any("")):
            with pytest.raises(InputError, match="the path is empty; is a shell variable unset"):
                source()

    def test_an_empty_directory_is_named(self, tmp_path):
        (tmp_path / "empty").mkdir()
        (tmp_path / "empty" / ".hidden").write_bytes(b"x")
        with pytest.raises(InputError, match="empty holds no file"):
            Corpus.from_paths([tmp_path / "empty"])

    def test_no_path_at_all(self):
        with pytest.raises(InputError, match="name at least one file"):
            Corpus.from_paths([])

    def test_a_file_that_vanishes_is_named(self, write):
        path = write(b"a")
        corpus = Corpus.from_paths([path])
        path.unlink()
        with pytest.raises(InputError, match=r"no such file: .*text\.txt"):
            read(corpus)

    @pytest.mark.filterwarnings("error::ResourceWarning", "error::pytest.PytestUnraisableExceptionWarning")
    def test_files_are_closed_when_reading_stops_early(self, write):
        blocks = Corpus.from_paths([write(b"a b c\n" * 1000)]).blocks(16)
        next(blocks)
        assert open_files("text.txt") == 1
        blocks.close()
        assert open_files("text.txt") == 0


def open_files(name):
    """How many descriptors of this process are open on a file of this name."""
    descriptors = Path("/proc/self/fd")
    if not descriptors.is_dir():
        pytest.skip("needs /proc")
    return sum(os.path.realpath(link).endswith(name) for link in descriptors.iterdir())


def test_links_below_a_directory_are_followed_once_and_broken_ones_are_named(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "text.txt").write_text("words\n")
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "linked").symlink_to(tmp_path / "data")
    (corpus / "again").symlink_to(corpus)
    assert Corpus.from_paths([corpus]).files == [str(corpus / "linked" / "text.txt")]
    (corpus / "broken").symlink_to(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"no such file: .*broken"):
        list(Corpus.from_paths([corpus]).blocks())


def test_a_directory_that_cannot_be_read_is_an_error(tmp_path, monkeypatch):
    def refused(*_, onerror, **__):
        onerror(PermissionError(13, "Permission denied", "secret"))
        return []

    monkeypatch.setattr("embedkit.text.file_blocks.os.walk", refused)
    with pytest.raises(InputError, match="cannot read the directory secret: Permission denied"):
        Corpus.from_paths([tmp_path])


def test_a_single_path_is_taken_for_a_list_of_one(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("words\n")
    assert Corpus.from_paths(path).files == Corpus.from_paths(str(path)).files == [str(path)]
