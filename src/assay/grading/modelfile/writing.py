"""Writes small Keras files without Keras, for warming up and for tests."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.generic]
VERSION = "3.15.0"


def sequential(layers: Sequence[Mapping[str, Any]], shape: Sequence[int | None]) -> dict[str, Any]:
    """Return the configuration of a Sequential model.

    Args:
        layers: `{"class_name": ..., "config": {...}}` each.
        shape: Of one sample.
    """
    entrance = {
        "class_name": "InputLayer",
        "config": {"batch_shape": [None, *shape], "dtype": "float32", "name": "input_layer"},
    }
    config = {"name": "sequential", "trainable": True, "layers": [entrance, *layers]}
    return {"class_name": "Sequential", "config": config}


def layer(kind: str, name: str, **options: Any) -> dict[str, Any]:
    """Return the configuration of a layer."""
    return {"class_name": kind, "config": {"name": name, "trainable": True, **options}}


def h5_file(
    config: Mapping[str, Any],
    weights: Mapping[str, Mapping[str, npt.ArrayLike]],
    *,
    version: str = VERSION,
) -> bytes:
    """Return a whole-model HDF5 file.

    Args:
        config: Of the model.
        weights: Name of a top-level layer → name of a weight → numbers.
        version: Of Keras, as the file says.
    """
    memory = io.BytesIO()
    with h5py.File(memory, "w") as file:
        file.attrs["keras_version"] = version
        file.attrs["backend"] = "tensorflow"
        file.attrs["model_config"] = json.dumps(config).encode()
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = [name.encode() for name in weights]
        for name, arrays in weights.items():
            inner = group.create_group(name)
            inner.attrs["weight_names"] = [f"{name}/{key}".encode() for key in arrays]
            for key, array in arrays.items():
                inner[f"{name}/{key}"] = np.asarray(array, np.float32)
    return memory.getvalue()


def keras_file(
    config: Mapping[str, Any],
    weights: Mapping[str, Sequence[npt.ArrayLike]],
    *,
    version: str = VERSION,
) -> bytes:
    """Return a `.keras` archive.

    Args:
        config: Of the model.
        weights: Path of the part that owns them, such as `layers/lstm/cell` → numbers.
        version: Of Keras, as the file says.
    """
    memory = io.BytesIO()
    with h5py.File(memory, "w") as file:
        for path, arrays in weights.items():
            for number, array in enumerate(arrays):
                file[f"{path}/vars/{number}"] = np.asarray(array, np.float32)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": version}))
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("model.weights.h5", memory.getvalue())
    return packed.getvalue()
