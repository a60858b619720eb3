"""Convolutions."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

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
    """Return a kernel `(*space, in, out)` as ONNX wants it: `(out, in, *space)`.

    That of a transposed convolution has `in` and `out` the other way round, before and after.
    """
    if name not in layer.memo:
        kernel = layer.weight(name, (None,) * (rank + 2))
        order = (rank + 1, rank, *range(rank))
        layer.memo[name] = np.ascontiguousarray(kernel.transpose(order))
    weight: Weight = layer.memo[name]
    return weight


def _bias(call: Call, filters: int) -> Weight | None:
    use = call.options.boolean("use_bias", default=True)
    return call.layer.weight("bias", (filters,)) if use else None


def _spatial_rank(kind: str) -> int:
    return int(next(character for character in kind if character.isdigit()))


@covers(
    *(f"{name}{rank}D" for name in ("Conv", "Convolution") for rank in (1, 2, 3)),
    variables=_weights("kernel"),
)
def convolution(call: Call) -> Tensor:
    """Read a convolution with bias and activation."""
    rank = _spatial_rank(call.layer.kind)
    _, x = windows.builder_and_input(call, rank)
    paddings = ("valid", "same", "causal") if rank == 1 else ("valid", "same")
    size = windows.read(call, rank, "kernel_size", dilation="dilation_rate", paddings=paddings)
    groups = call.options.count("groups", 1)
    filters = call.options.count("filters")
    channels = x.shape[-1]
    expected = (*size.size, None if channels is None else channels // groups, filters)
    call.layer.weight("kernel", expected)
    kernel = channels_first(call.layer, "kernel", rank)
    if filters % groups or (channels is not None and channels != kernel.shape[1] * groups):
        raise call.misfit((*x.shape[:-1], kernel.shape[1] * groups), x.shape)
    y = convolve(call, x, kernel, size, groups=groups, bias=_bias(call, filters))
    return activate(call, windows.as_saved(call, y))


def _depthwise(call: Call, x: Tensor, size: Windows, name: str) -> tuple[Weight, int]:
    """Return a kernel `(*space, in, multiplier)` as a grouped one, and the number of groups."""
    multiplier = call.options.count("depth_multiplier", 1)
    channels = call.known(x)[-1]
    rank = len(size.size)
    kernel = call.layer.weight(name, (*size.size, channels, multiplier))
    if name not in call.layer.memo:
        order = (rank, rank + 1, *range(rank))
        moved = np.ascontiguousarray(kernel.transpose(order))
        call.layer.memo[name] = moved.reshape(channels * multiplier, 1, *size.size)
    return call.layer.memo[name], channels


@covers("DepthwiseConv1D", "DepthwiseConv2D", variables=_weights("depthwise_kernel"))
def depthwise_convolution(call: Call) -> Tensor:
    """Read a convolution of each channel by itself."""
    rank = _spatial_rank(call.layer.kind)
    _, x = windows.builder_and_input(call, rank)
    size = windows.read(
        call, rank, "kernel_size", dilation="dilation_rate", paddings=("valid", "same")
    )
    kernel, channels = _depthwise(call, x, size, "depthwise_kernel")
    call.options.ignore("filters", "groups")  # what the base class has, unused
    y = convolve(call, x, kernel, size, groups=channels, bias=_bias(call, kernel.shape[0]))
    return activate(call, windows.as_saved(call, y))


@covers(
    *(f"{name}{rank}D" for name in ("SeparableConv", "SeparableConvolution") for rank in (1, 2)),
    variables=_weights("depthwise_kernel", "pointwise_kernel"),
)
def separable_convolution(call: Call) -> Tensor:
    """Read a depthwise convolution and one of size 1 after it."""
    rank = _spatial_rank(call.layer.kind)
    _, x = windows.builder_and_input(call, rank)
    paddings = ("valid", "same", "causal") if rank == 1 else ("valid", "same")
    size = windows.read(call, rank, "kernel_size", dilation="dilation_rate", paddings=paddings)
    depthwise, channels = _depthwise(call, x, size, "depthwise_kernel")
    filters = call.options.count("filters")
    call.options.ignore("groups")
    between = convolve(call, x, depthwise, size, groups=channels, bias=None)
    ones = (1,) * rank
    call.layer.weight("pointwise_kernel", (*ones, depthwise.shape[0], filters))
    pointwise = channels_first(call.layer, "pointwise_kernel", rank)
    point = Windows(size=ones, strides=ones, dilation=ones, padding="valid")
    y = convolve(call, between, pointwise, point, groups=1, bias=_bias(call, filters))
    return activate(call, windows.as_saved(call, y))


@covers(
    *(f"{name}{rank}DTranspose" for name in ("Conv", "Convolution") for rank in (1, 2, 3)),
    variables=_weights("kernel"),
)
def transposed_convolution(call: Call) -> Tensor:
    """Read the gradient of a convolution, which makes space larger."""
    rank = _spatial_rank(call.layer.kind)
    b, x = windows.builder_and_input(call, rank)
    options, layer = call.options, call.layer
    size = windows.read(
        call, rank, "kernel_size", dilation="dilation_rate", paddings=("valid", "same")
    )
    filters = options.count("filters")
    options.forbid("groups") if options.raw("groups", 1) != 1 else None
    channels = x.shape[-1]
    layer.weight("kernel", (*size.size, filters, channels))
    kernel = channels_first(layer, "kernel", rank)
    extra = options.sizes("output_padding", rank) if options.has("output_padding") else None
    options.ignore("output_padding")
    shares = [_share(size, axis, None if extra is None else extra[axis]) for axis in range(rank)]
    spatial = tuple(
        None
        if length is None
        else (length - 1) * size.strides[axis]
        + size.span(axis)
        - shares[axis].crop
        + shares[axis].extend
        for axis, length in enumerate(x.shape[:-1])
    )
    shape = (*spatial, filters)
    inputs = [ops.first(b, x), b.constant(kernel)]
    bias = _bias(call, filters)
    if bias is not None:
        inputs.append(b.constant(bias))
    name = b.node(
        "ConvTranspose",
        inputs,
        shape,
        multiply_adds=size_of(x.shape) * kernel.size // kernel.shape[0],
        kernel_shape=size.size,
        strides=size.strides,
        dilations=size.dilation,
        pads=[share.crop // 2 for share in shares]
        + [share.crop - share.crop // 2 for share in shares],
        output_padding=[share.extend for share in shares],
    )
    y = ops.tensor(name, shape, layout=Layout.FIRST)
    return activate(call, windows.as_saved(call, y))


@dataclass(frozen=True, kw_only=True)
class _Share:
    """How one axis of a transposed convolution's full output is cut or extended."""

    crop: int  # places cut off, half of them (rounded down) before the first
    extend: int  # places added after the last


def _share(size: Windows, axis: int, extra: int | None) -> _Share:
    """Return what Keras's `compute_conv_transpose_output_shape` amounts to."""
    stride, span = size.strides[axis], size.span(axis)
    if size.padding == "valid":
        return _Share(crop=0, extend=max(stride - span, 0) if extra is None else extra)
    wanted = stride if extra is None else span % 2 + extra  # beyond (length - 1) * stride
    # TensorFlow centres the window as in a forward convolution over the output.
    crop = max(span - stride, 0) if extra is None else max(span - wanted, 0)
    return _Share(crop=crop, extend=wanted - span + crop)
