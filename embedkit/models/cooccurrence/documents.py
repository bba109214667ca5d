"""How often words occur in documents."""

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import DTypeLike

from embedkit._cext import cooccurrence as kernel
from embedkit.errors import InputError
from embedkit.models.cooccurrence.counts import check_dtype
from embedkit.models.cooccurrence.grouping import group, read_ids
from embedkit.text.encoding import EncodedCorpus
from embedkit.threads import check_threads

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["term_document_matrix"]

MOST = 2**31 - 1


def term_document_matrix(encoded: EncodedCorpus, dtype: DTypeLike = np.int64, *, n_threads: int = 1) -> "csr_array":
    """Count words in documents.

    Besides the matrix, 4 bytes a word of the corpus are held, and 4 more if its ids lie in a file.

    Parameters
    ----------
    encoded : EncodedCorpus
        Encoded with `keep_empty`, for a column to each document; otherwise those that have a word.
    dtype : {int64, float32, float64}
    n_threads : int, default=1
        Threads that group the words; the result does not depend on them.

    Returns
    -------
    csr_array, (n_words, n_documents)
        Column indices are sorted.

    Raises
    ------
    InputError
        If there are 2**31 positions or more.
    ParameterError
        If a parameter has a value that cannot work.

    Examples
    --------
    >>> from embedkit.text.corpus import Corpus
    >>> from embedkit.text.encoding import encode_corpus
    >>> corpus = Corpus.from_documents(["to be or not to be", "", "be quick"])
    >>> with encode_corpus(corpus, min_count=2, keep_empty=True) as encoded:
    ...     print(encoded.vocabulary.words)
    ...     print(term_document_matrix(encoded).toarray())
    ['be', 'to']
    [[2 0 1]
     [2 0 0]]
    """
    from scipy.sparse import csr_array

    dtype = check_dtype(dtype)
    check_threads(n_threads)
    n_ids, n_words = len(encoded.ids), len(encoded.vocabulary)
    if n_ids > MOST:
        raise InputError(f"the corpus has {n_ids} words and document ends, expected at most {MOST}; count parts of it")
    ids = read_ids(encoded.ids, 0, n_ids)
    with ThreadPoolExecutor(n_threads) as pool:
        documents, starts = group(pool, ids, 0, n_ids, n_words, n_threads, by_document=True)
    del ids
    indptr = np.empty(n_words + 1, np.int64)
    kernel.count_runs(documents, starts, indptr)
    indices, counts = np.empty(indptr[-1], np.int32), np.empty(indptr[-1], dtype)
    kernel.write_runs(documents, starts, indices, counts)
    matrix = csr_array((counts, indices, indptr.astype(np.int32)), shape=(n_words, encoded.n_documents))
    matrix.has_canonical_format = True
    return matrix
