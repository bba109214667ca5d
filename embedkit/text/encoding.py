"""From a corpus to its vocabulary and the array of its word ids, in one pass."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import TracebackType

import numpy as np

from embedkit._cext import scan
from embedkit.checks import check_integer
from embedkit.errors import InputError
from embedkit.text.blocks import BLOCK_BYTES, Block
from embedkit.text.character_tables import case_tables
from embedkit.text.corpus import Corpus
from embedkit.text.idstore import IdStore
from embedkit.text.tokenized_blocks import prepared_blocks
from embedkit.text.tokenizers import Tokenizer, TokenizerLike, resolve_tokenizer
from embedkit.text.vocabulary import Vocabulary

__all__ = ["DOCUMENT_END", "EncodedCorpus", "EncodingProgress", "encode_corpus"]

LARGEST_COUNT = 2**63 - 1

DOCUMENT_END: int = scan.DOCUMENT_END
"""The id, -1, that stands behind the last word of each document."""


@dataclass(frozen=True)
class EncodingProgress:
    """How far a corpus has been read.

    Attributes
    ----------
    bytes_done, bytes_total : int
        Of the input, compressed files as they lie on disk; the total is None where it is not known.
    words : int
        Read so far, all occurrences.
    vocabulary : int
        Distinct words so far, seen by the thread that saw most.
    seconds : float
    """

    bytes_done: int
    bytes_total: int | None
    words: int
    vocabulary: int
    seconds: float


@dataclass(eq=False)
class EncodedCorpus:
    """A corpus as numbers; a context manager, since a large one lives in a temporary file.

    Attributes
    ----------
    ids : ndarray of int32, (n_ids,)
        Positions in `vocabulary` of the words, in the order of the corpus; words outside it are left
        out. Each document ends with `DOCUMENT_END`.
    vocabulary : Vocabulary
    n_words : int
        Words of the corpus before any was left out.
    n_documents : int
        Documents in `ids`.
    n_bytes : int
        UTF-8 text that was read, in bytes after decompression.
    seconds : float
        Time it took.
    """

    ids: np.ndarray
    vocabulary: Vocabulary
    n_words: int
    n_documents: int
    n_bytes: int
    seconds: float
    _store: IdStore | None = field(default=None, repr=False, compare=False)

    def close(self) -> None:
        """Let go of the ids and remove the temporary file, if there is one."""
        self.ids = np.empty(0, np.int32)
        if self._store is not None:
            self._store.close()

    def __enter__(self) -> "EncodedCorpus":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def encode_corpus(
    corpus: Corpus,
    *,
    tokenizer: TokenizerLike = "whitespace",
    lowercase: bool = False,
    min_count: int = 5,
    max_vocab: int | None = None,
    vocabulary: Vocabulary | None = None,
    keep_empty: bool = False,
    keep_unknown: bool = False,
    n_threads: int = 1,
    memory: int = 4 * 2**30,
    on_progress: Callable[[EncodingProgress], None] | None = None,
) -> EncodedCorpus:
    """Count the words of a corpus and replace them by ids, reading it once.

    The result depends neither on `n_threads` nor on `memory`.

    Parameters
    ----------
    corpus : Corpus
    tokenizer : str, re.Pattern or callable
        See `embedkit.text.tokenizers` for the names. A function takes a line, or a text in which line ends have become
        spaces, and returns a list of words; it is slower, as are patterns. Token lists are taken as they are.
    lowercase : bool
        Lower-case each word, as `str.lower` does.
    min_count : int
        Leave out words that occur less often.
    max_vocab : int, optional
        Keep only so many words, the most frequent ones.
    vocabulary : Vocabulary, optional
        Use these words and no others; `min_count` and `max_vocab` then look at its counts.
    keep_empty : bool
        Let documents that have no word left keep their `DOCUMENT_END`, so that ids and documents
        can be matched. A corpus without any word of a given vocabulary is then no error.
    keep_unknown : bool
        Give words outside the vocabulary the id ``len(vocabulary)`` instead of leaving them out. Having no others is
        then no error.
    n_threads : int
        At most 16 are used: each counts in a table of its own.
    memory : int
        Bytes of ids above which they live in a memory-mapped temporary file. 4 bytes a word are needed.
    on_progress : callable, optional
        Called with an `EncodingProgress` after each block, in the calling thread.

    Returns
    -------
    EncodedCorpus

    Raises
    ------
    ParameterError
        If a parameter has a value that cannot work.
    InputError
        If the corpus cannot be read, has no words, or has none that `min_count` or `vocabulary` keeps.
    OutputError
        If the temporary file cannot be written.

    Examples
    --------
    >>> from embedkit.text.corpus import Corpus
    >>> corpus = Corpus.from_documents(["to be or not to be", "be quick"])
    >>> encoded = encode_corpus(corpus, min_count=2)
    >>> encoded.vocabulary.words, encoded.ids.tolist()
    (['be', 'to'], [1, 0, 1, 0, -1, 0, -1])
    """
    started = time.perf_counter()
    cut = resolve_tokenizer(tokenizer)
    check_integer("min_count", min_count, 0, LARGEST_COUNT)
    if max_vocab is not None:
        check_integer("max_vocab", max_vocab, 1, LARGEST_COUNT)
    check_integer("n_threads", n_threads, 1)
    check_integer("memory", memory, 0)
    if vocabulary is not None:
        vocabulary = _pruned(vocabulary, min_count, max_vocab)
    n_threads = min(n_threads, scan.MAX_THREADS)
    scanner = _scanner(cut, lowercase, n_threads)
    store = IdStore(memory)
    sizes: list[int] = []  # of the blocks as they are read
    try:
        for block in prepared_blocks(_measured(corpus.blocks(BLOCK_BYTES * n_threads), sizes), cut):
            store.append(scanner.scan(block.data, block.tokens), scanner.take)
            if on_progress is not None:
                on_progress(_progress(corpus, block, scanner, started))
        n_words, n_bytes = scanner.n_words, sum(sizes)
        if n_words == 0 and not (keep_empty and vocabulary is not None):
            raise InputError(f"no words in {corpus}, {n_bytes} bytes of text; name a text that has some")
        vocabulary = _vocabulary(scanner, corpus, min_count, max_vocab, vocabulary, keep_empty or keep_unknown)
        unknown = {"unknown": len(vocabulary)} if keep_unknown else {}
        n_ids, n_documents = scanner.finish(store.array(), keep_empty, **unknown)
        ids = store.truncate(n_ids)
        return EncodedCorpus(
            ids, vocabulary, n_words, n_documents, n_bytes, seconds=time.perf_counter() - started, _store=store
        )
    except OverflowError as error:
        store.close()
        raise InputError(f"{error}, more than can be counted; cut {corpus} into parts") from error
    except BaseException:
        store.close()
        raise
    finally:
        scanner.close()


def _vocabulary(
    scanner: scan.Scanner,
    corpus: Corpus,
    min_count: int,
    max_vocab: int | None,
    given: Vocabulary | None,
    none_is_fine: bool,
) -> Vocabulary:
    """Choose the words, or look up the given ones; the scanner is left ready to rewrite the ids."""
    word, count = scanner.merge()
    if given is not None:
        if not scanner.assign(given.words) and not none_is_fine:
            raise InputError(
                f"no word of {corpus} is in the vocabulary: the most frequent are {word!r} here and "
                f"{given.words[0]!r} there; use the tokenizer and the case that the vocabulary was made with"
            )
        return given
    words, counts = scanner.select(min_count, max_vocab)
    if not words:
        raise InputError(
            f"no word of {corpus} occurs {min_count} times: the most frequent, {word!r}, has {count}; "
            f"set min_count (--min-count) to {count} or less"
        )
    return Vocabulary.from_ordered(words, counts)


def _measured(blocks: Iterator[Block], sizes: list[int]) -> Iterator[Block]:
    for block in blocks:
        sizes.append(len(block.data))
        yield block


def _scanner(tokenizer: Tokenizer, lowercase: bool, n_threads: int) -> scan.Scanner:
    """A scanner with the tables that it will look at."""
    classes, lower = case_tables() if lowercase else (np.empty(0, np.uint8), np.empty(0, np.int32))
    cutter = tokenizer.cutter
    return scan.Scanner(n_threads, cutter.mode, lowercase, classes, lower, punctuation=cutter.punctuation)


def _progress(corpus: Corpus, block: Block, scanner: scan.Scanner, started: float) -> EncodingProgress:
    seconds = time.perf_counter() - started
    return EncodingProgress(block.position, corpus.bytes_total, scanner.n_words, scanner.n_distinct, seconds)


def _pruned(vocabulary: Vocabulary, min_count: int, max_vocab: int | None) -> Vocabulary:
    """The words of a given vocabulary that its own counts keep."""
    if not len(vocabulary):
        raise InputError("the vocabulary has no words; give one that has, or none")
    kept = vocabulary.prune(min_count=min_count, max_vocab=max_vocab)
    if not len(kept):
        word, count = vocabulary.words[0], vocabulary.counts[0]
        raise InputError(
            f"no word of the vocabulary has a count of {min_count}: the most frequent, {word!r}, has {count}; "
            f"set min_count (--min-count) to {count} or less"
        )
    return kept
