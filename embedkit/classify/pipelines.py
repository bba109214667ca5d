"""Ready pipelines from raw texts to labels: for each classifier the features that suit it."""

import os
from collections.abc import Callable
from typing import Any

from sklearn.ensemble import AdaBoostClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from embedkit.checks import check_choice
from embedkit.classify.fasttext.lines import FASTTEXT
from embedkit.classify.nbsvm import NBSVMClassifier
from embedkit.classify.weighted import WeightedClassifier
from embedkit.errors import MissingDependencyError, ParameterError
from embedkit.features import CountVectorizer, EmbeddingVectorizer, TfidfVectorizer
from embedkit.features.cjk import cjk_words
from embedkit.text.tokenizers import TokenizerLike, check_tokenizer
from embedkit.threads import threads_of_jobs
from embedkit.vectors.keyed_vectors import KeyedVectors

__all__ = ["FEATURES", "MODELS", "text_classifier"]

FEATURES = ("words", "characters")
"""What a text is cut into before n-grams are made."""

# Beyond so many terms, trees become slow and no better.
TREE_TERMS = 5_000


def text_classifier(
    name: str,
    *,
    features: str = "words",
    tokenizer: TokenizerLike | None = None,
    keyed_vectors: Any = None,
    class_weight: dict[Any, float] | str | None = None,
    n_jobs: int | None = None,
    random_state: int | None = 0,
    **parameters: Any,
) -> Pipeline:
    """Make a pipeline that takes raw texts, and labels that are strings or numbers.

    ================  =============================================  ============================================
    name              features                                       classifier
    ================  =============================================  ============================================
    logreg            TF-IDF of uni- and bigrams, 1 + ln(tf)         logistic regression
    svm               the same                                       linear support vector machine
    ridge             the same                                       ridge regression on labels -1 and 1
    nb                the same                                       multinomial naive Bayes
    nbsvm             whether a uni- or bigram is there              `NBSVMClassifier` with logistic loss
    random-forest     TF-IDF of the 5,000 most frequent words        300 trees
    adaboost          the same                                       200 trees of depth 3
    lightgbm          the same                                       gradient boosting (needs lightgbm)
    xgboost           the same                                       gradient boosting (needs xgboost)
    fasttext          its own: word and bigram vectors               `FastTextClassifier`
    embedding         means of word vectors, standardised            logistic regression
    ================  =============================================  ============================================

    Words are runs of word characters of any length; a Chinese or Japanese character is one of its own. Terms of one
    document only are left out.

    `param_grid` of the same name has the parameters worth searching, under the names of the pipeline's steps:
    ``GridSearchCV(text_classifier("svm"), param_grid("svm"), cv=5).fit(texts, labels)``.

    Parameters
    ----------
    name : str
        One of `MODELS`.
    features : {"words", "characters"}, default="words"
        Uni- and bigrams of words, or of characters. "fasttext" has words all the same, but a Chinese or Japanese
        character is then one of its own; "embedding" has no characters.
    tokenizer : str, re.Pattern or callable, optional
        What cuts a text into words, as `embedkit.text.tokenizers` names it: "zh" for Chinese words; the classifier
        "fasttext" knows "fasttext" besides. None: as above.
    keyed_vectors : KeyedVectors or path, optional
        "embedding" needs them; "fasttext" begins with them.
    class_weight : dict, "balanced" or None, default=None
        "balanced" gives each class the same weight in total.
    n_jobs : int, optional
        Threads, where a step can use more than one; None is 1 and -1 all processors.
    random_state : int or None, default=0
        Seed, where a step has one.
    **parameters
        Of the steps, as for `Pipeline.set_params`: ``features__min_df=5``, ``classifier__C=1.0``.

    Returns
    -------
    sklearn.pipeline.Pipeline
        Its last step is called "classifier", that before it "features" ("scaler" is between them for "embedding").
        nb, nbsvm, adaboost and xgboost are inside a `WeightedClassifier`: ``classifier__estimator__alpha=0.1``.

    Raises
    ------
    ParameterError
        If the name is none of these, or "embedding" has no vectors.
    MissingDependencyError
        If lightgbm or xgboost is not installed.

    Examples
    --------
    >>> texts = ["it purrs", "purrs and sleeps", "it barks", "barks and runs"]
    >>> model = text_classifier("nbsvm").fit(texts, ["cat", "cat", "dog", "dog"])
    >>> model.predict(["barks, and barks"]).tolist()
    ['dog']
    """
    check_choice("name", name, MODELS)
    check_choice("features", features, FEATURES)
    if tokenizer is not None:
        if not (name == "fasttext" and tokenizer == FASTTEXT):
            check_tokenizer(tokenizer)
        if features != "words":
            raise ParameterError(
                f"tokenizer={tokenizer!r} with features={features!r}: words are not cut; give one of the two"
            )
    threads_of_jobs(n_jobs)
    if keyed_vectors is not None and name not in ("embedding", "fasttext"):
        raise ParameterError(f"keyed_vectors: {name!r} has no use for word vectors; take 'embedding' or 'fasttext'")
    makers = {"fasttext": _fasttext, "embedding": _embedding}
    shared = {"class_weight": class_weight, "n_jobs": n_jobs, "random_state": random_state}
    if name in makers:
        pipeline = makers[name](features, keyed_vectors, shared)
    else:
        vectorizer = _vectorizer(name, features, n_jobs)
        pipeline = Pipeline([("features", vectorizer), ("classifier", CLASSIFIERS[name](**shared))])
    if tokenizer is not None:
        step = "classifier" if name == "fasttext" else "features"
        pipeline.set_params(**{f"{step}__tokenizer": tokenizer})
    return pipeline.set_params(**parameters)


def _vectorizer(name: str, features: str, n_jobs: int | None) -> CountVectorizer | TfidfVectorizer:
    cut = {"analyzer": "char"} if features == "characters" else {"token_pattern": None}
    settings: dict[str, Any] = {"min_df": 2, "ngram_range": (1, 2), "n_jobs": n_jobs, **cut}
    if name == "nbsvm":
        return CountVectorizer(binary=True, **settings)
    if name in ("random-forest", "lightgbm", "xgboost", "adaboost"):
        settings["max_features"] = TREE_TERMS
        if features == "words":
            settings["ngram_range"] = (1, 1)
    return TfidfVectorizer(sublinear_tf=True, **settings)


def _logreg(class_weight: Any, n_jobs: int | None, random_state: int | None) -> LogisticRegression:
    return LogisticRegression(C=10.0, max_iter=1000, class_weight=class_weight, random_state=random_state)


def _svm(class_weight: Any, n_jobs: int | None, random_state: int | None) -> LinearSVC:
    return LinearSVC(C=1.0, class_weight=class_weight, random_state=random_state)


def _ridge(class_weight: Any, n_jobs: int | None, random_state: int | None) -> RidgeClassifier:
    return RidgeClassifier(alpha=1.0, solver="sparse_cg", class_weight=class_weight, random_state=random_state)


def _nb(class_weight: Any, n_jobs: int | None, random_state: int | None) -> WeightedClassifier:
    return WeightedClassifier(MultinomialNB(alpha=0.3), class_weight=class_weight)


def _nbsvm(class_weight: Any, n_jobs: int | None, random_state: int | None) -> WeightedClassifier:
    # The logistic loss has probabilities; in cross-validation on reviews and questions it did as well as the SVM.
    linear = NBSVMClassifier(base="logistic", C=3.0, random_state=random_state)
    return WeightedClassifier(linear, class_weight=class_weight)


def _random_forest(class_weight: Any, n_jobs: int | None, random_state: int | None) -> RandomForestClassifier:
    return RandomForestClassifier(n_estimators=300, class_weight=class_weight, n_jobs=n_jobs, random_state=random_state)


def _adaboost(class_weight: Any, n_jobs: int | None, random_state: int | None) -> WeightedClassifier:
    boosted = AdaBoostClassifier(DecisionTreeClassifier(max_depth=3), n_estimators=200, random_state=random_state)
    return WeightedClassifier(boosted, class_weight=class_weight)


def _lightgbm(class_weight: Any, n_jobs: int | None, random_state: int | None) -> Any:
    try:
        from lightgbm import LGBMClassifier
    except ImportError as error:
        raise _missing("lightgbm") from error
    return LGBMClassifier(
        n_estimators=300,
        class_weight=class_weight,
        n_jobs=threads_of_jobs(n_jobs),
        random_state=random_state,
        verbosity=-1,
    )


def _xgboost(class_weight: Any, n_jobs: int | None, random_state: int | None) -> WeightedClassifier:
    try:
        from xgboost import XGBClassifier
    except ImportError as error:
        raise _missing("xgboost") from error
    boosted = XGBClassifier(n_estimators=300, n_jobs=threads_of_jobs(n_jobs), random_state=random_state)
    return WeightedClassifier(boosted, class_weight=class_weight)


def _fasttext(features: str, keyed_vectors: Any, shared: dict[str, Any]) -> Pipeline:
    from embedkit.classify.fasttext.estimator import FastTextClassifier

    settings: dict[str, Any] = {}
    if keyed_vectors is not None:
        known = _loaded(keyed_vectors)
        settings.update(keyed_vectors=known, vector_size=known.vector_size)
    if features == "characters":
        settings["tokenizer"] = cjk_words
    return Pipeline([("classifier", FastTextClassifier(**settings, **shared))])


def _embedding(features: str, keyed_vectors: Any, shared: dict[str, Any]) -> Pipeline:
    if keyed_vectors is None:
        raise ParameterError("keyed_vectors=None: 'embedding' needs KeyedVectors, or the path of a file of them")
    if features != "words":
        raise ParameterError(
            f"features={features!r}: 'embedding' looks up words; give it a tokenizer instead, as features__tokenizer"
        )
    classifier = LogisticRegression(
        C=0.1, max_iter=1000, class_weight=shared["class_weight"], random_state=shared["random_state"]
    )
    vectorizer = EmbeddingVectorizer(_loaded(keyed_vectors), n_jobs=shared["n_jobs"])
    return Pipeline([("features", vectorizer), ("scaler", StandardScaler()), ("classifier", classifier)])


def _loaded(keyed_vectors: KeyedVectors | str | os.PathLike[str]) -> KeyedVectors:
    # Here, once, and not again for each fold of a cross-validation.
    return keyed_vectors if isinstance(keyed_vectors, KeyedVectors) else KeyedVectors.load(keyed_vectors)


def _missing(package: str) -> MissingDependencyError:
    return MissingDependencyError(f"{package} is not installed; pip install {package}, or take another classifier")


CLASSIFIERS: dict[str, Callable[..., Any]] = {
    "logreg": _logreg,
    "svm": _svm,
    "nb": _nb,
    "nbsvm": _nbsvm,
    "ridge": _ridge,
    "random-forest": _random_forest,
    "adaboost": _adaboost,
    "lightgbm": _lightgbm,
    "xgboost": _xgboost,
}

MODELS = (*CLASSIFIERS, "fasttext", "embedding")
"""Names that `text_classifier` takes."""
