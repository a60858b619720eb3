"""The exam that the crowd sits: two light items of the open bank, and model files for them.

They are generated, or bundled with scikit-learn, so that nothing is downloaded. They
are cheap to draw and to grade on purpose: what is measured is the service around them.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from assay.grading.modelfile.writing import h5_file, layer, sequential
from assay.items import load_bank
from assay.items.contract import Contract, OutputKind

BANK = Path(__file__).resolve().parent.parent / "bank"
EXAM = "crowd"
SLOTS = {
    "Category1": "regression/curve",
    "Category2": "classic/iris",
}
_WEIGHTS = (40, 60)  # per cent
_HIDDEN_UNITS = 64
_HEAD = """
format_version: 1
uuid: 7c7c2b2e-0a3f-4f0e-9a58-3f5a5a0f6d11
title: {en: Crowd, zh-CN: 众人}
duration_minutes: 300
pass_mark: 90
upload_grace_seconds: 120
retake_waits: [{}]
registration_valid_days: 30
fee: {amount: 0, currency: USD}
environment: [numpy]
slots:
"""
_SLOT = (
    "  - {{name: {slot}, title: {{en: {slot}, zh-CN: {slot}}}, weight: {weight}, pool: [{item}]}}\n"
)
_ACTIVATIONS = {
    OutputKind.CLASS_PROBABILITIES: "softmax",
    OutputKind.PROBABILITY: "sigmoid",
    OutputKind.VALUE: "linear",
}


def write_bank(folder: Path) -> Path:
    """Write a bank of the items and the exam; return its folder, for ASSAY_BANK."""
    for item in SLOTS.values():
        shutil.copytree(BANK / item, folder / item)
    (folder / "blueprints").mkdir()
    slots = "".join(
        _SLOT.format(slot=slot, item=item, weight=weight)
        for (slot, item), weight in zip(SLOTS.items(), _WEIGHTS, strict=True)
    )
    (folder / "blueprints" / f"{EXAM}.yaml").write_text(_HEAD + slots, encoding="utf-8")
    return folder


def contracts(folder: Path) -> dict[str, Contract]:
    """Return what goes in and out of a model, by slot, for the bank in `folder`."""
    bank = load_bank(folder)
    return {slot: bank.item(item).spec.to_contract() for slot, item in SLOTS.items()}


def models(contract: Contract, seed: int) -> Iterator[bytes]:
    """Yield model files of a network with one hidden layer, no two alike.

    Args:
        contract: Of one input and one output, each of one dimension.
        seed: Of their weights.
    """
    rng = np.random.default_rng(seed)
    (shape,) = (given.shape for given in contract.inputs)
    width = math.prod(size for size in shape if size is not None)
    units = math.prod(contract.output.shape)
    layers: list[dict[str, Any]] = [
        layer("Dense", "dense", units=_HIDDEN_UNITS, activation="relu"),
        layer("Dense", "head", units=units, activation=_ACTIVATIONS[contract.output.kind]),
    ]
    while True:
        weights: Mapping[str, Mapping[str, npt.ArrayLike]] = {
            "dense": {
                "kernel": rng.normal(0, 0.1, (width, _HIDDEN_UNITS)),
                "bias": np.zeros(_HIDDEN_UNITS),
            },
            "head": {
                "kernel": rng.normal(0, 0.1, (_HIDDEN_UNITS, units)),
                "bias": np.zeros(units),
            },
        }
        yield h5_file(sequential(layers, shape), weights)
