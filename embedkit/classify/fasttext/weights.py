"""How much each text counts."""

from typing import Any

import numpy as np
from sklearn.utils import compute_sample_weight

from embedkit.classify.fasttext.targets import Targets
from embedkit.errors import InputError, ParameterError

__all__ = ["text_weights"]


def text_weights(targets: Targets, sample_weight: Any, class_weight: dict[Any, float] | str | None) -> np.ndarray:
    """By what the learning rate of each text is multiplied.

    Parameters
    ----------
    targets : Targets
    sample_weight : array-like of float, (n_texts,), or None
    class_weight : dict, "balanced" or None
        As scikit-learn's.

    Returns
    -------
    ndarray of float32, (n_texts,)

    Raises
    ------
    InputError
        If sample weights are not finite numbers of 0 or more, one for each text, or are all 0.
    ParameterError
        If class weights cannot be used, or leave every text 0.
    """
    weights = np.ones(len(targets))
    if sample_weight is not None:
        weights = np.array(sample_weight, np.float64)
        if weights.shape != (len(targets),) or not _usable(weights):
            raise InputError(
                f"sample_weight of shape {weights.shape}: expected {len(targets)} finite numbers of 0 or more"
            )
        if not weights.astype(np.float32).any():
            raise InputError("sample_weight is 0 for every text, which leaves nothing to learn from")
    if class_weight is not None:
        if targets.form != "single":
            raise ParameterError("class_weight is for one label a text; weigh texts by sample_weight instead")
        try:
            weights = weights * compute_sample_weight(class_weight, targets.classes[targets.label])
        except (TypeError, ValueError) as error:
            raise ParameterError(f"class_weight={class_weight!r}: {error}") from error
        if not _usable(weights) or not weights.astype(np.float32).any():
            raise ParameterError(
                f"class_weight={class_weight!r} gives the texts weights from {weights.min():g} to {weights.max():g}: "
                "expected finite numbers of 0 or more, and not 0 for every text"
            )
    return weights.astype(np.float32)


def _usable(weights: np.ndarray) -> bool:
    """Whether weights are not negative, and finite in single precision, too."""
    with np.errstate(over="ignore"):
        return bool(np.isfinite(weights.astype(np.float32)).all() and (weights >= 0).all())
