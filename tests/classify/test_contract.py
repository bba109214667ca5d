"""The ready pipelines keep the contract of all classifiers."""

import pytest
from contract import DATA, KEYED, Candidate, check_by_check

from embedkit.classify import MODELS, load_model, param_grid, save_model, text_classifier

QUICK = {
    "random-forest": {"classifier__n_estimators": 5},
    "adaboost": {"classifier__estimator__n_estimators": 3},
    "lightgbm": {"classifier__n_estimators": 3, "classifier__min_child_samples": 2},
    "xgboost": {"classifier__estimator__n_estimators": 3},
    "fasttext": {"classifier__epochs": 3, "classifier__buckets": 1000, "classifier__vector_size": 8},
}
# What a support vector machine and a ridge regression say of a class is no probability.
WITHOUT_PROBABILITIES = {"svm", "ridge"}
# These look words up, where the others count terms of strings.
TAKES_TOKENS = {"fasttext", "embedding"}


def made(name):
    keyed = {"keyed_vectors": KEYED} if name == "embedding" else {}
    return text_classifier(name, **keyed, **QUICK.get(name, {}))


@check_by_check
@pytest.mark.parametrize("name", MODELS)
def test_every_pipeline_keeps_the_contract(name, check, tmp_path):
    parameter, values = next(iter(param_grid(name).items()))
    check(
        Candidate(
            make=lambda: made(name),
            grid={parameter: values[:2]},
            save=save_model,
            load=lambda path: load_model(path)[0],
            folder=tmp_path,
            takes_tokens=name in TAKES_TOKENS,
        )
    )


@pytest.mark.parametrize("name", MODELS)
def test_who_gives_probabilities(name):
    model = made(name).fit(DATA.texts, DATA.labels)
    assert hasattr(model, "predict_proba") == (name not in WITHOUT_PROBABILITIES)
