"""Real text: English and Chinese Wikipedia, their first megabytes, against the naive twin."""

import gzip
import itertools

import pytest
from reference import scan as naive

from embedkit.text.corpus import Corpus
from embedkit.text.encoding import encode_corpus

pytestmark = pytest.mark.realdata


@pytest.mark.parametrize("name", ["en/wiki-en.txt.gz", "zh/wiki-zh.txt.gz"])
@pytest.mark.parametrize("tokenizer", ["whitespace", "words"])
@pytest.mark.parametrize("lowercase", [False, True])
def test_the_first_lines_of_wikipedia(data_dir, tmp_path, name, tokenizer, lowercase):
    with gzip.open(data_dir / name) as lines:
        first = list(itertools.islice(lines, 2000))
    path = tmp_path / "first.txt.gz"
    path.write_bytes(gzip.compress(b"".join(first), 1))
    encoded = encode_corpus(
        Corpus.from_paths([path]), tokenizer=tokenizer, lowercase=lowercase, min_count=2, n_threads=2
    )
    documents = [line.decode().removesuffix("\n") for line in first]
    words, counts, ids = naive.encode(documents, tokenizer, lowercase, min_count=2)
    assert encoded.vocabulary.words == words
    assert encoded.vocabulary.counts.tolist() == counts
    assert encoded.ids.tolist() == ids


def test_latin_1_with_nel_bytes_is_refused_or_replaced(data_dir):
    path = data_dir / "classify" / "trec.train.txt"
    with pytest.raises(ValueError, match=r"trec\.train\.txt is not valid UTF-8: byte 0x.* at offset "):
        encode_corpus(Corpus.from_paths([path]))
    encoded = encode_corpus(Corpus.from_paths([path], encoding_errors="replace"))
    assert encoded.n_documents == 5452
