"""A layer's options, each read with the type that it must have.

Every option that a layer does not ask for is refused at the end, unless it is
known to change nothing at inference. So an option that this reader has never
heard of cannot silently change predictions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from assay.grading import refusals
from assay.grading.modelfile.names import harmless

LARGEST_SIZE = 2**31 - 1  # of anything that is counted
LARGEST_NUMBER = 3.4e38  # of anything that is not; float32 ends there
_MISSING: Any = object()

# Options that change nothing at inference, or that other parts read.
_INERT = {
    "name",
    "trainable",
    "dtype",
    "batch_input_shape",
    "batch_shape",
    "build_config",
    "compile_config",
    "registered_name",
    "module",
    "implementation",
    "unroll",
    "dropout",
    "recurrent_dropout",
    "rate",
    "seed",
    "noise_shape",
    "unit_forget_bias",
    "input_length",
    "sparse",
    "ragged",
    "autocast",
    "synchronized",
    "momentum",
    "renorm_momentum",
    "virtual_batch_size",
    "fused",
    "input_spec",
    "shared_object_id",
    "lora_alpha",
    "batch_size",
    "cache_name",
}
_INERT_ENDINGS = ("_initializer", "_regularizer", "_constraint")


class Options:
    """The `config` of a layer.

    Args:
        layer: Harmless name of the layer, for messages.
        kind: Harmless name of its class, for messages.
        config: As it stands in the file.
    """

    def __init__(self, layer: str, kind: str, config: Mapping[str, Any]) -> None:
        self.layer = layer
        self.kind = kind
        self._config = config
        self._asked: set[str] = set()

    def names(self) -> list[str]:
        """Return the names of all options in the file."""
        return list(self._config)

    def raw(self, name: str, default: Any = None) -> Any:
        """Return the option as it stands in the file."""
        self._asked.add(name)
        value = self._config.get(name, default)
        return default if value is None else value

    def has(self, name: str) -> bool:
        """Whether the option is there and not null."""
        return self._config.get(name) is not None

    def integer(self, name: str, default: int = _MISSING) -> int:
        """Return a whole number, `-LARGEST_SIZE` to `LARGEST_SIZE`."""
        value = self.raw(name, default)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or abs(value) > LARGEST_SIZE:
            raise self._unreadable(name)
        return value

    def count(self, name: str, default: int = _MISSING) -> int:
        """Return a whole number that is at least 1."""
        value = self.integer(name, default)
        if value < 1:
            raise self._unreadable(name)
        return value

    def number(self, name: str, default: float = _MISSING) -> float:
        """Return a finite number."""
        value = self.raw(name, default)
        if isinstance(value, Mapping):  # a number that old files keep as `__numpy__` or a tensor
            value = value.get("config", {}).get("value", value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._unreadable(name)
        if not math.isfinite(value) or abs(value) > LARGEST_NUMBER:
            raise self._unreadable(name)
        return float(value)

    def boolean(self, name: str, *, default: bool = _MISSING) -> bool:
        """Return True or False."""
        value = self.raw(name, default)
        if not isinstance(value, bool):
            raise self._unreadable(name)
        return value

    def choice(self, name: str, choices: tuple[str, ...], default: str = _MISSING) -> str:
        """Return one of `choices`, which are those that can be graded."""
        value = self.raw(name, default)
        if value not in choices:
            raise self.unsupported(name)
        return str(value)

    def sizes(self, name: str, count: int, default: int = _MISSING) -> tuple[int, ...]:
        """Return `count` whole numbers; a single one stands for all."""
        value = self.raw(name, default)
        if isinstance(value, list | tuple) and len(value) == 1:
            value = value[0]
        values = list(value) if isinstance(value, list | tuple) else [value] * count
        if len(values) != count:
            raise self._unreadable(name)
        for size in values:
            if isinstance(size, bool) or not isinstance(size, int) or abs(size) > LARGEST_SIZE:
                raise self._unreadable(name)
        return tuple(values)

    def list(self, name: str, default: Any = _MISSING) -> list[Any]:
        """Return a list as it stands."""
        value = self.raw(name, default)
        if not isinstance(value, list | tuple):
            raise self._unreadable(name)
        return list(value)

    def mapping(self, name: str) -> Mapping[str, Any]:
        """Return an object as it stands."""
        value = self.raw(name)
        if not isinstance(value, Mapping):
            raise self._unreadable(name)
        return value

    def ignore(self, *names: str) -> None:
        """Say that these options change nothing here."""
        self._asked.update(names)

    def forbid(self, name: str) -> None:
        """Refuse the option unless it is absent, null, False or empty."""
        if self.raw(name):
            raise self.unsupported(name)

    def finish(self) -> None:
        """Refuse what nobody asked for.

        Raises:
            UnsupportedOption: An option is neither understood nor known to change
                nothing.
        """
        for name, value in self._config.items():
            known = name in self._asked or name in _INERT or name.endswith(_INERT_ENDINGS)
            if not known and value not in (None, False):
                raise self.unsupported(name)

    def unsupported(self, name: str) -> refusals.UnsupportedOption:
        """Return the refusal of the option's value."""
        value = self._config.get(name)
        shown = (
            harmless(str(value)) if isinstance(value, str | int | float | bool | None) else "..."
        )
        return refusals.UnsupportedOption(
            layer=self.layer, kind=self.kind, option=harmless(name), value=shown
        )

    def _unreadable(self, name: str) -> refusals.UnreadableConfig:
        return refusals.UnreadableConfig(layer=self.layer, part=harmless(name))
