"""Model files: fastText reads ours and predicts the same, we read its, and damage is named."""

import contextlib
import json
import os
import struct
import subprocess
import sys

import numpy as np
import pytest

from embedkit.classify.fasttext.estimator import FastTextClassifier
from embedkit.classify.fasttext.model_file import ARGUMENTS, SIZES, read_model
from embedkit.errors import FormatError, InputError, ParameterError
from embedkit.text.files import replace_file

LOSSES = ["softmax", "hs", "ns", "ova"]
# fastText looks the sigmoid up in a table of steps of 1/32, and adds 1e-5 to each probability or node of a tree.
TOLERANCE = {"softmax": 2e-5, "hs": 1e-4, "ns": 1e-2, "ova": 1e-2}
TOPICS = {"sea": "ship wave été tide", "rail": "train track wagon 信号", "sky": "plane wing cloud pilot", "x": "😀 a b"}
UNSEEN = [
    "ship and a train",
    "unheard of words",
    "",
    "plane plane plane",
    "été 信号 😀",
    "__label__sea ship",
    "\u3000x y",
    "ship </s> plane plane",
]


@pytest.fixture(scope="module")
def oracle():
    import fasttext

    return fasttext


TRAIN = """
import fasttext, json, sys
path, kind, settings, quantise = json.loads(sys.argv[1])
model = getattr(fasttext, "train_" + kind)(path + ".txt", thread=1, verbose=0, **settings)
if quantise is not None:
    model.quantize(**quantise)
model.save_model(path)
"""


def train_by_fasttext(path, lines, settings, *, kind="supervised", quantise=None):
    """Let fastText train and save a model.

    It reads memory that it has not set, and stops where it finds a NaN there: glibc, so told, hands out zeros.
    """
    path.with_name(path.name + ".txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    command = [sys.executable, "-c", TRAIN, json.dumps([str(path), kind, settings, quantise])]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "MALLOC_PERTURB_": "255"})
    return path


def planted(n=200, seed=0):
    random = np.random.default_rng(seed)
    # The two rarest labels together are as many as the second: the tree meets a tie.
    labels = random.permutation(np.repeat(list(TOPICS), [4 * n // 10, 3 * n // 10, 2 * n // 10, n // 10])).tolist()
    common = [f"word{i}" for i in range(30)]
    texts = [" ".join([*random.choice(common, 4), *random.choice(TOPICS[label].split(), 2)]) for label in labels]
    return texts, labels


def fitted(**settings):
    given = {"buckets": 3000, "random_state": 1, "vector_size": 10, "tokenizer": "fasttext", "lowercase": False}
    return FastTextClassifier(**given | settings).fit(*planted())


def by_fasttext(oracle, path, texts, prefix="__label__"):
    """Probability of each label, as its own program predicts."""
    model = oracle.load_model(str(path))
    rows = []
    for text in texts:
        labels, p = model.predict(text, k=-1)
        rows.append({label.removeprefix(prefix): value for label, value in zip(labels, p, strict=True)})
    return rows


def assert_same_predictions(model, rows, texts, tolerance):
    labels, p = model.predict_top(texts, k=len(model.classes_))
    for row, found, values in zip(rows, labels, p, strict=True):
        # fastText leaves out labels of a tree below 1e-5.
        expected = np.array([row.get(label, 0.0) for label in found])
        assert len(row) == (expected > 0).sum() > 0
        np.testing.assert_allclose(values, expected, atol=tolerance)
        # The order is the same but for labels that are as good as equal.
        assert expected[0] >= max(row.values()) - 2 * tolerance


@pytest.mark.parametrize("settings", [{}, {"word_ngrams": 1}, {"word_ngrams": 3, "min_n": 2, "max_n": 4}])
@pytest.mark.parametrize("loss", LOSSES)
def test_fasttext_predicts_from_our_file_what_we_predict(oracle, tmp_path, loss, settings):
    model = fitted(loss=loss, **settings)
    model.save(tmp_path / "model.bin")
    texts = planted(40, seed=1)[0] + UNSEEN
    assert_same_predictions(model, by_fasttext(oracle, tmp_path / "model.bin", texts), texts, TOLERANCE[loss])


@pytest.mark.parametrize(("loss", "min_count"), [(loss, 1) for loss in LOSSES] + [("softmax", 3)])
def test_we_predict_from_the_file_of_fasttext_what_it_predicts(oracle, tmp_path, loss, min_count):
    texts, labels = planted()
    lines = [f"__label__{label} {text}" for label, text in zip(labels, texts, strict=True)]
    settings = {"wordNgrams": 2, "minn": 2, "maxn": 3, "bucket": 2000, "dim": 9, "lr": 0.5, "epoch": 5}
    path = train_by_fasttext(tmp_path / "model.bin", lines, {**settings, "loss": loss, "minCount": min_count})
    model = FastTextClassifier.load(path)
    new = planted(40, seed=1)[0] + UNSEEN
    assert_same_predictions(model, by_fasttext(oracle, path, new), new, TOLERANCE[loss])
    assert model.vector_size == 9
    assert model.classes_.tolist() == [x.removeprefix("__label__") for x in oracle.load_model(str(path)).labels]
    model.save(tmp_path / "again.bin")
    assert_same_predictions(model, by_fasttext(oracle, tmp_path / "again.bin", new), new, TOLERANCE[loss])


def quantised(path, settings):
    """A quantised model of 600 words and 300 labels."""
    random = np.random.default_rng(0)
    words = [f"w{i}" for i in range(600)]
    lines = [f"__label__label{i % 300} " + " ".join(random.choice(words, 5)) for i in range(3000)]
    return train_by_fasttext(path, lines, {"wordNgrams": 2, "bucket": 500, "dim": 10}, quantise=settings)


@pytest.mark.parametrize("settings", [{}, {"qnorm": True, "cutoff": 300}, {"qout": True, "dsub": 4}])
def test_quantised_files_of_fasttext_are_read(oracle, tmp_path, settings):
    """More than 256 rows and labels are needed to train a quantiser; dsub=4 leaves a shorter last piece."""
    path = quantised(tmp_path / "model.ftz", settings)
    model = FastTextClassifier.load(path)
    random = np.random.default_rng(1)
    texts = [" ".join(random.choice([f"w{i}" for i in range(610)], 6)) for _ in range(30)]
    rows = by_fasttext(oracle, path, texts)
    assert_same_predictions(model, rows, texts, TOLERANCE["softmax"])
    if "cutoff" in settings:
        with pytest.raises(ParameterError, match="pruned"):
            model.save(tmp_path / "again.bin")


LANGUAGES = {
    "en": "the quick brown fox jumps over the lazy dog", "de": "der schnelle braune Fuchs springt über den Hund",
    "fr": "le renard brun saute par-dessus le chien paresseux", "es": "el zorro marrón salta sobre el perro perezoso",
    "ru": "быстрая коричневая лиса перепрыгивает через собаку", "zh": "我们今天去北京看长城，天气很好",
    "ja": "素早い茶色の狐がのろまな犬を飛び越える", "ar": "الثعلب البني السريع يقفز فوق الكلب الكسول",
    "el": "η γρήγορη καφέ αλεπού πηδάει πάνω από το σκύλο", "ko": "빠른 갈색 여우가 게으른 개를 뛰어넘는다",
    "hi": "तेज भूरी लोमड़ी आलसी कुत्ते के ऊपर कूदती है", "fi": "nopea ruskea kettu hyppää laiskan koiran yli",
    "tr": "hızlı kahverengi tilki tembel köpeğin üzerinden atlar",
}  # fmt: skip


@pytest.mark.realdata
def test_the_language_identifier_of_fasttext_predicts_what_it_predicts_there(oracle, data_dir):
    path = data_dir / "interop" / "lid.176.ftz"
    model = FastTextClassifier.load(path)
    texts = list(LANGUAGES.values())
    assert model.predict(texts).tolist() == list(LANGUAGES)
    for text, row in zip(texts, by_fasttext(oracle, path, texts), strict=True):
        labels, p = model.predict_top([text], k=5)
        assert labels[0][0] == max(row, key=row.get)
        np.testing.assert_allclose(p[0], [row[label] for label in labels[0]], atol=1e-4)


def test_a_file_holds_the_same_model(tmp_path):
    model = fitted(loss="hs", min_count=2)
    model.save(tmp_path / "model.bin")
    again = FastTextClassifier.load(tmp_path / "model.bin")
    X = planted(40, seed=1)[0]
    columns = [again.classes_.tolist().index(label) for label in model.classes_]
    np.testing.assert_allclose(again.predict_proba(X)[:, columns], model.predict_proba(X), atol=1e-6)
    assert again.vocabulary_ == model.vocabulary_
    assert sorted(again.bucket_ids_) == sorted(model.bucket_ids_)
    assert (again.word_counts_ == model.word_counts_).all()
    assert again.class_counts_.tolist() == sorted(model.class_counts_, reverse=True)
    assert {"loss": "hs", "min_count": 2, "vector_size": 10, "word_ngrams": 2}.items() <= again.get_params().items()
    assert FastTextClassifier.load(tmp_path / "model.bin", lowercase=True).lowercase is True


def test_labels_of_other_types_are_written_as_text(tmp_path):
    FastTextClassifier(buckets=10, random_state=0).fit(["up", "down"] * 20, [5, 7] * 20).save(tmp_path / "model.bin")
    assert FastTextClassifier.load(tmp_path / "model.bin").predict(["up", "down"]).tolist() == ["5", "7"]


def test_words_and_labels_that_cannot_be_written_are_refused_and_leave_no_file(tmp_path):
    model = FastTextClassifier(buckets=10, random_state=0).fit(["up", "down"], ["a\0b", "c"])
    with pytest.raises(FormatError, match="holds a NUL"):
        model.save(tmp_path / "model.bin")
    model = FastTextClassifier(buckets=10, random_state=0).fit(["up", "down"], ["\ud800", "c"])
    with pytest.raises(FormatError, match=r"'__label__.ud800' holds a lone surrogate"):
        model.save(tmp_path / "model.bin")
    assert not list(tmp_path.iterdir())


def test_a_model_of_one_label_predicts_it(oracle, tmp_path):
    path = train_by_fasttext(tmp_path / "one.bin", ["__label__a it purrs"] * 5, {"loss": "hs", "dim": 4, "bucket": 10})
    model = FastTextClassifier.load(path)
    assert model.predict_proba(["it purrs"]).tolist() == [[1.0]]
    assert_same_predictions(model, by_fasttext(oracle, path, ["it purrs"]), ["it purrs"], 1e-4)


@pytest.mark.parametrize("ending", ["gz", "bz2", "xz"])
def test_compressed_files_are_read_and_their_damage_is_named(saved, ending, tmp_path):
    path = tmp_path / f"model.bin.{ending}"
    with replace_file(path) as out:
        out.write(saved)
    assert set(FastTextClassifier.load(path).classes_) == set(TOPICS)
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 8] = b"\xff" * 8
    path.write_bytes(content)
    with pytest.raises(FormatError, match=r"cannot read .*damaged"):
        FastTextClassifier.load(path)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "model.bin"
    fitted(buckets=50, vector_size=3).save(path)
    return path.read_bytes()


def test_a_file_cut_anywhere_is_an_error(saved, tmp_path):
    path = tmp_path / "cut.bin"
    for size in [0, 1, 7, 8, 63, 64, 90, 91, *range(92, len(saved), 97), len(saved) - 1]:
        path.write_bytes(saved[:size])
        with pytest.raises(FormatError, match=r"cut\.bin"):
            read_model(path)
    path.write_bytes(saved + b"\0")
    with pytest.raises(FormatError, match="goes on for 1 byte"):
        read_model(path)


@pytest.mark.usefixtures("oracle")
def test_a_quantised_file_cut_anywhere_is_an_error(tmp_path):
    data = quantised(tmp_path / "model.ftz", {"qnorm": True, "cutoff": 400}).read_bytes()
    for size in range(64, len(data), 211):
        (tmp_path / "cut.ftz").write_bytes(data[:size])
        with pytest.raises(FormatError, match=r"cut\.ftz"):
            read_model(tmp_path / "cut.ftz")


HEAD = 8
LOSS, KIND, BUCKETS = HEAD + 6 * 4, HEAD + 7 * 4, HEAD + 8 * 4
DICTIONARY = HEAD + ARGUMENTS.size
ENTRIES = DICTIONARY + SIZES.size


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (0, struct.pack("<i", 7), "is no fastText model"),
        (4, struct.pack("<i", 13), "version 13 of fastText's format; versions 11 and 12 can be read"),
        (HEAD, struct.pack("<i", -5), "parameters that cannot be"),
        (HEAD, struct.pack("<i", 4), "expected 4 columns"),
        (LOSS, struct.pack("<i", 9), "loss 9"),
        (KIND, struct.pack("<i", 1), "word vectors, not a classifier"),
        (BUCKETS, struct.pack("<i", 40), "50 rows of n-grams, but 40 buckets"),
        (BUCKETS, struct.pack("<i", 0), "no buckets"),
        (DICTIONARY, struct.pack("<i", 1), "among 1 entries"),
        (DICTIONARY, struct.pack("<3i", 2**31 - 1, 2**31 - 5, 4), "for|kind"),
        (ENTRIES, b"\xff", "no UTF-8"),
        (ENTRIES + 5 + 8, b"\7", "kind 7"),
    ],
)
def test_a_damaged_file_is_named_with_what_is_wrong(saved, tmp_path, place, value, message):
    path = tmp_path / "damaged.bin"
    path.write_bytes(saved[:place] + value + saved[place + len(value) :])
    with pytest.raises(FormatError, match=message):
        read_model(path)


def test_no_single_damaged_byte_of_the_head_breaks_anything_but_the_file(saved, tmp_path):
    """Whatever the head says, the answer is a model or a FormatError, and no memory is asked for in vain."""
    path = tmp_path / "damaged.bin"
    for place in range(ENTRIES + 40):
        for flip in (0x80, 0xFF):
            path.write_bytes(saved[:place] + bytes([saved[place] ^ flip]) + saved[place + 1 :])
            with contextlib.suppress(FormatError):
                read_model(path)


def test_numbers_that_are_none_are_damage(saved, tmp_path):
    path = tmp_path / "damaged.bin"
    path.write_bytes(saved[:-4] + struct.pack("<f", float("nan")))
    with pytest.raises(FormatError, match="not finite"):
        read_model(path)


@pytest.mark.usefixtures("oracle")
def test_word_vectors_of_fasttext_are_told_from_classifiers(tmp_path):
    lines = [" ".join(f"w{i * k % 100}" for k in range(1, 20)) for i in range(200)]
    own = {"dim": 10, "bucket": 10, "minCount": 1}
    path = train_by_fasttext(tmp_path / "vectors.bin", lines, own, kind="unsupervised")
    with pytest.raises(FormatError, match="word vectors, not a classifier"):
        FastTextClassifier.load(path)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        FastTextClassifier.load(tmp_path / "none.bin")
