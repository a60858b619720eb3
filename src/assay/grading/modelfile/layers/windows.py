"""What convolutions and poolings have in common: windows that slide over space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from assay.grading.modelfile import ops
from assay.grading.modelfile.builder import Builder
from assay.grading.modelfile.graph import Shape
from assay.grading.modelfile.layer import Call
from assay.grading.modelfile.tensor import Layout, Tensor


@dataclass(frozen=True, kw_only=True)
class Windows:
    """How windows slide: sizes per spatial axis."""

    size: tuple[int, ...]
    strides: tuple[int, ...]
    dilation: tuple[int, ...]
    padding: str  # "valid", "same" or "causal"

    def span(self, axis: int) -> int:
        """Return how many places a window covers along `axis`."""
        return (self.size[axis] - 1) * self.dilation[axis] + 1

    def places(self, spatial: Shape, call: Call) -> Shape:
        """Return how many windows there are along each axis.

        Raises:
            ShapesDoNotFit: Not even one fits.
        """
        result: list[int | None] = []
        for axis, length in enumerate(spatial):
            if length is None:
                result.append(None)
                continue
            if self.padding != "valid":
                count = -(-length // self.strides[axis])
            else:
                count = (length - self.span(axis)) // self.strides[axis] + 1
            if count < 1:
                least = tuple(self.span(a) for a in range(len(spatial)))
                raise call.misfit(least, spatial)
            result.append(count)
        return tuple(result)

    def attributes(self, spatial: Shape) -> dict[str, Any]:
        """Return what ONNX's operators call these sizes."""
        attributes: dict[str, Any] = {"kernel_shape": self.size, "strides": self.strides}
        if any(step != 1 for step in self.dilation):
            attributes["dilations"] = self.dilation
        if self.padding == "causal":
            attributes["pads"] = (*(self.span(axis) - 1 for axis in range(len(spatial))), 0)
        elif self.padding == "same":
            if None in spatial:
                return attributes | {"auto_pad": "SAME_UPPER"}
            pads = [self._same(axis, length or 1) for axis, length in enumerate(spatial)]
            attributes["pads"] = [total // 2 for total in pads] + [t - t // 2 for t in pads]
        return attributes

    def _same(self, axis: int, length: int) -> int:
        """Return how many places TensorFlow's padding "same" adds along `axis`."""
        stride = self.strides[axis]
        return max((-(-length // stride) - 1) * stride + self.span(axis) - length, 0)


def channels_last(call: Call, x: Tensor) -> Tensor:
    """Return `x` seen with its channels last, whatever the layer's `data_format` says."""
    if call.options.raw("data_format") != "channels_first":
        return x
    return Tensor(
        shape=(*x.shape[1:], x.shape[0]),
        dtype=x.dtype,
        names={Layout.FIRST: ops.last(call.b, x)},
    )


def as_saved(call: Call, y: Tensor) -> Tensor:
    """Undo `channels_last` for a result."""
    if call.options.raw("data_format") != "channels_first":
        return y
    shape = (y.shape[-1], *y.shape[:-1])
    return ops.tensor(ops.first(call.b, y), shape, y.dtype)


def read(
    call: Call, rank: int, size: str, *, dilation: str = "", paddings: Sequence[str]
) -> Windows:
    """Return the windows that a layer's options describe.

    Args:
        call: Of the layer.
        rank: Number of spatial axes.
        size: Name of the option that holds the windows' size.
        dilation: Name of the option that holds the dilation; empty if there is none.
        paddings: The paddings that the layer knows.
    """
    options = call.options
    sizes = options.sizes(size, rank, 2)
    default = sizes if size == "pool_size" else (1,) * rank
    strides = options.sizes("strides", rank) if options.has("strides") else default
    windows = Windows(
        size=sizes,
        strides=strides,
        dilation=options.sizes(dilation, rank, 1) if dilation else (1,) * rank,
        padding=options.choice("padding", tuple(paddings), "valid"),
    )
    options.ignore("strides")
    if any(number < 1 for number in (*windows.size, *windows.strides, *windows.dilation)):
        raise options.unsupported(size)
    return windows


def builder_and_input(call: Call, rank: int) -> tuple[Builder, Tensor]:
    """Return the builder and the input, channels last, with `rank` spatial axes."""
    call.needs_rank(call.x, rank + 2)
    return call.b, channels_last(call, call.x)
