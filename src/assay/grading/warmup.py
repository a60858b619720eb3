"""Makes every lazy part of the libraries exist before a child is locked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

from assay.grading.engine import Session
from assay.grading.modelfile import read
from assay.grading.modelfile.writing import h5_file, keras_file, layer, sequential


def warm_up(pool: ThreadPoolExecutor | None = None) -> None:
    """Read and run two tiny models.

    Args:
        pool: The threads that will run models; None for the calling thread.
    """
    recurrent = sequential(
        [
            layer("Embedding", "embedding", input_dim=3, output_dim=2, mask_zero=True),
            layer("LSTM", "lstm", units=2),
            layer("Dense", "dense", units=2, activation="softmax"),
        ],
        (4,),
    )
    weights: dict[str, dict[str, npt.ArrayLike]] = {
        "embedding": {"embeddings": np.ones((3, 2))},
        "lstm": {
            "kernel": np.ones((2, 8)),
            "recurrent_kernel": np.ones((2, 8)),
            "bias": np.ones(8),
        },
        "dense": {"kernel": np.ones((2, 2)), "bias": np.ones(2)},
    }
    convolutional = sequential(
        [
            layer("Conv2D", "conv", filters=16, kernel_size=[3, 3], activation="relu"),
            layer("MaxPooling2D", "pool", pool_size=[2, 2]),
            layer("Flatten", "flatten"),
            layer("Dense", "dense", units=1),
        ],
        (8, 8, 1),
    )
    arrays: dict[str, list[npt.ArrayLike]] = {
        "layers/conv2d": [np.ones((3, 3, 1, 16)), np.ones(16)],
        "layers/dense": [np.ones((144, 1)), np.ones(1)],
    }
    _run(h5_file(recurrent, weights), np.ones((2, 4), np.float32), pool)
    _run(keras_file(convolutional, arrays), np.ones((2, 8, 8, 1), np.float32), pool)


def _run(data: bytes, inputs: npt.NDArray[np.float32], pool: ThreadPoolExecutor | None) -> None:
    Session(read(data), pool=pool).predict({"input": inputs})
