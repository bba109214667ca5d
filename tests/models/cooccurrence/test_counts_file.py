"""counts.npz: what is written is what is read, by scipy too; what is damaged or foreign is refused."""

import io
import json
import os
import zipfile
from itertools import pairwise

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st
from reference.cooccurrence import random_corpus

from embedkit.errors import FormatError, InputError, OutputError, ParameterError
from embedkit.models.cooccurrence import matrix_file, plan, runs
from embedkit.models.cooccurrence.counting import count_cooccurrences
from embedkit.models.cooccurrence.matrix_file import load_counts, save_counts
from embedkit.models.cooccurrence.parameters import CountingParameters
from embedkit.text.vocabulary import Vocabulary

PARAMETERS = {"window": 3, "distance": "harmonic", "min_count": None}


@pytest.fixture
def counted():
    encoded = random_corpus(2_000, 40)
    with count_cooccurrences(encoded, CountingParameters(3, "harmonic")) as counts:
        yield counts, encoded.vocabulary


@pytest.fixture
def path(tmp_path):
    return tmp_path / "counts.npz"


@pytest.fixture
def members(counted, path):
    """A good file, as a dict of its members."""
    save_counts(path, *counted, PARAMETERS)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewrite(path, members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def npy(array):
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


def array_of(content):
    return np.load(io.BytesIO(content))


def assert_same_matrix(a, b):
    assert a.shape == b.shape
    for name in ("indptr", "indices", "data"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))
        assert getattr(a, name).dtype == getattr(b, name).dtype


def test_what_was_saved_is_loaded(counted, path):
    counts, vocabulary = counted
    save_counts(path, counts, vocabulary, PARAMETERS)
    found = load_counts(path)
    assert_same_matrix(found.matrix, counts.matrix())
    assert found.matrix.has_canonical_format
    assert found.vocabulary == vocabulary
    assert found.parameters == PARAMETERS


def test_scipy_loads_the_matrix(counted, path):
    counts, vocabulary = counted
    save_counts(path, counts, vocabulary, PARAMETERS)
    assert_same_matrix(scipy.sparse.load_npz(path), counts.matrix())


def test_counts_that_spilled_give_the_same_bytes(tmp_path, monkeypatch, counted):
    save_counts(tmp_path / "a.npz", *counted, PARAMETERS)
    monkeypatch.setattr(plan, "JOB_PAIRS", 1)
    encoded = random_corpus(2_000, 40)
    with count_cooccurrences(encoded, CountingParameters(3, "harmonic"), memory=30_000) as counts:
        assert counts.spilled_bytes
        save_counts(tmp_path / "b.npz", counts, encoded.vocabulary, PARAMETERS)
        assert counts.matrix().nnz == counts.nnz
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


@pytest.mark.parametrize("dtype", [np.int64, np.float32, np.float64])
def test_a_matrix_of_documents_is_saved_and_loaded(dtype, path, monkeypatch):
    monkeypatch.setattr(matrix_file, "PIECE", 7)
    matrix = scipy.sparse.random_array((20, 30), density=0.3, format="csr", rng=np.random.default_rng(0))
    matrix = scipy.sparse.csr_array((matrix * 100).astype(dtype))
    matrix.sort_indices()
    vocabulary = Vocabulary([f"w{i}" for i in range(20)], np.arange(20))
    save_counts(path, matrix, vocabulary, {"by": "document"})
    assert_same_matrix(load_counts(path).matrix, matrix)


def test_an_empty_matrix_is_saved_and_loaded(path):
    save_counts(path, scipy.sparse.csr_array((1, 0), dtype=np.int64), Vocabulary(["a"], [1]), {})
    assert load_counts(path).matrix.shape == (1, 0)


@given(st.lists(st.text(st.characters()), unique=True, max_size=20))
def test_any_words_are_saved_and_loaded(tmp_path_factory, words):
    path = tmp_path_factory.mktemp("words") / "counts.npz"
    vocabulary = Vocabulary.from_ordered(words, np.arange(len(words), 0, -1))
    save_counts(path, scipy.sparse.csr_array((len(words), 3)), vocabulary, {})
    assert load_counts(path).vocabulary.words == words


def test_words_that_do_not_fit_the_rows_are_refused(counted, path):
    with pytest.raises(ParameterError, match="40 rows and 1 words"):
        save_counts(path, counted[0], Vocabulary(["a"], [1]), {})
    assert not path.exists()


WORDS = Vocabulary(["a", "b", "c"], [3, 2, 1])
CELLS = np.array([[0, 1, 0, 2], [3, 0, 0, 0], [0, 4, 5, 0]])


def unsorted(cells):
    """Columns in descending order within a row, of which scipy is told nothing."""
    good = scipy.sparse.csr_array(cells)
    order = np.concatenate([np.arange(*row)[::-1] for row in pairwise(good.indptr)])
    return scipy.sparse.csr_array((good.data[order], good.indices[order], good.indptr), shape=good.shape)


def with_duplicates(cells):
    """Every count in two parts."""
    good = scipy.sparse.csr_array(cells)
    parts = np.repeat(good.data, 2)
    parts[::2] -= 1
    parts[1::2] = 1
    return scipy.sparse.csr_array((parts, np.repeat(good.indices, 2), 2 * good.indptr), shape=good.shape)


def with_stale_flag(cells):
    """Unsorted columns that scipy believes to be sorted."""
    matrix = unsorted(cells)
    matrix.has_canonical_format = True
    return matrix


@pytest.mark.parametrize("form", ["csc", "coo", "lil", "dok", "bsr", "dia"])
@pytest.mark.parametrize("kind", [scipy.sparse.csr_array, scipy.sparse.csr_matrix])
def test_a_matrix_of_any_format_is_saved_as_rows(form, kind, path):
    save_counts(path, kind(CELLS).asformat(form), WORDS, {})
    np.testing.assert_array_equal(load_counts(path).matrix.toarray(), CELLS)


@pytest.mark.parametrize("make", [unsorted, with_duplicates, with_stale_flag])
def test_columns_in_any_order_are_saved_in_theirs_and_the_matrix_stays_as_it_was(make, path):
    matrix = make(CELLS)
    before = [array.copy() for array in (matrix.data, matrix.indices, matrix.indptr)]
    save_counts(path, matrix, WORDS, {})
    assert_same_matrix(load_counts(path).matrix, scipy.sparse.csr_array(CELLS))
    for array, kept in zip((matrix.data, matrix.indices, matrix.indptr), before, strict=True):
        np.testing.assert_array_equal(array, kept)


@pytest.mark.parametrize(
    ("dtype", "written"),
    [(bool, np.int64), (np.int8, np.int64), (np.uint32, np.int64), (np.uint64, np.float64)],
)
def test_other_numbers_are_saved_as_a_type_that_holds_them(dtype, written, path):
    matrix = scipy.sparse.coo_array(CELLS).astype(dtype)
    save_counts(path, matrix, WORDS, {})
    found = load_counts(path).matrix
    assert found.dtype == written
    np.testing.assert_array_equal(found.toarray(), matrix.toarray())


def out_of_bounds(cells):
    matrix = scipy.sparse.csr_array(cells)
    matrix.indices[1] = 4
    return matrix


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (CELLS, "counts of type ndarray: expected Counts"),
        (scipy.sparse.csr_array(CELLS * 1j), "counts of type complex128: expected whole or real numbers"),
        (scipy.sparse.csr_array(np.where(CELLS == 4, np.nan, CELLS)), "NaN or infinite"),
        (scipy.sparse.csc_array(np.where(CELLS == 4, np.inf, CELLS)), "NaN or infinite"),
        (out_of_bounds(CELLS), "is damaged"),
    ],
    ids=["dense", "complex", "NaN", "infinity", "out of bounds"],
)
def test_what_would_be_refused_on_loading_is_not_saved(matrix, message, path):
    with pytest.raises(ParameterError, match=message):
        save_counts(path, matrix, WORDS, {})
    assert not path.exists()


def test_a_matrix_in_good_order_is_not_copied():
    matrix = scipy.sparse.csr_array(CELLS * 1.0)
    source = matrix_file._Source.of(matrix)
    assert np.shares_memory(next(iter(source.data())), matrix.data)
    assert np.shares_memory(next(iter(source.indices())), matrix.indices)


def test_a_damaged_member_that_someone_compressed_is_refused(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        begin = archive.getinfo("data.npy").header_offset + 30 + len("data.npy")
    content = bytearray(path.read_bytes())
    content[begin : begin + 40] = b"\xff" * 40
    path.write_bytes(content)
    with pytest.raises(FormatError, match="is damaged"):
        load_counts(path)


def test_a_failing_save_leaves_the_older_file(counted, path, monkeypatch):
    save_counts(path, *counted, PARAMETERS)
    before = path.read_bytes()

    def fail(store, block):
        raise OutputError("gone")

    monkeypatch.setattr(runs.BlockStore, "get", fail)
    with pytest.raises(OutputError, match="gone"):
        save_counts(path, *counted, PARAMETERS)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


def test_a_missing_file_is_an_input_error(path):
    with pytest.raises(InputError, match="no such file"):
        load_counts(path)


@pytest.mark.parametrize("kept", [0, 10, 0.3, 0.9, -1])
def test_a_truncated_file_is_refused(kept, path, members):
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content)) if isinstance(kept, float) else kept])
    with pytest.raises(FormatError, match=r"counts.npz is no counts file, or is damaged"):
        load_counts(path)


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6])
def test_a_flipped_bit_is_noticed(share, path, members):
    content = bytearray(path.read_bytes())
    content[int(share * len(content))] ^= 4
    path.write_bytes(content)
    with pytest.raises(FormatError, match=r"counts.npz"):
        load_counts(path)


def test_text_is_refused(path):
    path.write_text("not a zip archive")
    with pytest.raises(FormatError, match=r"is no counts file, or is damaged .*expected what `embedkit cooccur`"):
        load_counts(path)


def test_a_matrix_of_scipys_without_words_is_refused(path):
    scipy.sparse.save_npz(path, scipy.sparse.eye_array(3, format="csr"))
    with pytest.raises(FormatError, match=r"has no words.json; expected counts that `embedkit cooccur`"):
        load_counts(path)


@pytest.mark.parametrize("name", ["format", "shape", "indptr", "indices", "data", "counts"])
def test_a_missing_array_is_named(name, path, members):
    del members[f"{name}.npy"]
    rewrite(path, members)
    with pytest.raises(FormatError, match=f"counts.npz .*{name}.npy"):
        load_counts(path)


def changed(name, change):
    """A change of an array, to a member's bytes."""
    return f"{name}.npy", lambda content: npy(change(array_of(content)))


def put(index, value):
    def change(array):
        array = array.copy()
        array[index] = value
        return array

    return change


DAMAGE = {
    "format": (*changed("format", lambda a: np.array(b"coo")), "format b'coo', expected 'csr'"),
    "shape of three": (*changed("shape", lambda a: np.array([40, 40, 1])), "shape"),
    "negative shape": (*changed("shape", lambda a: -a), "shape"),
    "rows": (*changed("shape", lambda a: a + 1), "41 rows, 40 words and 40 counts"),
    "indptr from 1": (*changed("indptr", put(0, 1)), "rows in indptr.npy"),
    "indptr beyond": (*changed("indptr", put(-1, 10**6)), "rows in indptr.npy"),
    "indptr falls": (*changed("indptr", put(5, 10**6)), "rows in indptr.npy"),
    "indptr too long": (*changed("indptr", lambda a: np.append(a, a[-1])), "rows in indptr.npy"),
    "fractions in indptr": (*changed("indptr", lambda a: a * 1.0), "float64"),
    "column beyond": (*changed("indices", put(7, 40)), "a column beyond the 40"),
    "negative column": (*changed("indices", put(7, -1)), "a column beyond the 40"),
    "columns twice": (*changed("indices", lambda a: put(2, a[1])(a)), "do not ascend"),
    "more indices": (*changed("indices", lambda a: np.append(a, 1)), "rows in indptr.npy"),
    "fewer data": (*changed("data", lambda a: a[:-1]), "indices and"),
    "data of two dimensions": (*changed("data", lambda a: a[None]), "data.npy"),
    "complex data": (*changed("data", lambda a: a * 1j), "complex128"),
    "NaN": (*changed("data", put(3, np.nan)), "not finite"),
    "infinity": (*changed("data", put(-1, np.inf)), "not finite"),
    "objects": ("data.npy", lambda content: npy(np.array([None, 1])), "object"),
    "array cut short": ("data.npy", lambda content: content[:-8], "is cut short in data.npy"),
    "array that promises too much": (
        "data.npy",
        lambda content: content[:128].replace(b"(", b"(9999999", 1).replace(b"       \n", b"\n"),
        "more than its",
    ),
    "array too long": ("data.npy", lambda content: content + b"x", "has more in data.npy"),
    "no array": ("data.npy", lambda content: b"data", "damaged"),
    "negative counts": (*changed("counts", put(-1, -1)), "negative or not in descending order"),
    "counts in another order": (*changed("counts", lambda a: a[::-1]), "negative or not in descending order"),
    "fewer counts": (*changed("counts", lambda a: a[:-1]), "40 words and 39 counts"),
    "words twice": ("words.json", lambda content: json.dumps(["w"] * 40), "a word more than once"),
    "numbers for words": ("words.json", lambda content: json.dumps(list(range(40))), "no string"),
    "fewer words": ("words.json", lambda content: json.dumps(json.loads(content)[1:]), "39 words"),
    "no list of words": ("words.json", lambda content: "{}", "dict in words.json, expected list"),
    "no JSON": ("words.json", lambda content: "[", "damaged"),
    "no UTF-8": ("words.json", lambda content: b'["\xff"]', "damaged"),
    "no object of parameters": ("parameters.json", lambda content: "[]", "list in parameters.json, expected dict"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_named(damage, path, members):
    name, change, message = DAMAGE[damage]
    members[name] = change(members[name])
    rewrite(path, members)
    with pytest.raises(FormatError, match=message) as error:
        load_counts(path)
    assert str(path) in str(error.value)


@pytest.mark.parametrize("piece", [1, 2, 3, 50])
def test_columns_are_checked_across_the_pieces_that_are_looked_at(piece, path, members, monkeypatch):
    monkeypatch.setattr(matrix_file, "PIECE", piece)
    load_counts(path)
    indptr, indices = array_of(members["indptr.npy"]), array_of(members["indices.npy"])
    within = int(indptr[4]) + 1
    indices[within] = indices[within - 1]
    rewrite(path, members | {"indices.npy": npy(indices)})
    with pytest.raises(FormatError, match="do not ascend"):
        load_counts(path)
