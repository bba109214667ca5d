"""A matrix as counts, against the counts that it was made of."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.sparse import csr_array, random_array

from embedkit.errors import InputError
from embedkit.models.cooccurrence import matrix_counts
from embedkit.models.cooccurrence.counting import count_cooccurrences
from embedkit.models.cooccurrence.matrix_counts import MatrixCounts
from embedkit.models.cooccurrence.parameters import CountingParameters
from embedkit.text.corpus import Corpus
from embedkit.text.encoding import encode_corpus


@pytest.mark.parametrize("pairs", [1, 7, 100, 2**20])
def test_blocks_hold_every_row_once_whatever_their_size(monkeypatch, pairs):
    monkeypatch.setattr(matrix_counts, "BLOCK_PAIRS", pairs)
    matrix = csr_array(random_array((60, 60), density=0.1, rng=np.random.default_rng(1), format="csr"))
    counts = MatrixCounts(matrix)
    rebuilt = np.zeros(matrix.shape)
    next_row = 0
    for block in counts.blocks(release=True):
        assert block.first_row == next_row
        assert block.indptr[0] == 0
        for row in range(len(block.indptr) - 1):
            cells = slice(block.indptr[row], block.indptr[row + 1])
            rebuilt[next_row, block.indices[cells]] = block.values()[cells]
            next_row += 1
    assert next_row == 60
    assert np.array_equal(rebuilt, matrix.toarray())


def test_blocks_are_as_large_as_elsewhere_where_places_near_the_end_of_32_bits():
    counts = MatrixCounts(csr_array(np.ones((4, 4))))
    # As if the first row had nearly 2**31 pairs; of the others, the places alone are looked at.
    indptr = np.array([0, 2**31 - 40, 2**31 - 30, 2**31 - 20, 2**31 - 10], np.int32)
    counts._matrix = SimpleNamespace(indptr=indptr, indices=np.empty(0, np.int32), data=np.empty(0))
    assert [block.first_row for block in counts.blocks()] == [0, 1]


def test_says_the_same_as_the_counts_it_was_made_of():
    parameters = CountingParameters(window=3, distance="harmonic")
    with (
        encode_corpus(Corpus.from_documents(["to be or not to be", "be quick or be dead"]), min_count=1) as encoded,
        count_cooccurrences(encoded, parameters) as counts,
    ):
        n_words, nnz, row_nnz = counts.n_words, counts.nnz, counts.row_nnz
        values = np.concatenate([block.values(np.float32) for block in counts.blocks()])
        matrix = counts.matrix()
    again = MatrixCounts(matrix)
    assert (again.n_words, again.nnz, again.row_nnz.tolist()) == (n_words, nnz, row_nnz.tolist())
    assert np.array_equal(np.concatenate([block.values(np.float32) for block in again.blocks()]), values)
    assert again.matrix() is matrix or np.shares_memory(again.matrix().data, matrix.data)
    assert again.matrix(np.float32).dtype == np.float32


@pytest.mark.parametrize(
    ("cells", "text"),
    [
        ([[1.0, 2.0]], "square"),
        ([[0.0, 0.0], [0.0, 0.0]], "no pair"),
        ([[0.0, -1.0], [1.0, 0.0]], "above 0"),
        ([[0.0, np.inf], [1.0, 0.0]], "above 0"),
        ([[0.0, np.nan], [1.0, 0.0]], "above 0"),
    ],
)
def test_what_are_no_counts_is_refused(cells, text):
    with pytest.raises(InputError, match=text):
        MatrixCounts(csr_array(cells))


def test_a_stored_zero_is_refused():
    with pytest.raises(InputError, match="above 0"):
        MatrixCounts(csr_array(([0.0, 1.0], ([0, 1], [1, 0])), shape=(2, 2)))
