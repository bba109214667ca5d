"""Counting within a budget: runs that spill and merge, what is given up when, and a disk that is full."""

import errno
import os
import subprocess
import sys
import tempfile
import textwrap
from types import SimpleNamespace

import numpy as np
import pytest
from reference.cooccurrence import random_corpus
from reference.counted import assert_same, counted, least_memory

from embedkit.errors import OutputError, ParameterError
from embedkit.models.cooccurrence import plan, runs
from embedkit.models.cooccurrence.counting import count_cooccurrences
from embedkit.models.cooccurrence.parameters import CountingParameters


@pytest.fixture
def spill_files(monkeypatch, tmp_path):
    """Temporary files made, which lie in `tmp_path`."""
    files = []
    make = tempfile.TemporaryFile

    def remember(**settings):
        files.append(make(dir=tmp_path, **settings))
        return files[-1]

    monkeypatch.setattr(runs.tempfile, "TemporaryFile", remember)
    return files


@pytest.fixture
def small_chunks(monkeypatch):
    """Let chunks be as short as the budget makes them."""
    monkeypatch.setattr(plan, "LEAST_CHUNK", 64)


@pytest.mark.parametrize("n_threads", [1, 2, 5])
@pytest.mark.parametrize("share", [1, 1.5, 3])
def test_budgets_near_the_least_give_the_same_counts(share, n_threads, small_chunks, spill_files):
    encoded = random_corpus(20_000, 300)
    expected = counted(encoded, distance="harmonic")
    stages = set()
    settings = {"n_threads": n_threads, "on_progress": lambda progress: stages.add(progress.stage)}
    found = counted(encoded, distance="harmonic", memory=int(share * least_memory(encoded)), **settings)
    assert_same(found, expected)
    if share == 1:
        assert stages == {"counting", "merging"}
        assert spill_files
    assert all(file.closed for file in spill_files)


def test_a_budget_too_small_for_one_block_names_the_least_that_works(small_chunks):
    encoded = random_corpus(5_000, 100)
    least = least_memory(encoded)
    with pytest.raises(ParameterError, match=f"memory={least - 1} is too small to count 100 words.*{least} bytes"):
        count_cooccurrences(encoded, CountingParameters(), memory=least - 1)
    assert_same(counted(encoded, memory=least), counted(encoded))


def test_ids_in_a_file_count_the_same(tmp_path, small_chunks):
    in_memory = random_corpus(20_000, 100)
    np.save(tmp_path / "ids.npy", in_memory.ids)
    mapped = SimpleNamespace(ids=np.load(tmp_path / "ids.npy", mmap_mode="r+"), vocabulary=in_memory.vocabulary)
    least = least_memory(mapped)
    for memory in (least, 2 * least, 2**30):
        assert_same(counted(mapped, memory=memory), counted(in_memory))


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
@pytest.mark.parametrize("stage", ["counting", "merging"])
def test_what_interrupts_counting_passes_and_leaves_no_file(error, stage, small_chunks, spill_files):
    encoded = random_corpus(20_000, 300)
    settings = {"n_threads": 2, "memory": least_memory(encoded)}

    def stop(progress):
        if progress.stage == stage and progress.spilled:
            raise error

    with pytest.raises(error):
        count_cooccurrences(encoded, CountingParameters(), on_progress=stop, **settings)
    assert spill_files
    assert all(file.closed for file in spill_files)


def test_release_gives_memory_and_files_up_as_it_goes(small_chunks, monkeypatch, spill_files):
    monkeypatch.setattr(runs, "FILE_BYTES", 20_000)
    monkeypatch.setattr(plan, "JOB_PAIRS", 1)
    encoded = random_corpus(20_000, 300)
    counts = count_cooccurrences(encoded, CountingParameters(), memory=2 * least_memory(encoded))
    store = counts._store
    held, open_files = [], []
    for _ in counts.blocks(release=True):
        held.append(store.held)
        open_files.append(sum(not file.closed for file in spill_files))
    assert held == sorted(held, reverse=True)
    assert held[0] > 0 == held[-1]
    assert open_files == sorted(open_files, reverse=True)
    assert open_files[0] > open_files[-1]
    assert all(file.closed for file in spill_files)


def test_merged_runs_are_given_up(small_chunks, monkeypatch):
    monkeypatch.setattr(plan, "JOB_PAIRS", 1)
    encoded = random_corpus(20_000, 300)
    stages = set()
    memory = int(1.1 * least_memory(encoded))
    with count_cooccurrences(
        encoded, CountingParameters(), memory=memory, on_progress=lambda progress: stages.add(progress.stage)
    ) as counts:
        in_memory = [block.n_bytes for block in counts._blocks if isinstance(block.place, np.ndarray)]
        assert counts._store.held == sum(in_memory) > 0
    assert "merging" in stages


class FullDisk:
    """A temporary file on a disk with room for so many bytes."""

    def __init__(self, file, room):
        self.file, self.room = file, room

    def write(self, data):
        self.room -= len(memoryview(data).cast("B"))
        if self.room < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return self.file.write(data)

    def __getattr__(self, name):
        return getattr(self.file, name)


@pytest.mark.parametrize("share", [0, 0.1, 0.4, 0.6, 0.9])
@pytest.mark.parametrize("least_chunk", [64, 60_000])
def test_a_full_disk_says_how_much_is_needed_and_leaves_no_file(share, least_chunk, monkeypatch):
    encoded, parameters = random_corpus(60_000, 1_000, spread=200), CountingParameters(2)
    monkeypatch.setattr(plan, "JOB_PAIRS", 1_000)
    monkeypatch.setattr(plan, "LEAST_CHUNK", least_chunk)
    memory = least_memory(encoded, window=2)
    with count_cooccurrences(encoded, parameters, memory=memory) as counts:
        needed = counts.spilled_bytes
    assert needed > 500_000
    files = []
    make = tempfile.TemporaryFile

    def limited(**settings):
        files.append(FullDisk(make(**settings), share * needed))
        return files[-1]

    monkeypatch.setattr(runs.tempfile, "TemporaryFile", limited)
    message = r"No space left on device; about [0-9.]+ MB are needed in all, [0-9.]+ MB are free"
    with pytest.raises(OutputError, match=message) as error:
        count_cooccurrences(encoded, parameters, memory=memory)
    said = float(str(error.value).split("about ")[1].split(" MB")[0])
    # Said in whole megabytes, of some three.
    assert (said + 0.5) * 2**20 > 0.9 * needed
    assert (said - 0.5) * 2**20 < 1.5 * needed
    for word in (tempfile.gettempdir(), "free some room", "TMPDIR", "--memory"):
        assert word in str(error.value)
    assert all(file.closed for file in files)


RUN_LIMITED = """
    import resource, sys
    import numpy as np
    from types import SimpleNamespace
    from embedkit.models.cooccurrence.counting import CountingParameters, count_cooccurrences
    from embedkit.text.vocabulary import Vocabulary

    n_words, n_ids, memory = {n_words}, {n_ids}, {memory}
    ids = (np.random.default_rng(0).pareto(0.8, n_ids) * 2000 % n_words).astype(np.int32)
    np.save("ids.npy", ids)
    ids = np.load("ids.npy", mmap_mode="r+")
    vocabulary = Vocabulary.from_ordered(["w"] * n_words, None)
"""


def run_limited(tmp_path, code, **sizes):
    script = textwrap.dedent(RUN_LIMITED.format(**sizes)) + textwrap.dedent(code)
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_file_that_the_system_refuses_to_extend_is_explained(tmp_path):
    code = """
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
    try:
        count_cooccurrences(SimpleNamespace(ids=ids, vocabulary=vocabulary), CountingParameters(), memory=memory)
    except OSError as error:
        print(type(error).__name__, error)
    """
    said = run_limited(tmp_path, code, n_words=20_000, n_ids=200_000, memory=6 * 2**20)
    assert said.startswith("OutputError cannot write pairs to the temporary directory " + str(tmp_path))
    assert "File too large" in said
    assert "set TMPDIR" in said
    assert "free some room" not in said
    assert os.listdir(tmp_path) == ["ids.npy"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the peak of one process")
def test_the_process_stays_within_a_budget_of_512_megabytes(tmp_path):
    code = """
    encoded = SimpleNamespace(ids=ids, vocabulary=vocabulary)
    counts = count_cooccurrences(encoded, CountingParameters(10), n_threads=2, memory=memory)
    # getrusage would tell the peak of the process that started this one, where that was higher.
    peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]
    print(counts.spilled_bytes > 2**20, 12 * counts.nnz > memory, peak)
    """
    spilled, large, kilobytes = run_limited(tmp_path, code, n_words=100_000, n_ids=4_000_000, memory=2**29).split()
    assert (spilled, large) == ("True", "True"), "the test is too small to show anything"
    assert int(kilobytes) * 1024 <= 2**29
