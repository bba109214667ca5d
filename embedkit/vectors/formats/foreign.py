"""Files of other kinds, told by their first bytes: named, and refused with a hint."""

import re
import struct

from embedkit.text.decoding import looks_wide
from embedkit.vectors.formats.source import Source

FASTTEXT_MAGIC = struct.pack("<i", 793712314)
FASTTEXT_ARGUMENTS = struct.Struct("<12id3i")
OLD_PICKLE = re.compile(rb"\([dl]p\d+\n|[}\]]q\x00|c[\w.]+\n\w+\n(?:p\d+\n|q[\x00-\x08]|\()")
BZIP2 = tuple(b"BZh%d1AY&SY" % level for level in range(1, 10))
UNPACK = "unpack it first"
KINDS = (
    (
        FASTTEXT_MAGIC,
        "a fastText model",
        "load the .vec file that lies beside it, or make one with: fasttext print-word-vectors",
    ),
    (b"\x93NUMPY", "a NumPy array without words", "build KeyedVectors(words, numpy.load(path)) and save them"),
    (b"PK\x03\x04", "a zip archive (.npz and PyTorch's .pt are such, too)", "unpack or convert it first"),
    (b"\x1f\x8b", "compressed by gzip", "give it a name that ends in .gz"),
    (BZIP2, "compressed by bzip2", "give it a name that ends in .bz2"),
    (b"\xfd7zXZ\x00", "compressed by xz", "give it a name that ends in .xz"),
    (b"\x28\xb5\x2f\xfd", "compressed by zstd", UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", UNPACK),
    (b"Rar!\x1a\x07", "a RAR archive", UNPACK),
    (b"\x89HDF\r\n", "an HDF5 file", "write its words and vectors as word2vec text first"),
    (b"FiFu\x00", "a finalfusion file", "convert it with finalfusion's convert first"),
    (b"SQLite format 3\x00", "an SQLite database (Magnitude, perhaps)", "write its vectors as word2vec text first"),
    (b"\xff\xfe", "UTF-16 text", "convert it to UTF-8 first"),
    (b"\xfe\xff", "UTF-16 text", "convert it to UTF-8 first"),
)


def refuse_foreign(source: Source) -> None:
    """Raise FormatError if `source` is empty or a known kind of file that holds no vectors embedkit reads."""
    head = source.head
    if not head:
        raise source.error("is empty, expected word vectors; fetch it again")
    for mark, kind, hint in KINDS:
        if head.startswith(mark):
            raise source.error(f"is {kind}; {hint}")
    if head[8:10] == b'{"' and head[5:8] == bytes(3):
        raise source.error("is a safetensors file; build KeyedVectors from its words and its matrix, and save them")
    if _is_old_fasttext(head):
        raise source.error(f"is {KINDS[0][1]} of an old version; {KINDS[0][2]}")
    if _is_pickle(head):
        raise source.error(
            f"is a Python pickle{' made by gensim' if b'gensim' in head else ''}; embedkit never unpickles, since that "
            "runs what the file says: load it with what wrote it and save it in a format of vectors (gensim: "
            "save_word2vec_format)"
        )
    # In the formats that are read, no first line holds NUL.
    if looks_wide(head.partition(b"\n")[0]):
        raise source.error("is UTF-16 or UTF-32 text without a byte-order mark, it seems; convert it to UTF-8 first")


def _is_pickle(head: bytes) -> bool:
    """Whether a file starts as pickles of protocols 2 to 5 do, or as those of 0 and 1 that hold an object."""
    return (head[:1] == b"\x80" and head[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05")) or bool(OLD_PICKLE.match(head))


def _is_old_fasttext(head: bytes) -> bool:
    """Whether a file starts with the parameters of a fastText model, which had no magic number before 2016-11."""
    if len(head) < FASTTEXT_ARGUMENTS.size:
        return False
    values = FASTTEXT_ARGUMENTS.unpack_from(head)
    dim, window, epochs, _, _, _, loss, model, _, minn, maxn, _, sample, size, n_words, n_labels = values
    return (
        0 < dim <= 10_000
        and 0 < window <= 10_000
        and 0 < epochs <= 1_000_000
        and loss in (1, 2, 3)
        and model in (1, 2, 3)
        and 0 <= minn <= maxn <= 1000
        and 0 <= sample <= 1
        and size == n_words + n_labels > 0
    )
