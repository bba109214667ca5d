"""Files that the original tools wrote: every one loads as gensim loads it, or says what is wrong."""

import warnings

import numpy as np
import pytest

from embedkit.errors import FormatError
from embedkit.vectors.formats.registry import recognise
from embedkit.vectors.keyed_vectors import KeyedVectors

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from gensim.models import KeyedVectors as GensimVectors

pytestmark = pytest.mark.realdata

VECTORS = {
    "crime-and-punishment.vec": "word2vec-text",
    "euclidean_vectors.bin": "word2vec-binary",
    "high_precision.kv.bin": "word2vec-binary",
    "high_precision.kv.txt": "word2vec-text",
    "lee_fasttext.vec": "word2vec-text",
    "test_glove.txt": "glove",
    "toy-model.vec": "word2vec-text",
    "word2vec_pre_kv_c": "word2vec-text",
}
REFUSED = {
    "COPYING.gensim": "expected word vectors",
    "NOTICE.md": "expected word vectors",
    "cp852_fasttext.bin": "a fastText model of an old version",
    "crime-and-punishment.bin": "a fastText model",
    "crime-and-punishment.txt": "expected word vectors",
    "lee_fasttext.bin": "a fastText model of an old version",
    "lee_fasttext_new.bin": "a fastText model",
    "lid.176.ftz": "a fastText model",
    "model-from-gensim-3.8.0.w2v": "a Python pickle made by gensim",
    "non_ascii_fasttext.bin": "a fastText model of an old version",
    "toy-data.txt": "expected word vectors",
    "toy-model.bin": "a fastText model",
}


def test_every_file_is_spoken_for(data_dir):
    assert {path.name for path in (data_dir / "interop").iterdir()} == {*VECTORS, *REFUSED}


@pytest.mark.parametrize("name", VECTORS)
def test_vectors_load_as_gensim_loads_them(data_dir, name):
    path = data_dir / "interop" / name
    assert recognise(path) == VECTORS[name]
    ours = KeyedVectors.load(path)
    theirs = GensimVectors.load_word2vec_format(
        path, binary=VECTORS[name] == "word2vec-binary", no_header=VECTORS[name] == "glove"
    )
    assert ours.index_to_key == theirs.index_to_key
    assert np.array_equal(ours.vectors, theirs.vectors)


@pytest.mark.parametrize("name", VECTORS)
def test_vectors_survive_every_format(data_dir, name, tmp_path):
    ours = KeyedVectors.load(data_dir / "interop" / name)
    for target in ("v.bin", "v.vec", "v.txt.gz", "v.embedkit"):
        ours.save(tmp_path / target)
        assert KeyedVectors.load(tmp_path / target) == ours


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("encoding_errors", ["strict", "replace"])
def test_other_files_are_refused_by_name(data_dir, name, encoding_errors):
    with pytest.raises(FormatError, match=REFUSED[name]) as caught:
        KeyedVectors.load(data_dir / "interop" / name, encoding_errors=encoding_errors)
    assert name in str(caught.value)
