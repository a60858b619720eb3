"""Keras's own layers that are not covered, each with the reason.

The page `docs/authors/layers` is made from this and from the table of those that are.
"""

from __future__ import annotations

PROGRAM = "carries a program, and nothing from a file is executed"
TEXTS = "takes texts; a task's inputs are numbers"
LOOKED_UP = "looks values up in a vocabulary; a task's inputs are numbers that need none"
HASHED = "depends on a hash function that is not reproduced here"
SOUND = "takes sound, which no task has"
BOXES = "takes bounding boxes, which no task has"
UNCLEAR = "does at inference what depends on the version of Keras; use CenterCrop or Resizing"
LOCAL = "equalizes the histograms of tiles, which is not reproduced here"

NOT_COVERED: dict[str, str] = {
    "ContrastLimitedAdaptiveHistogramEqualization": LOCAL,
    "FlaxLayer": PROGRAM,
    "HashedCrossing": HASHED,
    "Hashing": HASHED,
    "IntegerLookup": LOOKED_UP,
    "JaxLayer": PROGRAM,
    "Lambda": PROGRAM,
    "MaxNumBoundingBoxes": BOXES,
    "MelSpectrogram": SOUND,
    "RandomCrop": UNCLEAR,
    "STFTSpectrogram": SOUND,
    "StringLookup": TEXTS,
    "TFSMLayer": PROGRAM,
    "TextVectorization": TEXTS,
    "TorchModuleWrapper": PROGRAM,
}
# Those that carry programs: nothing may put them together, Keras itself not either.
PROGRAMS = frozenset(kind for kind, reason in NOT_COVERED.items() if reason is PROGRAM)
# Public names of Keras that are no layers: bases to derive from, and a description.
NO_LAYERS = frozenset({"InputSpec", "Layer", "Wrapper"})
# Second names of layers that have a first one.
ALIASES = frozenset(
    {
        *(f"Convolution{rank}D" for rank in (1, 2, 3)),
        *(f"Convolution{rank}DTranspose" for rank in (1, 2, 3)),
        *(f"SeparableConvolution{rank}D" for rank in (1, 2)),
        *(f"{kind}Pool{rank}D" for kind in ("Max", "Avg") for rank in (1, 2, 3)),
        *(f"Global{kind}Pool{rank}D" for kind in ("Max", "Avg") for rank in (1, 2, 3)),
    }
)
# Covered names that `keras.layers` of Keras 3 does not have: models, parts of
# `keras.applications`, and what Keras 2 had.
NOT_PUBLIC = frozenset(
    {
        "CustomScaleLayer",
        "Functional",
        "GroupedQueryAttention",
        "LayerScale",
        "Model",
        "Sequential",
        "SlicingOpLambda",
        "StochasticDepth",
        "TFOpLambda",
        "ThresholdedReLU",
    }
)
