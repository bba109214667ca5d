"""Counting pairs of words: in one pass over an inverted index, or, in little memory, in several runs that merge.

Nothing here needs scikit-learn. The id stream is cut into chunks that memory has room for, usually one. The positions
of a chunk are grouped by word; then rows are counted, job by job, by a pool of threads. Each chunk makes a run:
blocks of rows, one a job, with exact integer sums. Runs are merged job by job. The result is the same whatever
the chunks, the jobs and the threads.
"""

import errno
import shutil
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field

import numpy as np

from embedkit._cext import cooccurrence as kernel
from embedkit.checks import check_integer
from embedkit.errors import InputError, OutputError
from embedkit.models.cooccurrence.counts import Counts, RowBlock
from embedkit.models.cooccurrence.grouping import group, has_pairs, is_mapped, occurrences, read_ids
from embedkit.models.cooccurrence.parameters import CountingParameters, integer_weights
from embedkit.models.cooccurrence.plan import Job, Plan, expected_pairs, make_plan
from embedkit.models.cooccurrence.runs import BlockStore, StoredBlock
from embedkit.text.encoding import EncodedCorpus
from embedkit.threads import check_threads

__all__ = ["CountingProgress", "Counts", "RowBlock", "count_cooccurrences", "memory_for_ids"]


@dataclass(frozen=True)
class CountingProgress:
    """Where counting stands.

    Attributes
    ----------
    stage : {"counting", "merging"}
        There is nothing to merge if memory has room for everything at once.
    fraction : float
        Of this stage.
    pairs : int
        Distinct pairs that this stage has found so far; while counting, those of each chunk.
    spilled : int
        Bytes written to temporary files so far.
    seconds : float
        Since the counting began.
    """

    stage: str
    fraction: float
    pairs: int
    spilled: int
    seconds: float


def memory_for_ids(memory: int) -> int:
    """Return the share of a budget for counting that ids may take while the text is read, in bytes.

    Examples
    --------
    >>> memory_for_ids(400)
    100
    """
    return memory // 4


def count_cooccurrences(
    encoded: EncodedCorpus,
    parameters: CountingParameters,
    *,
    n_threads: int = 1,
    memory: int = 4 * 2**30,
    on_progress: Callable[[CountingProgress], None] | None = None,
) -> Counts:
    """Count how often words stand beside each other.

    Two words are neighbours if they stand at most `window` words from each other in one document, words outside
    the vocabulary being left out beforehand. The result depends neither on `n_threads` nor on `memory`, to the
    last bit, nor on the order of the documents.

    Parameters
    ----------
    encoded : EncodedCorpus
        The corpus as word ids, with its vocabulary.
    parameters : CountingParameters
    n_threads : int, default=1
        Fewer are used where `memory` has no room for the workspaces of all.
    memory : int, default=4 GiB
        Bytes for everything that counting holds: the ids, unless they lie in a file, their positions by word, the
        workspaces of the threads, and the counts. A quarter, at most 128 MiB, is left to the interpreter, so that
        from 512 MiB on the whole process stays within the budget, but for a vocabulary of millions of words.
        Beyond it, sorted runs go to temporary files, some 8 bytes a pair.
    on_progress : callable, optional
        Called with a `CountingProgress` after each job of some ten milliseconds.

    Returns
    -------
    Counts
        To be closed after use, since large ones live in temporary files.

    Raises
    ------
    ParameterError
        If a parameter cannot work, or `memory` is not enough for a single block of rows.
    InputError
        If no document has two words.
    OutputError
        If a temporary file cannot be written, a full disk included; none is left behind.

    References
    ----------
    Gustavson (1978), Two fast algorithms for sparse matrices: multiplication and permuted transposition.
    Pennington, Socher and Manning (2014), GloVe: Global vectors for word representation, section 4.2: weights of 1 / d.

    Examples
    --------
    >>> from embedkit.models.cooccurrence.parameters import CountingParameters
    >>> from embedkit.text.corpus import Corpus
    >>> from embedkit.text.encoding import encode_corpus
    >>> corpus = Corpus.from_documents(["to be or not to be", "be quick"])
    >>> with encode_corpus(corpus, min_count=2) as encoded:
    ...     print(encoded.vocabulary.words)
    ...     with count_cooccurrences(encoded, CountingParameters(window=1)) as counts:
    ...         print(counts.matrix().toarray())
    ['be', 'to']
    [[0. 3.]
     [3. 0.]]
    """
    started = time.perf_counter()
    parameters.validate()
    check_threads(n_threads)
    check_integer("memory", memory, 1)
    occurred = occurrences(encoded.ids, len(encoded.vocabulary))
    if not has_pairs(encoded.ids):
        raise InputError(
            f"no document has two words of the vocabulary ({len(occurred)} words), so there is no pair to count; "
            "use documents of several words, or a lower min_count"
        )
    weights, unit = integer_weights(parameters, int(occurred.max()))
    plan = make_plan(
        occurred,
        len(encoded.ids),
        neighbours=parameters.sides * parameters.window,
        largest_sum=parameters.sides * sum(weights),
        mapped=is_mapped(encoded.ids),
        n_threads=n_threads,
        memory=memory,
    )
    counter = _Counter(encoded.ids, occurred, parameters, weights, plan, started, on_progress)
    try:
        blocks = counter.run()
    except BaseException:
        counter.store.close()
        raise
    return Counts(counter.store, blocks, counter.row_nnz, unit, time.perf_counter() - started)


class _Worker:
    """What one thread has for itself: a workspace, and room for the block it works on."""

    def __init__(self, n_words: int, plan: Plan) -> None:
        self.workspace = np.zeros(kernel.workspace_size(n_words), np.uint64)
        self.indices = np.empty(plan.job_pairs, np.int32)
        self._sums = np.empty(plan.job_pairs, np.uint64)

    def sums(self, job: Job) -> np.ndarray:
        """Room for sums of the width that a job needs."""
        return self._sums if job.wide else self._sums.view(np.uint32)


class _Counter:
    """One counting: its threads, what they have found, and how far they are."""

    def __init__(
        self,
        ids: np.ndarray,
        occurred: np.ndarray,
        parameters: CountingParameters,
        weights: list[int],
        plan: Plan,
        started: float,
        on_progress: Callable[[CountingProgress], None] | None,
    ) -> None:
        self.ids = ids
        self.occurred = occurred
        self.n_words = len(occurred)
        self.parameters = parameters
        self.weights = np.array(weights, np.uint64)
        self.plan = plan
        self.started = started
        self.on_progress = on_progress
        self.store = BlockStore(plan.store_bytes)
        self.row_nnz = np.zeros(self.n_words, np.int64)
        self.stage = _Stage("counting", 1, 0)

    def run(self) -> list[StoredBlock]:
        """Count every chunk, and merge the runs if there are several."""
        pool = ThreadPoolExecutor(self.plan.n_threads, "embedkit-counting")
        try:
            chunks = range(0, len(self.ids), self.plan.chunk)
            runs = [self._count_chunk(pool, begin, k / len(chunks), len(chunks)) for k, begin in enumerate(chunks)]
            return runs[0] if len(runs) == 1 else self._merge_runs(pool, runs)
        finally:
            # An interrupt waits for the jobs at work and drops the others.
            pool.shutdown(cancel_futures=True)

    def _count_chunk(self, pool: ThreadPoolExecutor, begin: int, done: float, n_chunks: int) -> list[StoredBlock]:
        """The run of one chunk; windows reach over its ends into the neighbouring chunks."""
        window, directional = self.parameters.window, self.parameters.directional
        end = min(begin + self.plan.chunk, len(self.ids))
        first, stop = max(0, begin - window), min(len(self.ids), end + window)
        ids = read_ids(self.ids, first, stop)
        positions, starts = group(pool, ids, begin - first, end - first, self.n_words, self.plan.n_threads)

        def count(job: Job, worker: _Worker) -> StoredBlock:
            indptr = np.empty(job.stop_row - job.first_row + 1, np.int64)
            sums = worker.sums(job)
            nnz = kernel.count_rows(
                ids, positions, starts, job.first_row, job.stop_row, self.weights,
                directional != "right", directional != "left", worker.workspace, indptr, worker.indices, sums,
            )  # fmt: skip
            return self._keep(job, indptr, worker.indices[:nnz], sums[:nnz])

        return self._work(pool, count, "counting", done, n_chunks)

    def _merge_runs(self, pool: ThreadPoolExecutor, runs: list[list[StoredBlock]]) -> list[StoredBlock]:
        """The same jobs once more: each adds up what the runs have of its rows."""
        blocks_of = {blocks[0].first_row: blocks for blocks in zip(*runs, strict=True)}

        def merge(job: Job, worker: _Worker) -> StoredBlock:
            loaded = _Segments(self.plan.merge_pairs, job)
            for block in blocks_of[job.first_row]:
                if loaded.nnz + block.nnz > self.plan.merge_pairs:
                    # What there is so far becomes one segment, which leaves room for another job's worth.
                    loaded.replace(*self._add_up(loaded, job, worker))
                loaded.append(*self.store.get(block))
                self.store.release(block)
            return self._keep(job, *self._add_up(loaded, job, worker))

        return self._work(pool, merge, "merging")

    def _add_up(self, loaded: "_Segments", job: Job, worker: _Worker) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        indptr, sums = np.empty(job.stop_row - job.first_row + 1, np.int64), worker.sums(job)
        nnz = kernel.merge_rows(
            self.n_words, np.stack(loaded.indptrs), loaded.indices, loaded.sums,
            worker.workspace, indptr, worker.indices, sums,
        )  # fmt: skip
        return indptr, worker.indices[:nnz], sums[:nnz]

    def _keep(self, job: Job, indptr: np.ndarray, indices: np.ndarray, sums: np.ndarray) -> StoredBlock:
        """Store what a job has found."""
        self.row_nnz[job.first_row : job.stop_row] = np.diff(indptr)
        try:
            block = self.store.put(job.first_row, indptr, indices, sums)
        except OSError as error:
            raise self._disk_full(error, job, indptr.nbytes + indices.nbytes + sums.nbytes) from error
        self.stage.finished.append(job)
        return block

    def _disk_full(self, error: OSError, job: Job, n_bytes: int) -> OutputError:
        """Say how much would have been needed, as far as what is done and the bytes of this job tell."""
        stage, store = self.stage, self.store
        expected = expected_pairs(self.occurred, self.parameters.sides * self.parameters.window)
        done = sum(expected[j.first_row : j.stop_row].sum() for j in [*stage.finished, job]) / expected.sum()
        stored = store.put_bytes - stage.bytes_before + n_bytes
        needed = stored / (stage.before + done / stage.parts) - store.memory
        if stage.name == "merging":
            needed += stage.bytes_before
        elif stage.parts > 1:
            # What the runs merge to takes room as well, while they are there.
            needed = 2 * needed + store.memory
        free = shutil.disk_usage(tempfile.gettempdir()).free + store.spilled_bytes
        megabytes = max(int(needed), store.spilled_bytes) / 2**20
        # A limit on files, or a disk that fails, is not helped by room.
        make_room = "free some room there, " if error.errno in (errno.ENOSPC, errno.EDQUOT) else ""
        return OutputError(
            f"cannot write pairs to the temporary directory {tempfile.gettempdir()}: {error.strerror or error}; about "
            f"{megabytes:.0f} MB are needed in all, {free / 2**20:.0f} MB are free; "
            f"{make_room}set TMPDIR to another directory, or allow more memory (--memory)"
        )

    def _work(
        self,
        pool: ThreadPoolExecutor,
        task: Callable[[Job, _Worker], StoredBlock],
        stage: str,
        before: float = 0.0,
        parts: int = 1,
    ) -> list[StoredBlock]:
        """Do all jobs of one of so many parts of a stage, each with a worker that is free."""
        if not before:
            self.stage = _Stage(stage, parts, self.store.put_bytes)
        self.stage.before, self.stage.finished = before, []
        idle = [_Worker(self.n_words, self.plan) for _ in range(self.plan.n_threads)]

        def work(job: Job) -> StoredBlock:
            worker = idle.pop()
            try:
                return task(job, worker)
            finally:
                idle.append(worker)

        futures = {pool.submit(work, job): job for job in self.plan.jobs}
        done, total, pairs = 0, int(self.occurred.sum()) * parts, 0
        for future in as_completed(futures):
            job, block = futures[future], future.result()
            done += int(self.occurred[job.first_row : job.stop_row].sum())
            pairs += block.nnz
            if self.on_progress is not None:
                seconds = time.perf_counter() - self.started
                fraction = before + done / total
                self.on_progress(CountingProgress(stage, fraction, pairs, self.store.spilled_bytes, seconds))
        return [future.result() for future in futures]


@dataclass
class _Stage:
    """What has been done of counting, or of merging."""

    name: str
    parts: int
    bytes_before: int
    before: float = 0.0
    finished: list[Job] = field(default_factory=list)


class _Segments:
    """The same rows of several runs, one run behind the other."""

    def __init__(self, most_pairs: int, job: Job) -> None:
        self.indices = np.empty(most_pairs, np.int32)
        self.sums = np.empty(most_pairs, np.uint64 if job.wide else np.uint32)
        self.indptrs: list[np.ndarray] = []
        self.nnz = 0

    def append(self, indptr: np.ndarray, indices: np.ndarray, sums: np.ndarray) -> None:
        """Take one run's rows."""
        stop = self.nnz + len(indices)
        self.indices[self.nnz : stop] = indices
        self.sums[self.nnz : stop] = sums
        self.indptrs.append(indptr + self.nnz)
        self.nnz = stop

    def replace(self, indptr: np.ndarray, indices: np.ndarray, sums: np.ndarray) -> None:
        """Forget all, and take these."""
        self.indptrs, self.nnz = [], 0
        self.append(indptr, indices, sums)
