"""Counting: worked examples, the same result whatever memory and threads, budgets, and what goes wrong."""

import errno
import math
import os
import subprocess
import sys
import tempfile
import textwrap
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import cooccurrence as reference
from reference.cooccurrence import random_corpus

from embedkit.errors import InputError, OutputError, ParameterError
from embedkit.models.cooccurrence import counting, plan, runs
from embedkit.models.cooccurrence.counting import CountingProgress, Counts, count_cooccurrences
from embedkit.models.cooccurrence.parameters import CountingParameters, integer_weights
from embedkit.text.corpus import Corpus
from embedkit.text.encoding import encode_corpus

SENTENCES = ["I like deep learning .", "I like NLP .", "I enjoy flying ."]
RADIUS_1 = {
    ("I", "like"): 2, ("I", "enjoy"): 1, ("like", "deep"): 1, ("like", "NLP"): 1, ("deep", "learning"): 1,
    ("enjoy", "flying"): 1, ("learning", "."): 1, ("NLP", "."): 1, ("flying", "."): 1,
}  # fmt: skip
RADIUS_2 = RADIUS_1 | {
    ("I", "deep"): 1, ("I", "NLP"): 1, ("I", "flying"): 1, ("like", "learning"): 1, ("like", "."): 1,
    ("enjoy", "."): 1, ("deep", "."): 1,
}  # fmt: skip
FOX = "the quick brown fox jumps over the lazy dog"


def encode(documents, **settings):
    return encode_corpus(Corpus.from_documents(documents), **{"min_count": 1} | settings)


def counted(encoded, window=5, distance="flat", directional="both", **settings):
    """indptr, indices, sums of all rows, and the unit."""
    with count_cooccurrences(encoded, CountingParameters(window, distance, directional), **settings) as counts:
        blocks = list(counts.blocks())
        rows = np.concatenate([np.diff(block.indptr) for block in blocks])
        assert [block.first_row for block in blocks] == [0, *np.cumsum([len(b.indptr) - 1 for b in blocks])[:-1]]
        assert rows.tolist() == counts.row_nnz.tolist()
        indices = np.concatenate([block.indices for block in blocks])
        assert counts.nnz == len(indices)
        return rows, indices, np.concatenate([block.sums.astype(np.uint64) for block in blocks]), counts.unit


def assert_same(found, expected):
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_array_equal(a, b)


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


@pytest.mark.parametrize(("window", "pairs"), [(1, RADIUS_1), (2, RADIUS_2)])
def test_the_textbook_example_is_counted_symmetrically(window, pairs):
    with encode(SENTENCES) as encoded, count_cooccurrences(encoded, CountingParameters(window)) as counts:
        matrix, words = counts.matrix().toarray(), encoded.vocabulary.words
    expected = pairs | {(b, a): n for (a, b), n in pairs.items()}
    assert {(words[i], words[j]): n for (i, j), n in np.ndenumerate(matrix) if n} == expected
    assert not matrix.diagonal().any()


def test_a_sliding_window_of_radius_2_meets_30_pairs():
    documents = [FOX.replace("the lazy", "The lazy")]
    with encode(documents) as encoded, count_cooccurrences(encoded, CountingParameters(2)) as counts:
        matrix = counts.matrix(np.int64)
    index, words = encoded.vocabulary.index, encoded.vocabulary.words
    assert matrix.sum() == 30
    neighbours = {word: {words[c] for c in matrix[[index[word]]].indices} for word in ("the", "quick", "brown")}
    assert neighbours == {
        "the": {"quick", "brown"},
        "quick": {"the", "brown", "fox"},
        "brown": {"the", "quick", "fox", "jumps"},
    }


def test_left_means_that_the_context_word_stands_left():
    with encode(["a b"]) as encoded:
        index = encoded.vocabulary.index
        left = count_cooccurrences(encoded, CountingParameters(1, directional="left")).matrix()
        right = count_cooccurrences(encoded, CountingParameters(1, directional="right")).matrix()
    assert left[index["b"], index["a"]] == right[index["a"], index["b"]] == 1
    assert left.nnz == right.nnz == 1


@pytest.mark.parametrize("directional", ["left", "right", "both"])
@pytest.mark.parametrize("distance", ["flat", "harmonic", "linear"])
@pytest.mark.parametrize("window", [1, 2, 4, 12, 45, 300])
def test_weights_are_those_of_the_distance(window, distance, directional):
    encoded = random_corpus(600, 25, seed=window)
    matrix = count_cooccurrences(encoded, CountingParameters(window, distance, directional)).matrix()
    weights = [reference.weight(d, distance, window) for d in range(1, window + 1)]
    expected = np.zeros((25, 25))
    sides = {"left": directional != "right", "right": directional != "left"}
    for pair, n in reference.count(encoded.ids, weights, **sides).items():
        expected[pair] = n
    np.testing.assert_allclose(matrix.toarray(), expected, rtol=1e-9)


def test_words_left_out_do_not_part_their_neighbours():
    with encode(["a x b", "a b"], min_count=2) as encoded:
        matrix = count_cooccurrences(encoded, CountingParameters(1)).matrix().toarray()
    assert matrix.tolist() == [[0, 2], [2, 0]]


@settings(deadline=None, max_examples=80)
@given(
    seed=st.integers(0, 10),
    window=st.sampled_from([1, 3, 10]),
    distance=st.sampled_from(["flat", "harmonic", "linear"]),
    directional=st.sampled_from(["left", "right", "both"]),
    n_threads=st.integers(1, 3),
    chunk=st.integers(30, 700),
    store_bytes=st.sampled_from([0, 500, 5_000, 50_000, 10**9]),
    job_pairs=st.sampled_from([1, 100, 2**20]),
    spare_pairs=st.sampled_from([0, 50, 10**4]),
    narrow_limit=st.sampled_from([1, 200, 2**32]),
)
def test_the_result_is_the_same_whatever_the_memory_the_chunks_and_the_threads(
    seed, window, distance, directional, n_threads, chunk, store_bytes, job_pairs, spare_pairs, narrow_limit
):
    encoded = random_corpus(600, 40, seed)
    expected = counted(encoded, window, distance, directional)
    make = plan.make_plan

    def forced(*arguments, **settings):
        made = make(*arguments, **settings)
        merge_pairs = 2 * made.job_pairs + spare_pairs
        return replace(made, chunk=chunk, store_bytes=store_bytes, merge_pairs=merge_pairs, n_threads=n_threads)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan, "JOB_PAIRS", job_pairs)
        # Sums of 32 bits hold these counts whatever the limit is; a lower one makes more jobs wide.
        patch.setattr(plan, "NARROW_LIMIT", narrow_limit)
        patch.setattr(counting, "make_plan", forced)
        patch.setattr(runs, "FILE_BYTES", 4_000)
        assert_same(counted(encoded, window, distance, directional, n_threads=n_threads), expected)


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


def least_memory(encoded, window=5):
    """What the error for a budget of one byte says."""
    with pytest.raises(ParameterError) as error:
        count_cooccurrences(encoded, CountingParameters(window), memory=1)
    return int(str(error.value).split("expected ")[1].split(" bytes")[0])


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


@given(st.permutations(["a b c a", "b b a", "c", "c a b d e", "e d"]))
def test_the_order_of_documents_does_not_matter(documents):
    with encode(documents) as encoded:
        shuffled = counted(encoded, 3, "harmonic")
    with encode(sorted(documents)) as encoded:
        assert_same(shuffled, counted(encoded, 3, "harmonic"))


@pytest.mark.parametrize("frequent", [0, 1])
def test_a_count_of_more_than_32_bits_is_exact(frequent):
    """Also where a frequent word follows a rare one, as it can in a vocabulary of other text."""
    n, rare = 300_000, 1 - frequent
    ids = [*([frequent] * n), -1, rare, rare]
    rows, indices, sums, unit = counted(reference.encoded_ids(ids, 2), 10, "harmonic")
    assert unit == math.lcm(*range(1, 11))
    exact = {frequent: sum(2 * (n - d) * unit // d for d in range(1, 11)), rare: 2 * unit}
    assert exact[frequent] > 2**32
    assert rows.tolist() == [1, 1]
    assert dict(zip(indices.tolist(), sums.tolist(), strict=True)) == exact


@given(st.integers(1, 200), st.integers(1, 10**12), st.sampled_from(["flat", "harmonic", "linear"]))
def test_no_sum_of_weights_can_outgrow_63_bits_and_weights_are_close(window, most, distance):
    weights, unit = integer_weights(CountingParameters(window, distance), most)
    assert 2 * most * sum(weights) < 2**63
    for d, weight in enumerate(weights, 1):
        assert abs(weight / unit - reference.weight(d, distance, window)) <= 0.5 / unit + 1e-16


@pytest.mark.parametrize("window", range(1, 25))
def test_harmonic_weights_are_exact_for_usual_windows(window):
    weights, unit = integer_weights(CountingParameters(window, "harmonic"), 10**7)
    assert all(weight * d == unit for d, weight in enumerate(weights, 1))


def test_a_fixed_point_unit_is_the_largest_power_of_two_that_fits():
    parameters, most = CountingParameters(100, "harmonic"), 10**7
    _, unit = integer_weights(parameters, most)
    twice = sum((4 * unit + d) // (2 * d) for d in range(1, 101))
    assert unit & (unit - 1) == 0
    assert 2 * most * twice >= 2**63


def test_progress_reaches_the_end_and_tells_the_pairs():
    steps = []
    encoded = random_corpus(5_000, 50)
    with count_cooccurrences(encoded, CountingParameters(), on_progress=steps.append) as counts:
        pass
    assert steps[-1] == CountingProgress("counting", 1.0, counts.nnz, 0, steps[-1].seconds)
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(fractions)


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


@pytest.mark.parametrize("documents", [["one"], ["a", "b", "c", "a"], ["a a"]])
def test_no_pair_at_all_is_an_error_that_says_what_to_do(documents):
    with encode(documents) as encoded:
        if documents == ["a a"]:
            assert count_cooccurrences(encoded, CountingParameters()).matrix().toarray() == [[2]]
        else:
            with pytest.raises(InputError, match=r"no document has two words.*use documents of several words"):
                count_cooccurrences(encoded, CountingParameters())


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"window": 0}, "window=0: expected a whole number from 1"),
        ({"window": 2.5}, "window=2.5: expected a whole number"),
        ({"window": 10_001}, "window=10001: .* to 10000"),
        ({"distance": "square"}, "distance='square': expected one of 'flat', 'harmonic', 'linear'"),
        ({"directional": "up"}, "directional='up': expected one of 'left', 'right', 'both'"),
    ],
)
def test_parameters_that_cannot_work_are_refused(setting, message):
    with encode(["a b"]) as encoded, pytest.raises(ParameterError, match=message):
        count_cooccurrences(encoded, CountingParameters(**setting))


@pytest.mark.parametrize("setting", [{"n_threads": 0}, {"memory": 0}, {"memory": 1.5}])
def test_settings_that_cannot_work_are_refused(setting):
    with encode(["a b"]) as encoded, pytest.raises(ParameterError, match=next(iter(setting))):
        count_cooccurrences(encoded, CountingParameters(), **setting)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64, "float32"])
def test_a_matrix_has_the_type_asked_for_and_scipys_canonical_form(dtype):
    matrix = count_cooccurrences(random_corpus(500, 20), CountingParameters()).matrix(dtype)
    assert matrix.dtype == dtype
    assert matrix.indices.dtype == matrix.indptr.dtype == np.int32
    assert matrix.has_canonical_format
    matrix.check_format()


def test_types_that_cannot_hold_the_counts_are_refused():
    counts = count_cooccurrences(random_corpus(500, 20), CountingParameters(3, "harmonic"))
    with pytest.raises(ParameterError, match="dtype int64 with weights that are fractions"):
        counts.matrix(np.int64)
    with pytest.raises(ParameterError, match="dtype='int8': expected float64"):
        counts.matrix("int8")
    assert counts.matrix(np.float32).nnz == counts.nnz


def test_released_blocks_are_gone_through_once():
    counts = count_cooccurrences(random_corpus(500, 20), CountingParameters())
    assert sum(len(block.indices) for block in counts.blocks()) == counts.nnz
    assert sum(len(block.indices) for block in counts.blocks(release=True)) == counts.nnz
    for use in (counts.blocks, counts.matrix):
        with pytest.raises(ParameterError, match="released or closed"):
            use()


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
    assert needed / 2 < said * 2**20 < needed * 2
    for word in (tempfile.gettempdir(), "TMPDIR", "--memory"):
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
    assert os.listdir(tmp_path) == ["ids.npy"]


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss has another unit elsewhere")
def test_the_process_stays_within_a_budget_of_512_megabytes(tmp_path):
    code = """
    encoded = SimpleNamespace(ids=ids, vocabulary=vocabulary)
    counts = count_cooccurrences(encoded, CountingParameters(10), n_threads=2, memory=memory)
    print(counts.spilled_bytes > 2**20, 12 * counts.nnz > memory, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    """
    spilled, large, kilobytes = run_limited(tmp_path, code, n_words=100_000, n_ids=4_000_000, memory=2**29).split()
    assert (spilled, large) == ("True", "True"), "the test is too small to show anything"
    assert int(kilobytes) * 1024 <= 2**29


def test_counts_tell_their_size():
    with count_cooccurrences(random_corpus(500, 20), CountingParameters()) as counts:
        assert isinstance(counts, Counts)
        assert repr(counts) == f"<Counts of {counts.nnz} pairs of 20 words>"
