"""Writes the five models of the grading benchmark, as `.h5` and `.keras`, with samples.

    python bench/models.py FOLDER

Weights are random: what is measured is time. Needs Keras; the benchmark itself
does not load it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import keras
import numpy as np
from keras import layers

SEED = 1


def a() -> keras.Model:
    """A line: one unit."""
    return keras.Sequential([keras.Input((1,)), layers.Dense(1)])


def b() -> keras.Model:
    """Small pictures, ten classes."""
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )


def c() -> keras.Model:
    """Large pictures, three classes."""
    return keras.Sequential(
        [
            keras.Input((150, 150, 3)),
            *[
                layer
                for filters in (64, 64, 128, 128)
                for layer in (
                    layers.Conv2D(filters, 3, activation="relu"),
                    layers.MaxPooling2D(),
                )
            ],
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(512, activation="relu"),
            layers.Dense(3, activation="softmax"),
        ]
    )


def d() -> keras.Model:
    """Headlines of 120 tokens, one probability."""
    return keras.Sequential(
        [
            keras.Input((120,), dtype="int32"),
            layers.Embedding(1000, 16),
            layers.Bidirectional(layers.LSTM(64)),
            layers.Dense(24, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def e() -> keras.Model:
    """A series in windows of 30 steps, one value."""
    return keras.Sequential(
        [
            keras.Input((30, 1)),
            layers.Conv1D(64, 5, padding="causal", activation="relu"),
            layers.LSTM(64, return_sequences=True),
            layers.LSTM(64),
            layers.Dense(30, activation="relu"),
            layers.Dense(1),
        ]
    )


# name → model, samples, metric, what its output means
TASKS = {
    "a": (a, 10_000, "mae", "value"),
    "b": (b, 10_000, "accuracy", "class probabilities"),
    "c": (c, 500, "accuracy", "class probabilities"),
    "d": (d, 10_000, "accuracy", "probability"),
    "e": (e, 10_000, "mae", "value"),
}


def main() -> None:
    """Write everything, and `tasks.json` about it."""
    folder = Path(sys.argv[1])
    keras.utils.set_random_seed(SEED)
    rng = np.random.default_rng(SEED)
    about = {}
    for name, (build, n, metric, kind) in TASKS.items():
        model = build()
        shape, dtype = model.input_shape[1:], model.inputs[0].dtype
        if dtype == "int32":
            x = rng.integers(0, 1000, (n, *shape), dtype=np.int32)
        else:
            x = rng.random((n, *shape), dtype=np.float32)
        classes = max(2, model.output_shape[-1])
        y = rng.integers(0, classes, n) if metric == "accuracy" else rng.normal(size=(n, 1))
        np.save(folder / f"x_{name}.npy", x)
        np.save(folder / f"y_{name}.npy", y)
        for ending in ("h5", "keras"):
            model.save(folder / f"{name}.{ending}")
        about[name] = {
            "title": (build.__doc__ or "").splitlines()[0],
            "input": {"shape": shape, "dtype": dtype},
            "output": {"shape": model.output_shape[1:], "kind": kind},
            "metric": metric,
            "samples": n,
            "parameters": model.count_params(),
        }
    (folder / "tasks.json").write_text(json.dumps(about))


if __name__ == "__main__":
    main()
