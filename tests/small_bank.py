"""A bank of one tiny item, and model files for it, written without TensorFlow.

The item's line is always y = 2x - 1; a seed decides at which x it is asked. Drawing and
grading take milliseconds, so that tests of the machinery around them are quick.
"""

from __future__ import annotations

import io
import json
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np

SLOPE, INTERCEPT = 2.0, -1.0
EXAM = "tiny"

ITEM = """
format_version: 1
uuid: 5c4f6d0e-6f0a-4a39-9a7e-0b9a4a1f6c01
category: regression
title: {en: A line, zh-CN: 一条直线}
summary: {en: Find the line., zh-CN: 找出这条直线。}
skills: [building.training]
contract:
  inputs:
    - {name: x, shape: [1], low: -10, high: 10, meaning: {en: a number, zh-CN: 一个数}}
  output: {shape: [1], kind: value, meaning: {en: a number, zh-CN: 一个数}}
metric: {name: mae, cuts: [9, 6, 3, 1, 0.1]}
limits: {file_mb: 1, parameters: 1000000, multiply_adds: 4000000000, seconds: 60}
data: {source: generated, licence: CC0-1.0, citation: nobody}
public_files: [train.npz]
hidden_size: 200
"""

DATA = """
import io
import time
from pathlib import Path

import numpy as np

from assay.items.variant import Split, Variant


def variant(seed: int) -> Variant:
    if (Path(__file__).parent / "slow").exists():
        time.sleep(60)  # until a test has killed it
    rng = np.random.default_rng(seed)
    train, hidden, sealed = rng.uniform(-10, 10, (3, 200, 1)).astype(np.float32)
    file = io.BytesIO()
    np.savez(file, x=train, y=2 * train - 1)
    return Variant(
        files={"train.npz": file.getvalue()},
        hidden=Split(inputs={"x": hidden}, labels=2 * hidden - 1),
        sealed=Split(inputs={"x": sealed}, labels=2 * sealed - 1),
    )
"""

BLUEPRINT = """
format_version: 1
uuid: 5c4f6d0e-6f0a-4a39-9a7e-0b9a4a1f6c02
title: {en: Tiny, zh-CN: 小考}
slots:
  - {name: Category1, title: {en: One, zh-CN: 一}, weight: 50, pool: [regression/line]}
  - {name: Category2, title: {en: Two, zh-CN: 二}, weight: 50, pool: [regression/line]}
duration_minutes: 60
pass_mark: 90
upload_grace_seconds: 10
retake_waits: [{}]
registration_valid_days: 30
fee: {amount: 0, currency: USD}
environment: [numpy]
"""


def write_bank(folder: Path) -> Path:
    """Write the bank and return its folder, for ASSAY_BANK."""
    item = folder / "regression" / "line"
    (item / "wrong").mkdir(parents=True)
    (folder / "blueprints").mkdir()
    (folder / "blueprints" / f"{EXAM}.yaml").write_text(BLUEPRINT, encoding="utf-8")
    (item / "item.yaml").write_text(ITEM, encoding="utf-8")
    (item / "data.py").write_text(textwrap.dedent(DATA), encoding="utf-8")
    (item / "task.en.md").write_text("# A line\n", encoding="utf-8")
    (item / "task.zh-CN.md").write_text("# 一条直线\n", encoding="utf-8")
    for name in ("starter.py", "reference.py", "wrong/constant.py"):
        (item / name).write_text("def solution_model(): ...\n", encoding="utf-8")
    return folder


def line_model(slope: float = SLOPE, intercept: float = INTERCEPT) -> bytes:
    """Return a .h5 of one dense layer; with its defaults it earns 5/5."""
    return _h5([_dense(slope, intercept)])


def misshapen_model(inputs: int, outputs: int) -> bytes:
    """Return a .h5 of one dense layer that takes and gives other shapes than the item's (1,)."""
    kernel = np.ones((inputs, outputs))
    dense = ("Dense", {"name": "dense", "units": outputs}, _dense_weights(kernel, 0))
    return _h5([dense], inputs=inputs)


def slow_model(steps: int) -> bytes:
    """Return a small .h5 whose inference takes long: a recurrent layer over many steps."""
    units = 128
    spread = ("Dense", {"name": "spread", "units": steps}, _dense_weights(np.zeros((1, steps)), 0))
    reshape = ("Reshape", {"name": "reshape", "target_shape": [steps, 1]}, [])
    weights = [
        ("lstm_cell/kernel", np.zeros((1, 4 * units))),
        ("lstm_cell/recurrent_kernel", np.zeros((units, 4 * units))),
        ("lstm_cell/bias", np.zeros(4 * units)),
    ]
    lstm = ("LSTM", {"name": "lstm", "units": units}, weights)
    head = ("Dense", {"name": "head", "units": 1}, _dense_weights(np.zeros((units, 1)), 0))
    return _h5([spread, reshape, lstm, head])


Layer = tuple[str, dict[str, Any], Sequence[tuple[str, np.ndarray]]]


def _dense(slope: float, intercept: float) -> Layer:
    return (
        "Dense",
        {"name": "dense", "units": 1, "activation": "linear"},
        _dense_weights(np.array([[slope]]), intercept),
    )


def _dense_weights(kernel: np.ndarray, bias: float) -> list[tuple[str, np.ndarray]]:
    return [("kernel", kernel), ("bias", np.full(kernel.shape[1], bias))]


def _h5(layers: Sequence[Layer], *, inputs: int = 1) -> bytes:
    """Return a whole-model HDF5 file of a Sequential model, laid out as Keras 3 does."""
    entrance = {"batch_shape": [None, inputs], "dtype": "float32", "name": "x"}
    config = {
        "class_name": "Sequential",
        "config": {
            "name": "sequential",
            "layers": [
                {"module": "keras.layers", "class_name": "InputLayer", "config": entrance},
                *(
                    {"module": "keras.layers", "class_name": kind, "config": settings}
                    for kind, settings, _ in layers
                ),
            ],
        },
    }
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        file.attrs["keras_version"] = "3.15.0"
        file.attrs["backend"] = "tensorflow"
        file.attrs["model_config"] = json.dumps(config)
        group = file.create_group("model_weights")
        group.attrs["keras_version"] = "3.15.0"
        group.attrs["layer_names"] = [settings["name"].encode() for _, settings, _ in layers]
        for _, settings, weights in layers:
            inner = group.create_group(settings["name"])
            names = [f"sequential/{settings['name']}/{name}" for name, _ in weights]
            inner.attrs["weight_names"] = [name.encode() for name in names]
            for name, (_, array) in zip(names, weights, strict=True):
                inner[name] = array.astype(np.float32)
    return content.getvalue()
