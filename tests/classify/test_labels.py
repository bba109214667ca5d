"""Labels that cannot be used are named."""

import numpy as np
import pandas as pd
import pytest

from embedkit.classify.labels import check_classes, check_labels, unseen_labels
from embedkit.errors import InputError


def test_good_labels_become_an_array():
    assert check_labels(["ham", "spam"]).tolist() == ["ham", "spam"]
    assert check_labels(iter([0, 1, 1])).tolist() == [0, 1, 1]
    assert check_labels(np.array([1.0, 2.0])).tolist() == [1, 2]
    assert check_labels(pd.Series([True, False], index=[7, 9])).tolist() == [True, False]


@pytest.mark.parametrize("missing", [None, float("nan"), np.nan, pd.NA, "", "  "])
def test_a_missing_label_is_named_with_its_place(missing):
    with pytest.raises(InputError, match="label of document 3 is missing"):
        check_labels(["ham", "spam", missing])


def test_labels_of_two_kinds_and_no_labels():
    with pytest.raises(InputError, match="labels 'ham' and 1 are of two kinds"):
        check_labels(["ham", 1])
    with pytest.raises(InputError, match="there are no labels"):
        check_labels([])


def test_one_class_is_too_few():
    check_classes(["ham", "spam"])
    with pytest.raises(InputError, match="nb got one class only, 'ham'"):
        check_classes(np.array(["ham"]), "nb")
    with pytest.raises(InputError, match="got no class"):
        check_classes([])


def test_labels_that_a_model_does_not_know():
    assert unseen_labels(["b", "a", "c", "a"], np.array(["b"])) == ["a", "c"]
    assert unseen_labels([1, 2], [1, 2]) == []
