"""Layers around another layer."""

from __future__ import annotations

from collections.abc import Sequence

from assay.grading.modelfile import ops
from assay.grading.modelfile.layer import Call, Layer, Masks, covers
from assay.grading.modelfile.running import call as call_layer
from assay.grading.modelfile.saved import Variable
from assay.grading.modelfile.tensor import Tensor


def _inner(layer: Layer) -> Layer:
    return layer.child("layer", layer.options.mapping("layer"))


def _of_inner(layer: Layer) -> Sequence[Variable]:
    return [variable.under("layer") for variable in _inner(layer).variables()]


@covers("TimeDistributed", variables=_of_inner, masks=Masks.KEEP)
def time_distributed(call: Call) -> Tensor:
    """Read a layer that works on each step by itself: steps become samples for a while."""
    b, x = call.b, call.x
    inner = _inner(call.layer)
    call.options.ignore("layer")
    if x.rank < 3:  # noqa: PLR2004 - batch, steps, anything
        raise call.misfit("(steps, ...)", x.shape)
    sizes = call.known(x)
    steps, each = sizes[0], sizes[1:]
    with b.repeated(steps):
        merged = ops.regroup(b, x, each)
        y = call_layer(Call(b=b, layer=inner, args=[merged]))
        if isinstance(y, tuple):
            raise call.options.unsupported("layer")
        shape = call.known(y)
    separate = ops.regroup(b, y, (steps, *shape))
    separate.activation = y.activation
    return separate


def _spectral(layer: Layer) -> Sequence[Variable]:
    return [
        Variable(name="kernel", repeated=True),
        Variable(name="vector_u", trainable=False),
        *(variable.under("layer") for variable in _inner(layer).variables()),
    ]


@covers("SpectralNormalization", variables=_spectral, masks=Masks.KEEP)
def spectral_normalization(call: Call) -> Tensor:
    """Read the layer inside, whose stored weights are normalized already."""
    call.options.ignore("layer", "power_iterations")
    y = call_layer(Call(b=call.b, layer=_inner(call.layer), args=call.args, kwargs=call.kwargs))
    if isinstance(y, tuple):
        raise call.options.unsupported("layer")
    return y


@covers("Pipeline")
def pipeline(call: Call) -> Tensor:
    """Read layers that are called one after the other."""
    y = call.x
    for number, config in enumerate(call.options.list("layers")):
        inner = call.layer.child(f"layers/{number}", config)
        if inner.variables():
            raise call.options.unsupported("layers")
        result = call_layer(Call(b=call.b, layer=inner, args=[y]))
        if isinstance(result, tuple):
            raise call.options.unsupported("layers")
        y = result
    return y
