"""Tokenizers that are no plain name, kept by a native file all the same, or told to be lost."""

import logging
import re

import pytest

from embedkit import NgramLanguageModel
from embedkit.text.tokenizers import resolve_tokenizer

TEXT = ["我爱吃苹果。", "我爱吃香蕉。", "他爱吃苹果。"]


@pytest.mark.parametrize(
    ("tokenizer", "name"),
    [
        (resolve_tokenizer("char"), "char"),
        (re.compile("."), "regex:."),
        (resolve_tokenizer(re.compile(".")), "regex:."),
        ("nfkc|char+punctuation", "nfkc|char+punctuation"),
    ],
)
def test_a_native_file_keeps_its_name(tmp_path, caplog, tokenizer, name):
    model = NgramLanguageModel(order=2, smoothing="witten-bell", tokenizer=tokenizer).fit(TEXT)
    with caplog.at_level(logging.WARNING, "embedkit"):
        model.save(tmp_path / "m.lm")
    assert not caplog.records
    again = NgramLanguageModel.load(tmp_path / "m.lm")
    assert again.tokenizer == name
    assert again.score("他爱吃香蕉。") == pytest.approx(model.score("他爱吃香蕉。"), rel=1e-6)


@pytest.mark.parametrize("tokenizer", [list, re.compile("[a-z一-龥]", re.IGNORECASE)])
def test_what_has_no_name_is_told_to_be_lost(tmp_path, caplog, tokenizer):
    model = NgramLanguageModel(order=2, smoothing="witten-bell", tokenizer=tokenizer).fit(TEXT)
    with caplog.at_level(logging.WARNING, "embedkit"):
        model.save(tmp_path / "m.lm")
    assert "a function or a pattern" in caplog.text
