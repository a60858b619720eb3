"""How others grade a model file, for the grading benchmark.

    python bench/rivals.py cold FILE X Y METRIC    a fresh Python with Keras, as course graders do
    python bench/rivals.py warm                    a TensorFlow that is loaded already, a fork for
                                                   each file, `tf.function`

The warm one reads a line of JSON for each file on standard input and answers
with a line of JSON. Both load, predict and score.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
import tensorflow as tf

BATCH_BYTES = 16_000_000  # of inputs, for `tf.function`; larger batches were not faster


def score(metric: str, labels: np.ndarray, predictions: np.ndarray) -> float:
    """Return the metric, as a course grader computes it."""
    if metric == "mae":
        return float(np.abs(labels - predictions).mean())
    if predictions.shape[1] == 1:
        return float(((predictions[:, 0] > 0.5) == labels).mean())
    return float((predictions.argmax(axis=1) == labels).mean())


def cold(file: str, x: str, y: str, metric: str) -> None:
    """Grade one file with `model.predict`."""
    model = keras.models.load_model(file, compile=False)
    predictions = model.predict(np.load(x), verbose=0)
    print(json.dumps({"value": score(metric, np.load(y), predictions)}))


def run(file: str, x: str, y: str, metric: str) -> float:
    """Grade one file with a compiled function, in batches."""
    model = keras.models.load_model(file, compile=False)
    inputs = np.load(x)
    signature = tf.TensorSpec([None, *inputs.shape[1:]], inputs.dtype)
    function = tf.function(lambda batch: model(batch, training=False), input_signature=[signature])
    size = max(1, min(len(inputs), BATCH_BYTES // inputs[0].nbytes, 2048))
    parts = [
        function(tf.constant(inputs[at : at + size])).numpy() for at in range(0, len(inputs), size)
    ]
    return score(metric, np.load(y), np.concatenate(parts))


def warm() -> None:
    """Answer jobs, each in a fork."""
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    print(json.dumps({"ready": time.time(), "resident": resident}), flush=True)
    for line in sys.stdin:
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            value = run(**json.loads(line))
            os.write(write, json.dumps({"value": value}).encode())
            os._exit(0)
        os.close(write)
        with os.fdopen(read, "rb") as answer:
            print(answer.read().decode(), flush=True)
        os.waitpid(pid, 0)


if __name__ == "__main__":
    if sys.argv[1] == "cold":
        cold(*sys.argv[2:])
    else:
        warm()
