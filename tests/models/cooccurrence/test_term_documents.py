"""Term-document counts against the worked example and the naive twin."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import cooccurrence as reference

from embedkit.errors import ParameterError
from embedkit.models.cooccurrence.documents import term_document_matrix
from embedkit.text.corpus import Corpus
from embedkit.text.encoding import encode_corpus

SENTENCES = ["I like deep learning .", "I like NLP .", "I enjoy flying ."]


def encode(documents):
    return encode_corpus(Corpus.from_documents(documents), min_count=1, keep_empty=True)


def test_the_textbook_example_is_counted():
    with encode(SENTENCES) as encoded:
        rows = dict(zip(encoded.vocabulary.words, term_document_matrix(encoded).toarray().tolist(), strict=True))
    assert rows == {
        "I": [1, 1, 1], "like": [1, 1, 0], "enjoy": [0, 0, 1], "deep": [1, 0, 0], "learning": [1, 0, 0],
        "NLP": [0, 1, 0], "flying": [0, 0, 1], ".": [1, 1, 1],
    }  # fmt: skip


@given(
    st.lists(st.lists(st.sampled_from("abcde"), max_size=6), max_size=12).filter(any),
    st.integers(1, 4),
    st.sampled_from([np.int64, np.float32, np.float64]),
)
def test_any_documents_count_as_the_twin(documents, n_threads, dtype):
    with encode(documents) as encoded:
        matrix = term_document_matrix(encoded, dtype, n_threads=n_threads)
        words = encoded.vocabulary.words
    matrix.check_format()
    assert matrix.has_canonical_format
    assert matrix.dtype == dtype
    assert matrix.shape == (len(words), len(documents))
    found = matrix.tocoo()
    counts = {(words[i], int(j)): n for i, j, n in zip(found.row, found.col, found.data.tolist(), strict=True)}
    assert counts == reference.term_document(documents)


def test_empty_documents_keep_their_columns():
    with encode(["", "a", "", "a a", ""]) as encoded:
        assert term_document_matrix(encoded).toarray().tolist() == [[0, 1, 0, 2, 0]]


def test_ids_in_a_file_count_the_same(tmp_path):
    with encode(SENTENCES * 50) as encoded:
        expected = term_document_matrix(encoded).toarray()
        np.save(tmp_path / "ids.npy", encoded.ids)
        mapped = np.load(tmp_path / "ids.npy", mmap_mode="r")
        stored = SimpleNamespace(ids=mapped, vocabulary=encoded.vocabulary, n_documents=encoded.n_documents)
        assert (term_document_matrix(stored, n_threads=2).toarray() == expected).all()


@pytest.mark.parametrize(
    ("setting", "message"), [({"dtype": "int16"}, "dtype='int16'"), ({"n_threads": 0}, "n_threads=0")]
)
def test_settings_that_cannot_work_are_refused(setting, message):
    with encode(SENTENCES) as encoded, pytest.raises(ParameterError, match=message):
        term_document_matrix(encoded, **setting)
