"""Blocks of a corpus on their way to the scanner: normalised, and cut where the scanner cannot do it."""

import logging
from collections.abc import Callable, Iterator

from embedkit._cext import scan
from embedkit.errors import InputError
from embedkit.text.blocks import Block
from embedkit.text.chinese import looks_unsegmented_chinese
from embedkit.text.corpus import Corpus
from embedkit.text.document_blocks import join_tokens
from embedkit.text.normalization import Normalizer
from embedkit.text.sentences import split_sentences
from embedkit.text.tokenizers import Tokenizer, TokenizerLike, resolve_tokenizer

__all__ = ["prepared_blocks", "token_lists"]

logger = logging.getLogger(__name__)

SAMPLE_BYTES = 2**16
"""What is looked at to tell whether a text is Chinese without spaces."""

UNFIT_FOR_CHINESE = {
    scan.WHITESPACE: "whole sentences are taken",
    scan.WORDS: "single characters are taken",
}
"""What becomes of Chinese, by the mode of the scanner."""

# Modes that were said to be unfit: a model that is asked for one text after another would say it each time.
_told: set[int] = set()

LIST_BLOCK_BYTES = 2**18
"""Size of the blocks that become lists of words, whose strings take many times as much room."""


def prepared_blocks(blocks: Iterator[Block], tokenizer: Tokenizer) -> Iterator[Block]:
    """Do to blocks of text what a tokenizer asks for and the scanner cannot do.

    Parameters
    ----------
    blocks : iterator of Block
    tokenizer : Tokenizer

    Yields
    ------
    Block
        Token blocks as they were; text blocks as they were, normalised, or as tokens.

    Raises
    ------
    InputError
        If a function of the user's returns anything but a sequence of strings without NUL.
    """
    if tokenizer.cutter.mode in UNFIT_FOR_CHINESE:
        blocks = _noticing_chinese(blocks, tokenizer.cutter.mode)
    if tokenizer.cutter.mode == scan.TOKENS:
        if callable(tokenizer.spec):
            logger.info("words are cut by %r, a Python function: slower than the built-in tokenizers", tokenizer.spec)
        return _tokenized(blocks, tokenizer)
    return blocks if tokenizer.steps is None else _normalized(blocks, tokenizer.steps)


def token_lists(
    corpus: Corpus,
    tokenizer: TokenizerLike,
    lowercase: bool = False,
    *,
    sentences: bool = False,
    on_progress: Callable[[int], None] | None = None,
) -> Iterator[list[str]]:
    r"""The words of each document of a corpus, in order, read as they are asked for.

    Parameters
    ----------
    corpus : Corpus
    tokenizer : str, re.Pattern, callable or Tokenizer
        See `embedkit.text.tokenizers` for the names. Token lists are taken as they are.
    lowercase : bool
        Lower-case each word, as `str.lower` does.
    sentences : bool
        Cut texts into sentences first, by `embedkit.text.sentences`, and give a list for each sentence that has a word.
    on_progress : callable, optional
        Called with the number of bytes that have been read out of the corpus's `bytes_total`, now and then.

    Yields
    ------
    list of str
        Empty for a document without words.

    Raises
    ------
    ParameterError, MissingDependencyError
        As `resolve_tokenizer` does.
    InputError
        If the corpus cannot be read, or a function of the user's returns anything but strings without NUL.

    Examples
    --------
    >>> from embedkit.text.corpus import Corpus
    >>> corpus = Corpus.from_documents(["Yes, it is.", "", ["New York", "is", "big"]])
    >>> list(token_lists(corpus, "words"))
    [['Yes', 'it', 'is'], [], ['New York', 'is', 'big']]
    """
    cut = resolve_tokenizer(tokenizer)
    return _token_lists(corpus, cut, lowercase, sentences, on_progress)


def _token_lists(
    corpus: Corpus, tokenizer: Tokenizer, lowercase: bool, sentences: bool, on_progress: Callable[[int], None] | None
) -> Iterator[list[str]]:
    checked = callable(tokenizer.spec)
    blocks = corpus.blocks(LIST_BLOCK_BYTES)
    if tokenizer.cutter.mode == scan.WHITESPACE:
        blocks = _noticing_chinese(blocks, scan.WHITESPACE)
    for block, lines in _whole_lines(blocks):
        for words in _documents_of(bytes(block.data)) if block.tokens else ():
            yield _folded(words) if lowercase else words
        for line in lines:
            text = line.decode().removesuffix("\r")
            for part in split_sentences(text) if sentences else (text,):
                words = next(_documents_of(_checked(tokenizer, part))) if checked else tokenizer.tokenize(part)
                if words or not sentences:
                    yield _folded(words) if lowercase else words
        if on_progress is not None:
            on_progress(block.position)


def _folded(words: list[str]) -> list[str]:
    return [word.lower() for word in words]


def _documents_of(data: bytes) -> Iterator[list[str]]:
    """The documents of a token block."""
    words: list[str] = []
    for word in data.decode().split("\0")[:-1]:
        if word:
            words.append(word)
        else:
            yield words
            words = []


def _tokenized(blocks: Iterator[Block], tokenizer: Tokenizer) -> Iterator[Block]:
    own = callable(tokenizer.spec)
    for block, lines in _whole_lines(blocks):
        texts = [line.decode().removesuffix("\r") for line in lines]
        data = b"".join(_checked(tokenizer, text) for text in texts) if own else _joined(tokenizer, texts)
        yield Block(data, block.position, tokens=True) if lines else block


def _joined(tokenizer: Tokenizer, texts: list[str]) -> bytes:
    """The words of texts, of a tokenizer that is known to return words."""
    lists = map(tokenizer.tokenize, texts)
    return "".join(["\0".join(words) + "\0\0" if words else "\0" for words in lists]).encode()


def _checked(tokenizer: Tokenizer, text: str) -> bytes:
    """The words of a text, joined; an error that names the text if they are none."""
    try:
        return join_tokens(tokenizer.tokenize(text))
    except InputError as error:
        raise InputError(f"the tokenizer, given {text[:60]!r}: {error}") from None


def _normalized(blocks: Iterator[Block], steps: Normalizer) -> Iterator[Block]:
    for block, lines in _whole_lines(blocks):
        if not lines:
            yield block
            continue
        texts = [steps(line.decode()) for line in lines]
        yield Block("\n".join([*texts, ""]).encode(), block.position)


def _whole_lines(blocks: Iterator[Block]) -> Iterator[tuple[Block, list[bytes]]]:
    """Blocks and the lines that end in them, those that several blocks share joined; none for token blocks."""
    begun: list[bytes] = []  # of a line that has not ended yet
    for block in blocks:
        if block.tokens:
            yield block, []
            continue
        lines = bytes(block.data).split(b"\n")
        if len(lines) == 1:
            begun += lines
            continue
        lines[0] = b"".join([*begun, lines[0]])
        begun = [lines.pop()]
        yield block, lines


def _noticing_chinese(blocks: Iterator[Block], mode: int) -> Iterator[Block]:
    """The same blocks; says so, once for each mode, if the first one with text is Chinese without spaces."""
    asked = mode in _told
    for block in blocks:
        if not (asked or block.tokens):
            asked = True
            if looks_unsegmented_chinese(bytes(block.data[:SAMPLE_BYTES]).decode(errors="ignore")):
                _told.add(mode)
                logger.warning(
                    "the text looks Chinese, and has no spaces between its words, so that %s for words; cut it with "
                    "tokenizer='zh' (--tokenizer zh), or into characters with 'char'",
                    UNFIT_FOR_CHINESE[mode],
                )
        yield block
