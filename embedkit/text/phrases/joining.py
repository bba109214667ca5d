"""Joining the phrases of an encoded corpus: word ids are replaced by those of phrases, in place."""

import itertools
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from embedkit._cext import phrases as kernel
from embedkit.checks import check_integer
from embedkit.errors import InputError
from embedkit.text.encoding import DOCUMENT_END, EncodedCorpus
from embedkit.text.phrases.finding import find_phrases
from embedkit.text.phrases.keeping import Keep
from embedkit.text.phrases.settings import PhraseSettings
from embedkit.text.phrases.table import Phrase, PhraseTable
from embedkit.text.vocabulary import Vocabulary
from embedkit.threads import check_threads, share_work

__all__ = ["JoinedCorpus", "PhraseProgress", "apply_phrases", "join_phrases"]


@dataclass(frozen=True)
class PhraseProgress:
    """How far the phrases are.

    Attributes
    ----------
    turn, passes : int
        The pass, from 1, and how many there are.
    fraction : float
        How much of all passes is done.
    phrases : int
        Found in the passes before.
    seconds : float

    Examples
    --------
    >>> step = PhraseProgress(turn=2, passes=2, fraction=0.75, phrases=1200, seconds=1.5)
    >>> f"pass {step.turn} of {step.passes}, {step.fraction:.0%} of all"
    'pass 2 of 2, 75% of all'
    """

    turn: int
    passes: int
    fraction: float
    phrases: int
    seconds: float


@dataclass(eq=False)
class JoinedCorpus(EncodedCorpus):
    """A corpus as numbers, in which phrases are words.

    Attributes
    ----------
    n_words : int
        Words of the corpus before any was joined or left out.
    phrases : PhraseTable
    n_joined : int
        How many phrases were joined, all occurrences.
    phrase_seconds : float
        Time it took after the encoding, which `seconds` is of.

    Examples
    --------
    >>> from embedkit.text.corpus import Corpus
    >>> from embedkit.text.encoding import encode_corpus
    >>> encoded = encode_corpus(Corpus.from_documents(["new york", "to new york"]), min_count=1)
    >>> with apply_phrases(encoded, PhraseTable([[Phrase(("new", "york"), 120.5, 40)]])) as joined:
    ...     joined.n_words, joined.n_joined, joined.most_joined(5)
    (5, 2, ['new_york'])
    """

    phrases: PhraseTable = field(default_factory=PhraseTable, repr=False)
    n_joined: int = 0
    phrase_seconds: float = 0.0

    def most_joined(self, n: int) -> list[str]:
        """The `n` most frequent of its words that are phrases."""
        names = self.phrases.scores
        found: list[str] = []
        for word in self.vocabulary:
            if len(found) == n:
                break
            if word in names:
                found.append(word)
        return found


def join_phrases(
    encoded: EncodedCorpus,
    settings: PhraseSettings | None = None,
    *,
    min_count: int = 5,
    max_vocab: int | None = None,
    vocabulary: Vocabulary | None = None,
    keep_empty: bool = False,
    n_threads: int = 1,
    memory: int = 4 * 2**30,
    on_progress: Callable[[PhraseProgress], None] | None = None,
) -> JoinedCorpus:
    """Find the phrases of a corpus, and make each of them one word.

    Pairs are counted in the ids, within documents, and joined from left to right: a word is in one phrase only. The
    result does not depend on `n_threads` or `memory`. The ids are rewritten where they are. Beyond them are needed

    * for the pairs `memory`, or 1.5 bytes for each id if that is more, or 24 bytes for each occurrence of the most
      frequent word if that is more still;
    * for each different word 24 bytes and another 8 for each thread, and some 100 for its places in a second list and
      in two dicts of the words;
    * for each phrase some 400 bytes: its entry in the table, and its name as a new word.

    Parameters
    ----------
    encoded : EncodedCorpus
        With all its words, as ``encode_corpus(..., min_count=1)`` makes it: where rare words are left out already,
        others look adjacent. It is taken over and has no ids afterwards: use the result in its place, and close that.
    settings : PhraseSettings, optional
        What makes a phrase.
    min_count, max_vocab, vocabulary, keep_empty
        Which words are kept afterwards, as for `encode_corpus`.
    n_threads : int
    memory : int
        Bytes for pairs.
    on_progress : callable, optional
        Called with a `PhraseProgress` now and then, in the calling thread.

    Returns
    -------
    JoinedCorpus
        The vocabulary has phrases and words, with what is left of their counts. A phrase that is a word already,
        new_york, is that word.

    Raises
    ------
    ParameterError
        If a parameter has a value that cannot work.
    InputError
        If `encoded` was closed or taken over, has ids outside its vocabulary or a vocabulary with counts of another
        text, or if no word is kept.

    Examples
    --------
    >>> from embedkit.text.corpus import Corpus
    >>> from embedkit.text.encoding import encode_corpus
    >>> corpus = Corpus.from_documents(["in new york", "new york is big", "a big day in the city"])
    >>> settings = PhraseSettings(min_count=1, threshold=2)
    >>> joined = join_phrases(encode_corpus(corpus, min_count=1), settings, min_count=2)
    >>> joined.vocabulary.words, joined.ids.tolist(), joined.phrases.scores
    (['big', 'in', 'new_york'], [1, 2, -1, 2, 0, -1, 0, 1, -1], {'new_york': 3.25})
    """
    settings = PhraseSettings() if settings is None else settings
    settings.validate()
    check_integer("memory", memory, 0)
    keep = Keep(min_count, max_vocab, vocabulary, keep_empty)
    text = _Text(encoded, check_threads(n_threads))

    def passes(pool: Executor) -> PhraseTable:
        table = PhraseTable(delimiter=settings.delimiter)
        for turn in range(1, settings.passes + 1):

            def on_part(fraction: float, turn: int = turn) -> None:
                if on_progress is not None:
                    seconds = time.perf_counter() - text.started
                    share = (turn - 1 + fraction) / settings.passes
                    on_progress(PhraseProgress(turn, settings.passes, share, len(table), seconds))

            on_part(0.0)
            connectors = [text.index[word] for word in settings.connector_words if word in text.index]
            found = find_phrases(
                text.ids,
                text.counts,
                np.array(connectors, np.int64),
                settings,
                pool,
                text.n_threads,
                memory=memory,
                on_part=on_part,
            )
            if not len(found):
                break
            parts = text.spell(found.words, found.offsets)
            scored = zip(parts, found.scores.tolist(), found.counts.tolist(), strict=True)
            table.passes.append([Phrase(*phrase) for phrase in scored])
            text.join(found.words, found.offsets, map(settings.delimiter.join, parts), pool)
        return table

    return text.run(passes, keep)


def apply_phrases(encoded: EncodedCorpus, table: PhraseTable, *, n_threads: int = 1) -> JoinedCorpus:
    """Join phrases that are known already, and leave out no word or document.

    Parameters
    ----------
    encoded : EncodedCorpus
        With all its words; it is taken over, as by `join_phrases`.
    table : PhraseTable
        Of its phrases that begin at a word, the longest of a pass is joined.
    n_threads : int

    Returns
    -------
    JoinedCorpus

    Raises
    ------
    ParameterError
        If `n_threads` or the table cannot work.
    InputError
        If `encoded` cannot be used, as for `join_phrases`.

    Examples
    --------
    >>> from embedkit.text.corpus import Corpus
    >>> from embedkit.text.encoding import encode_corpus
    >>> encoded = encode_corpus(Corpus.from_documents(["he saw new york"]), min_count=1)
    >>> apply_phrases(encoded, PhraseTable([[Phrase(("new", "york"), 120.5, 40)]])).vocabulary.words
    ['he', 'new_york', 'saw']
    """
    tables = table.by_first_word
    text = _Text(encoded, check_threads(n_threads))

    def passes(pool: Executor) -> PhraseTable:
        for beginning in tables:
            # A short text has few of the phrases, so what is looked up are its words.
            met = (phrase.parts for word in text.words if word in beginning for phrase in beginning[word])
            known = [parts for parts in met if all(word in text.index for word in parts)]
            if known:
                words = np.array([text.index[word] for parts in known for word in parts], np.int32)
                offsets = np.concatenate([[0], np.cumsum([len(parts) for parts in known])])
                text.join(words, offsets, map(table.delimiter.join, known), pool)
        return table

    return text.run(passes, Keep(1, None, None, keep_empty=True))


def _check_encoded(encoded: EncodedCorpus) -> None:
    """Raise InputError unless the ids are there, and all of them those of words of the vocabulary."""
    ids, vocabulary = encoded.ids, encoded.vocabulary
    if not len(ids) and encoded.n_documents:
        raise InputError(
            f"the encoded corpus of {encoded.n_documents} documents has no ids any more, since it was closed or taken "
            "over by join_phrases or apply_phrases; use what these returned, or encode the text again"
        )
    if ids.dtype != np.int32 or ids.ndim != 1 or not ids.flags.carray:
        raise InputError(
            f"the ids of the corpus are {ids.dtype} of shape {ids.shape}, expected int32 in one dimension, one behind "
            "the other in memory and writable; use what encode_corpus returns"
        )
    least, most = (int(ids.min()), int(ids.max())) if len(ids) else (DOCUMENT_END, DOCUMENT_END)
    if least < DOCUMENT_END or most >= len(vocabulary):
        raise InputError(
            f"the corpus has ids from {least} to {most}, expected {DOCUMENT_END} behind each document and otherwise "
            f"those of the {len(vocabulary)} words of its vocabulary; encode the text without keep_unknown"
        )
    if vocabulary.total != len(ids) - encoded.n_documents:
        raise InputError(
            f"the vocabulary counts {vocabulary.total} words, but the corpus has {len(ids) - encoded.n_documents}; "
            "encode the text with min_count=1 and no given vocabulary, whose counts are of another text"
        )


class _Text:
    """The ids of a corpus while phrases are joined, and the words, which become more."""

    def __init__(self, encoded: EncodedCorpus, n_threads: int) -> None:
        _check_encoded(encoded)
        self.started = time.perf_counter()
        self.encoded = encoded
        self.n_threads = n_threads
        self.ids = encoded.ids
        self.words = list(encoded.vocabulary.words)
        self.index = dict(encoded.vocabulary.index)
        self.counts = encoded.vocabulary.counts.copy()
        self.n_joined = 0

    def run(self, passes: Callable[[Executor], PhraseTable], keep: Keep) -> JoinedCorpus:
        """Go through the passes and finish; what was taken over is closed if that fails."""
        try:
            with ThreadPoolExecutor(max(self.n_threads - 1, 1)) as pool:
                table = passes(pool)
                return self._finish(table, keep, pool)
        except BaseException:
            self.ids = np.empty(0, np.int32)
            self.encoded.close()
            raise

    def spell(self, words: np.ndarray, offsets: np.ndarray) -> list[tuple[str, ...]]:
        """The words of phrases."""
        flat = [self.words[i] for i in words.tolist()]
        edges = offsets.tolist()
        return [tuple(flat[begin:end]) for begin, end in itertools.pairwise(edges)]

    def join(self, words: np.ndarray, offsets: np.ndarray, names: Iterable[str], pool: Executor) -> None:
        """Put the ids of phrases, which are added to the words, in the place of those of their words."""
        joined = np.array([self._add(name) for name in names], np.int32)
        counts = np.zeros(len(self.words), np.int64)
        counts[: len(self.counts)] = self.counts
        flags = np.zeros(len(self.words), np.uint8)
        inner = np.ones(len(words), bool)
        inner[offsets[:-1]] = inner[offsets[1:] - 1] = False
        for flag, place in (
            (kernel.STARTS, words[offsets[:-1]]),
            (kernel.ENDS, words[offsets[1:] - 1]),
            (kernel.JOINS, words[inner]),
        ):
            flags[place] |= flag
        slots = np.zeros(2 << (2 * len(joined)).bit_length(), np.int32)
        kernel.index_phrases(words, offsets, slots)
        cuts = self._cuts(lambda at: kernel.cut_text(self.ids, at, flags))
        uses = np.zeros((len(cuts), len(joined)), np.int64)

        def work(i: int) -> int:
            return kernel.join(self.ids, *cuts[i], flags, words, offsets, slots, joined, uses[i])

        self._rewrite(cuts, work, pool)
        total = uses.sum(axis=0)
        np.subtract.at(counts, words, np.repeat(total, np.diff(offsets)))
        np.add.at(counts, joined, total)
        self.counts = counts
        self.n_joined += int(total.sum())

    def _add(self, name: str) -> int:
        """Id of a word, which is added if it is new."""
        found = self.index.setdefault(name, len(self.words))
        if found == len(self.words):
            self.words.append(name)
        return found

    def _finish(self, table: PhraseTable, keep: Keep, pool: Executor) -> JoinedCorpus:
        """Leave out words, and give the rest their final ids."""
        vocabulary, map_ = keep.choose(self.words, self.counts)
        cuts = self._cuts(lambda at: kernel.cut_document(self.ids, at))
        n_documents = np.zeros(len(cuts), np.int64)

        def work(i: int) -> int:
            stop, n_documents[i] = kernel.remap(self.ids, *cuts[i], map_, keep.keep_empty)
            return stop

        self._rewrite(cuts, work, pool)
        n_ids, encoded = len(self.ids), self.encoded
        store = encoded._store
        joined = JoinedCorpus(
            self.ids if store is None else store.truncate(n_ids),
            vocabulary,
            encoded.n_words,
            int(n_documents.sum()),
            encoded.n_bytes,
            encoded.seconds,
            _store=store,
            phrases=table,
            n_joined=self.n_joined,
            phrase_seconds=time.perf_counter() - self.started,
        )
        # Whoever closes what was taken over must not close the result with it.
        encoded._store = None
        encoded.close()
        return joined

    def _cuts(self, place: Callable[[int], int]) -> list[tuple[int, int]]:
        """A part of the ids for each thread, with edges where `place` finds them."""
        n = len(self.ids)
        edges = [0]
        for i in range(1, self.n_threads):
            edges.append(place(max(n * i // self.n_threads, edges[-1])))
        edges.append(n)
        return list(itertools.pairwise(edges))

    def _rewrite(self, cuts: list[tuple[int, int]], work: Callable[[int], int], pool: Executor) -> None:
        """Let threads shorten the parts, and push these together."""
        stops = [0] * len(cuts)

        def shorten(i: int) -> None:
            stops[i] = work(i)

        share_work(pool, self.n_threads, shorten, range(len(cuts)))
        end = 0
        for (begin, _), stop in zip(cuts, stops, strict=True):
            kernel.move(self.ids, end, begin, stop)
            end += stop - begin
        self.ids = self.ids[:end]
