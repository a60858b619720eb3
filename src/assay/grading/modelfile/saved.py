"""A saved Keras model as it lies in its file: the configuration and where its weights are."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from assay.grading import refusals
from assay.grading.modelfile import archive, strict_json
from assay.grading.modelfile.hdf5 import Hdf5
from assay.grading.modelfile.names import harmless

Array = npt.NDArray[np.generic]
LARGEST_MODEL = 2**31  # bytes; ONNX ends there too
_CONFIG = "model_config"
_WEIGHTS = "model_weights"


class Dialect(IntEnum):
    """The generation of Keras that wrote a file; a few layers mean different things."""

    KERAS2 = 2
    KERAS3 = 3


@dataclass(frozen=True, kw_only=True)
class Variable:
    """A weight that a layer has.

    `path` leads from the layer through Keras's attributes to the part that owns
    the weight, such as `forward_layer/cell`; empty for the layer itself.
    """

    name: str
    path: str = ""
    trainable: bool = True
    repeated: bool = False  # another part's weight, which `.keras` files hold a second time

    @property
    def key(self) -> str:
        """`path/name`."""
        return f"{self.path}/{self.name}" if self.path else self.name

    def under(self, path: str) -> Variable:
        """Return the same weight as seen from a layer further out."""
        inner = f"{path}/{self.path}" if self.path else path
        return replace(self, path=inner)


Read = Callable[[], Array]


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A weight that lies in the file, read when it is needed."""

    shape: tuple[int, ...]
    read: Read


@dataclass(frozen=True, kw_only=True)
class SavedModel:
    """What a file says, before its layers are understood.

    `flat` lists a top-level layer's weights in Keras's order (`.h5`); `at`
    finds the weights owned by one part of the model (`.keras`). One of them is
    None.
    """

    kind: str
    framework: str
    dialect: Dialect
    config: Mapping[str, Any]  # `{"class_name": ..., "config": ...}` of the model
    flat: Callable[[str], Sequence[tuple[str, Stored]] | None] | None = None
    at: Callable[[str], Sequence[Stored]] | None = None
    close: Callable[[], None]


def open_h5(data: bytes) -> SavedModel:
    """Open a whole-model HDF5 file, as Keras 2 and 3 write it.

    Raises:
        Refusal: The file is damaged, or holds no model.
    """
    file = Hdf5(data, part="HDF5", byte_budget=LARGEST_MODEL)
    text = file.attribute("/", _CONFIG)
    if text is None:
        if file.members("/"):
            raise refusals.WeightsOnly
        raise refusals.UnknownFile
    config = strict_json.parse(text, part=_CONFIG)
    version = (
        file.attribute("/", "keras_version") or file.attribute(_WEIGHTS, "keras_version") or "2"
    )

    def flat(layer: str) -> Sequence[tuple[str, Stored]] | None:
        group = f"{_WEIGHTS}/{layer}"
        names = file.names(group, "weight_names")
        if names is None:
            return None
        return [(name, _stored(file, f"{group}/{name}", layer)) for name in names]

    return SavedModel(
        kind="keras-h5",
        framework=f"keras {harmless(version)}",
        dialect=_dialect(version),
        config=config,
        flat=flat,
        close=file.close,
    )


def open_keras(data: bytes) -> SavedModel:
    """Open a `.keras` archive, as Keras 2.12 and later write it.

    Raises:
        Refusal: The file is damaged, or holds no model.
    """
    members = archive.unpack(data, byte_budget=LARGEST_MODEL)
    config = strict_json.parse(members[archive.CONFIG], part=archive.CONFIG)
    metadata = members.get(archive.METADATA)
    about = strict_json.parse(metadata, part=archive.METADATA) if metadata else {}
    version = str(about.get("keras_version", "3"))
    file = Hdf5(members[archive.WEIGHTS], part=archive.WEIGHTS, byte_budget=LARGEST_MODEL)
    numbered = functools.cache(functools.partial(_with_weights, file))

    def at(path: str) -> Sequence[Stored]:
        group = f"{_placed(file, numbered, path)}/vars"
        numbers = sorted((name for name in file.members(group) if name.isdecimal()), key=int)
        return [_stored(file, f"{group}/{number}", path) for number in numbers]

    return SavedModel(
        kind="keras",
        framework=f"keras {harmless(version)}",
        dialect=_dialect(version),
        config=config,
        at=at,
        close=file.close,
    )


# How the group of a model's layers is called; the second one up to Keras 2.13.
_LAYERS = ("layers", "_layer_checkpoint_dependencies")
_NUMBERED = re.compile(r"(.+?)(?:_(\d+))?")


def _placed(file: Hdf5, numbered: Callable[[str], Mapping[str, str]], path: str) -> str:
    """Return the group in the file that `path` stands for.

    `layers/dense_2` stands for the third Dense that has weights. Keras 3 and 2.15 call it
    `dense_2`, Keras 2.13 counts each layer twice; layers without weights may count too.
    """
    place = ""
    steps = iter(path.split("/"))
    for step in steps:
        if step != "layers":
            place = f"{place}/{step}"
            continue
        names = (f"{place}/{name}" for name in _LAYERS)
        group = next((name for name in names if file.has(name)), f"{place}/layers")
        name = next(steps, "")
        place = f"{group}/{numbered(group).get(name, name)}"
    return place


def _with_weights(file: Hdf5, group: str) -> Mapping[str, str]:
    """Return the members of `group` that have weights, numbered anew class by class."""
    kinds: dict[str, list[tuple[int, str]]] = {}
    for member in file.members(group):
        match = _NUMBERED.fullmatch(member)
        if match is not None and file.has_arrays(f"{group}/{member}"):
            kinds.setdefault(match[1], []).append((int(match[2] or 0), member))
    return {
        f"{kind}_{number}" if number else kind: member
        for kind, members in kinds.items()
        for number, (_, member) in enumerate(sorted(members))
    }


def _dialect(version: str) -> Dialect:
    return Dialect.KERAS3 if version.startswith("3") else Dialect.KERAS2


def _stored(file: Hdf5, path: str, layer: str) -> Stored:
    shape = file.shape(path)
    if shape is None:
        raise refusals.WeightsMissing(layer=harmless(layer))

    def read() -> Array:
        array = file.array(path)
        if array is None:
            raise refusals.WeightsMissing(layer=harmless(layer))
        return array

    return Stored(shape=shape, read=read)
