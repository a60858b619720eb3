"""Layers that only `keras.applications` has, for transfer learning."""

from __future__ import annotations

from assay.grading.modelfile import ops
from assay.grading.modelfile.layer import Call, covers
from assay.grading.modelfile.saved import Variable
from assay.grading.modelfile.tensor import Tensor


@covers("LayerScale", variables=lambda _layer: [Variable(name="gamma")])
def layer_scale(call: Call) -> Tensor:
    """Read ConvNeXt's factor for each channel."""
    call.options.ignore("init_values")
    gamma = call.layer.weight("gamma", (call.options.count("projection_dim"),))
    return ops.binary(call.b, "Mul", call.x, gamma)


@covers("StochasticDepth")
def stochastic_depth(call: Call) -> Tensor:
    """Hand on the input: ConvNeXt leaves blocks out in training only."""
    call.options.ignore("drop_path_rate")
    return call.x


@covers("CustomScaleLayer")
def scaled_sum(call: Call) -> Tensor:
    """Read InceptionResNet's `x + scale * residual`."""
    b, inputs = call.b, call.inputs
    if len(inputs) != 2:  # noqa: PLR2004 - the block and what goes around it
        raise call.misfit("two inputs", f"{len(inputs)} inputs")
    scaled = ops.binary(b, "Mul", inputs[1], call.options.number("scale"))
    return ops.binary(b, "Add", inputs[0], scaled)
