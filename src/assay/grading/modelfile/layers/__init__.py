"""One module for each family of layers; importing them fills the tables."""

from __future__ import annotations

from assay.grading.modelfile import running
from assay.grading.modelfile.layer import COVERED, OPERATIONS
from assay.grading.modelfile.layers import (
    activations,
    applications,
    attention,
    cells,
    convolution,
    core,
    encoding,
    images,
    inert,
    merging,
    normalization,
    old_functions,
    operations,
    pooling,
    preprocessing,
    recurrent,
    reshaping,
    shaping,
    wrappers,
)

__all__ = [
    "COVERED",
    "OPERATIONS",
    "activations",
    "applications",
    "attention",
    "cells",
    "convolution",
    "core",
    "encoding",
    "images",
    "inert",
    "merging",
    "normalization",
    "old_functions",
    "operations",
    "pooling",
    "preprocessing",
    "recurrent",
    "reshaping",
    "running",
    "shaping",
    "wrappers",
]
