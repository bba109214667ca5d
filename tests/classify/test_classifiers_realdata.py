"""Accuracy on the public test sets that papers report."""

import pytest

from embedkit.classify import text_classifier

pytestmark = pytest.mark.realdata


def read(path, encoding="utf-8"):
    """Texts and labels of lines with a tab between them; TREC has the label first, and a space."""
    lines = path.read_bytes().decode(encoding).rstrip("\n").split("\n")
    if path.name.startswith("trec"):
        return [line.split(" ", 1)[1] for line in lines], [line.split(" ", 1)[0] for line in lines]
    return [line.rsplit("\t", 1)[0] for line in lines], [line.rsplit("\t", 1)[1].strip() for line in lines]


# Measured: 82.7, 89.4 and 90.5 %.
@pytest.mark.parametrize(
    ("name", "files", "encoding", "settings", "accuracy"),
    [
        ("nbsvm", "sst2.{}.tsv", "utf-8", {}, 0.82),
        ("svm", "trec.{}.txt", "latin-1", {}, 0.89),
        ("svm", "thucnews.{}.txt", "utf-8", {"features": "characters"}, 0.903),
    ],
)
def test_accuracy_of_the_defaults(data_dir, name, files, encoding, settings, accuracy):
    train, test = (read(data_dir / "classify" / files.format(part), encoding) for part in ("train", "test"))
    assert text_classifier(name, **settings).fit(*train).score(*test) >= accuracy
