"""Checks what a model answered, without the libraries that ran it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from assay.grading import refusals
from assay.items.contract import Contract, OutputKind

Predictions = npt.NDArray[np.float32]

TOLERANCE = 1e-2  # by which probabilities may miss 0, 1 and their sum; half precision reaches 1e-3


def check_predictions(predictions: Predictions, contract: Contract, n: int) -> None:
    """Refuse predictions that cannot be measured.

    The refusals carry no parameters: by now the model has seen hidden inputs.

    Args:
        predictions: What `engine.Session.predict` gave.
        contract: What must come out.
        n: Number of samples.

    Raises:
        Refusal: Another shape, NaN, infinity, or no probabilities where they are
            asked for.
    """
    if predictions.shape != (n, *contract.output.shape):
        raise refusals.WrongPredictions
    if np.isnan(predictions).any():
        raise refusals.NotANumber
    if np.isinf(predictions).any():
        raise refusals.InfiniteNumber
    kind = contract.output.kind
    outside = np.any(predictions < -TOLERANCE) or np.any(predictions > 1 + TOLERANCE)
    if kind is OutputKind.PROBABILITY and outside:
        raise refusals.NotAProbability
    if kind is OutputKind.CLASS_PROBABILITIES and (
        outside or np.any(np.abs(predictions.sum(axis=-1) - 1) > TOLERANCE)
    ):
        raise refusals.NotProbabilities
