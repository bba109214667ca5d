"""The native file: opens as it was written, tells its size beforehand, and is checked when it is opened."""

import json
import pickle

import numpy as np
import pytest

from embedkit.errors import FormatError, InputError, ParameterError
from embedkit.lm import NgramLanguageModel
from embedkit.lm.files import load_model, save_model
from embedkit.lm.native import MAGIC, load_native, native_size, save_native
from embedkit.lm.parameters import SMOOTHINGS
from embedkit.lm.quantisation import quantised, read_numbers

SENTENCES = ["the cat sat on the mat", "the dog sat on the rug", "a cat ate", "我 爱 吃 苹果"] * 3
TEXTS = [*SENTENCES[:4], "the unknown cat", "", "sat the"]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.lm"


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
def test_every_kind_of_model_is_the_same_when_it_is_opened(path, smoothing):
    model = NgramLanguageModel(order=3, smoothing=smoothing).fit(SENTENCES)
    model.save(path)
    again = NgramLanguageModel.load(path)
    assert again.order == 3
    assert again.n_ngrams == model.n_ngrams
    np.testing.assert_allclose(again.scores(TEXTS), model.scores(TEXTS), rtol=1e-6)
    assert again.next_words(["the"], k=3)[0][0] == model.next_words(["the"], k=3)[0][0]
    assert again.model_.facts["smoothing"] == smoothing


def test_the_arrays_are_mapped_and_cannot_be_written_to(path):
    NgramLanguageModel(order=3).fit(SENTENCES).save(path)
    model = load_native(path)
    for array in (model.log_prob, model.trie.words, model.trie.first, model.word_table.data):
        base = array
        while isinstance(base.base, np.ndarray):
            base = base.base
        assert isinstance(base, np.memmap)
        assert not array.flags.writeable


@pytest.mark.parametrize("quantize", [None, 8, 16])
def test_the_size_is_known_before_the_file_is_written(path, quantize):
    model = NgramLanguageModel(order=3).fit(SENTENCES).model_
    save_native(model, path, quantize=quantize)
    assert path.stat().st_size == native_size(model, quantize=quantize)


@pytest.mark.parametrize("quantize", [8, 16])
def test_a_model_of_few_different_numbers_loses_nothing_when_quantised(path, quantize):
    model = NgramLanguageModel(order=3).fit(SENTENCES)
    model.save(path, quantize=quantize)
    again = NgramLanguageModel.load(path)
    assert again.model_.log_prob.dtype == f"uint{quantize}"
    np.testing.assert_allclose(again.scores(TEXTS), model.scores(TEXTS), rtol=1e-6)
    assert again.distribution(again.state("the cat")) == pytest.approx(model.distribution(model.state("the cat")), 1e-5)


def test_a_quantised_model_can_be_written_again(tmp_path):
    NgramLanguageModel(order=3).fit(SENTENCES).save(tmp_path / "a.lm", quantize=8)
    save_model(load_model(tmp_path / "a.lm"), tmp_path / "b.arpa")
    save_model(load_model(tmp_path / "a.lm"), tmp_path / "c.lm")
    save_model(load_model(tmp_path / "a.lm"), tmp_path / "d.lm", quantize=16)
    want = NgramLanguageModel.load(tmp_path / "a.lm").scores(TEXTS)
    for name in ("b.arpa", "c.lm", "d.lm"):
        np.testing.assert_allclose(NgramLanguageModel.load(tmp_path / name).scores(TEXTS), want, atol=1e-5)


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("n", [1, 255, 256, 257, 70_000])
def test_quantised_numbers_are_near_what_they_stand_for(bits, n):
    values = -np.random.default_rng(1).gamma(2.0, size=n).astype(np.float32)
    values[0] = 0.0
    starts = np.array([0, 1, 3, n + 3])
    places, table = quantised(np.concatenate([[0, -1, -2], values]).astype(np.float32), starts, bits)
    near = read_numbers(places, table, starts, 3, n + 3, 2)
    assert places.dtype == f"uint{bits}"
    assert read_numbers(places, table, starts, 1, 3, 1).tolist() == [-1, -2]
    assert near[0] == 0.0
    ladder = table[-1 << bits :]
    assert np.all(np.diff(ladder) >= 0)
    if n <= 1 << bits:
        np.testing.assert_array_equal(near, values)
    else:
        assert np.abs(near - values).mean() < 4 * np.ptp(values) / (1 << bits)
    # Each number is at the value next to it.
    below = ladder[np.maximum(places[3:].astype(int) - 1, 0)]
    assert (np.abs(near - values) <= np.abs(below - values) + 1e-6).all()


def test_every_shortened_file_is_noticed(path):
    NgramLanguageModel(order=2, smoothing="witten-bell").fit(["a b"]).save(path)
    whole = path.read_bytes()
    for length in [*range(0, len(whole), 37), len(whole) - 1]:
        path.write_bytes(whole[:length])
        with pytest.raises(FormatError, match=r"cut short|damaged|no language model|header"):
            load_model(path)
    path.write_bytes(whole)
    assert load_model(path).n_ngrams == [5, 3]


def test_a_file_that_was_not_written_to_its_end_is_noticed(path):
    NgramLanguageModel(order=2).fit(SENTENCES).save(path)
    data = path.read_bytes()
    path.write_bytes(data[:-400] + bytes(400))
    with pytest.raises(FormatError, match="no end mark"):
        load_native(path)


def test_words_that_are_damaged_are_an_error(path):
    NgramLanguageModel(order=2).fit(SENTENCES).save(path)
    data = path.read_bytes()
    path.write_bytes(data.replace("香蕉苹果"[2:].encode(), b"\xff" * 6))
    with pytest.raises(FormatError, match="words of the model are damaged"):
        _ = load_native(path).words


def test_another_version_says_so(path):
    NgramLanguageModel(order=2).fit(SENTENCES).save(path)
    data = bytearray(path.read_bytes())
    data[len(MAGIC)] = 99
    path.write_bytes(data)
    with pytest.raises(FormatError, match="version 99"):
        load_native(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda header: header["arrays"].pop(), "prob_table|backoff_table|damaged"),
        (lambda header: header["arrays"][4].update(shape=[3]), "damaged"),
        (lambda header: header["arrays"][0].update(dtype="<U9"), "damaged"),
        (lambda header: header["arrays"][0].update(shape=[-1]), "damaged"),
        (lambda header: header.update(scheme="other"), "damaged"),
        (lambda header: header.pop("facts"), "damaged"),
        (lambda header: header.update(arrays=7), "damaged"),
    ],
)
def test_a_header_that_does_not_fit_is_an_error(path, change, message):
    NgramLanguageModel(order=2).fit(SENTENCES).save(path)
    data = path.read_bytes()
    length = int.from_bytes(data[16:24], "little")
    header = json.loads(data[24 : 24 + length])
    change(header)
    text = json.dumps(header).encode()[:length].ljust(length)
    path.write_bytes(data[:24] + text + data[24 + length :])
    with pytest.raises(FormatError, match=message):
        load_native(path)


def test_what_is_no_model_is_refused(tmp_path):
    (tmp_path / "vectors.bin").write_bytes(b"3 4\nking " + bytes(16))
    with pytest.raises(FormatError, match=r"vectors\.bin"):
        load_model(tmp_path / "vectors.bin")
    with pytest.raises(InputError, match="no such file"):
        load_model(tmp_path / "missing.lm")
    with pytest.raises(InputError, match="is a directory"):
        load_model(tmp_path)


def test_a_compressed_native_file_is_refused(tmp_path):
    model = NgramLanguageModel(order=2).fit(SENTENCES)
    with pytest.raises(FormatError, match="cannot be compressed"):
        model.save(tmp_path / "model.lm.gz")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("quantize", [4, 8.5, "8"])
def test_other_numbers_of_bits_are_refused(path, quantize):
    with pytest.raises(ParameterError, match="expected 8 or 16"):
        NgramLanguageModel(order=2).fit(SENTENCES).save(path, quantize=quantize)


def test_additive_models_are_not_quantised(path):
    with pytest.raises(ParameterError, match="only models that back off"):
        NgramLanguageModel(order=2, smoothing="laplace").fit(SENTENCES).save(path, quantize=8)
    assert not path.exists()


def test_arpa_files_are_not_quantised(tmp_path):
    with pytest.raises(ParameterError, match="quantize=8"):
        NgramLanguageModel(order=2).fit(SENTENCES).save(tmp_path / "model.arpa", quantize=8)


def test_opened_models_can_be_pickled(path):
    NgramLanguageModel(order=2).fit(SENTENCES).save(path)
    model = NgramLanguageModel.load(path)
    assert pickle.loads(pickle.dumps(model)).score("the cat") == model.score("the cat")


def test_how_the_text_was_cut_is_remembered(path):
    model = NgramLanguageModel(order=2, tokenizer="words", lowercase=True).fit(["The cat, sat!", "A cat sat."])
    model.save(path)
    again = NgramLanguageModel.load(path)
    assert again.score("THE CAT!") == pytest.approx(model.score(["the", "cat"]), rel=1e-6)
