"""One module for each family of layers; importing them fills the table."""

from __future__ import annotations

from assay.grading.modelfile import running
from assay.grading.modelfile.layer import COVERED
from assay.grading.modelfile.layers import (
    activations,
    convolution,
    core,
    inert,
    merging,
    normalization,
    pooling,
    preprocessing,
    recurrent,
    reshaping,
)

__all__ = [
    "COVERED",
    "activations",
    "convolution",
    "core",
    "inert",
    "merging",
    "normalization",
    "pooling",
    "preprocessing",
    "recurrent",
    "reshaping",
    "running",
]
