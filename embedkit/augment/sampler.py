"""An augmenter as a step of imbalanced-learn's pipeline."""

from typing import Any

from sklearn.base import BaseEstimator, clone
from sklearn.utils import Tags

from embedkit.augment.base import Augmenter
from embedkit.errors import ParameterError

__all__ = ["AugmentingSampler", "fresh_augmenter"]


class AugmentingSampler(BaseEstimator):
    """Sampler that adds the new texts of an augmenter to training data.

    imbalanced-learn's pipeline calls samplers in `fit` only, so that the texts that are predicted stay as they are. It
    takes no step that has `transform` as well, as augmenters do. For scikit-learn's own pipelines, see
    `AugmentingClassifier`.

    Parameters
    ----------
    augmenter : Augmenter
        `EDA` or another.

    Attributes
    ----------
    augmenter_ : Augmenter
        The one that made the texts.
    sample_indices_ : ndarray of int, (n_texts + n_new,)
        The row of X that each text is, or was made of.

    Examples
    --------
    >>> from embedkit.augment import EDA
    >>> sampler = AugmentingSampler(EDA(lexicon={"good": ["fine"]}, n_aug=1))
    >>> sampler.fit_resample(["a good film", "too long"], [1, 0])
    (['a good film', 'too long', 'a fine film', 'too'], [1, 0, 1, 0])
    """

    def __init__(self, augmenter: Augmenter) -> None:
        self.augmenter = augmenter

    def fit_resample(self, X: Any, y: Any) -> tuple[Any, Any]:
        """Return the texts and their new ones, as `Augmenter.fit_resample` does.

        Parameters
        ----------
        X : list, ndarray or Series of str, (n_texts,)
        y : list, ndarray or Series, (n_texts,)

        Returns
        -------
        X_new, y_new : list, ndarray or Series, (n_texts + n_new,)

        Raises
        ------
        ParameterError
            If `augmenter` is none, or a parameter of it cannot work.
        InputError
            If X or y cannot be augmented.
        """
        self.augmenter_ = fresh_augmenter(self.augmenter)
        result = self.augmenter_.fit_resample(X, y)
        self.sample_indices_ = self.augmenter_.sample_indices_
        return result

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        return tags


def fresh_augmenter(augmenter: Any) -> Augmenter:
    """Return an augmenter of the same parameters; ParameterError if it is none."""
    if not hasattr(augmenter, "fit_resample"):
        raise ParameterError(f"augmenter={augmenter!r}: expected an augmenter, such as EDA()")
    return clone(augmenter)
