"""Convolutions."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from assay.grading.modelfile import ops
from assay.grading.modelfile.layer import Call, Layer, Weight, covers
from assay.grading.modelfile.layers import windows
from assay.grading.modelfile.layers.activations import activate
from assay.grading.modelfile.layers.core import with_bias
from assay.grading.modelfile.layers.windows import Windows
from assay.grading.modelfile.saved import Variable
from assay.grading.modelfile.tensor import Layout, Tensor, size_of


def _weights(*names: str) -> Callable[[Layer], Sequence[Variable]]:
    def variables(layer: Layer) -> Sequence[Variable]:
        bias = ["bias"] if layer.options.boolean("use_bias", default=True) else []
        return with_bias(*names, *bias)

    return variables


def convolve(
    call: Call, x: Tensor, kernel: Weight, size: Windows, *, groups: int, bias: Weight | None
) -> Tensor:
    """Slide `kernel`, `(out, in / groups, *space)`, over `x`."""
    b = call.b
    filters = kernel.shape[0]
    spatial = x.shape[:-1]
    shape = (*size.places(spatial, call), filters)
    inputs = [ops.first(b, x), b.constant(kernel)]
    if bias is not None:
        inputs.append(b.constant(bias))
    cost = size_of(shape) * math.prod(kernel.shape[1:])
    name = b.node(
        "Conv",
        inputs,
        shape,
        multiply_adds=cost,
        group=groups if groups != 1 else None,
        **size.attributes(spatial),
    )
    return ops.tensor(name, shape, layout=Layout.FIRST)


def channels_first(layer: Layer, name: str, rank: int) -> Weight:
    """Return a kernel `(*space, in, out)` as ONNX wants it: `(out, in, *space)`."""
    if name not in layer.memo:
        kernel = layer.weight(name, (None,) * (rank + 2))
        order = (rank + 1, rank, *range(rank))
        layer.memo[name] = np.ascontiguousarray(kernel.transpose(order))
    weight: Weight = layer.memo[name]
    return weight


def _bias(call: Call, filters: int) -> Weight | None:
    use = call.options.boolean("use_bias", default=True)
    return call.layer.weight("bias", (filters,)) if use else None


@covers("Conv1D", "Conv2D", "Conv3D", variables=_weights("kernel"))
def convolution(call: Call) -> Tensor:
    """Read a convolution with bias and activation."""
    rank = int(call.layer.kind[4])
    _, x = windows.builder_and_input(call, rank)
    paddings = ("valid", "same", "causal") if rank == 1 else ("valid", "same")
    size = windows.read(call, rank, "kernel_size", dilation="dilation_rate", paddings=paddings)
    groups = call.options.count("groups", 1)
    filters = call.options.count("filters")
    channels = x.shape[-1]
    expected = (*size.size, None if channels is None else channels // groups, filters)
    call.layer.weight("kernel", expected)
    kernel = channels_first(call.layer, "kernel", rank)
    if channels is not None and channels != kernel.shape[1] * groups:
        raise call.misfit((*x.shape[:-1], kernel.shape[1] * groups), x.shape)
    y = convolve(call, x, kernel, size, groups=groups, bias=_bias(call, filters))
    return activate(call, windows.as_saved(call, y))
