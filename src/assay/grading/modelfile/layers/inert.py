"""Layers that do something in training only: dropout, noise, random augmentation."""

from __future__ import annotations

from assay.grading.modelfile.layer import Call, Masks, covers
from assay.grading.modelfile.tensor import Tensor


@covers(
    "AlphaDropout",
    "Dropout",
    "GaussianDropout",
    "GaussianNoise",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
    masks=Masks.KEEP,
)
def dropout(call: Call) -> Tensor:
    """Hand on the input."""
    call.options.ignore("stddev", "data_format")
    return call.x


@covers(
    "AugMix",
    "CutMix",
    "Equalization",
    "MixUp",
    "RandAugment",
    "RandomBrightness",
    "RandomColorDegeneration",
    "RandomColorJitter",
    "RandomContrast",
    "RandomElasticTransform",
    "RandomErasing",
    "RandomFlip",
    "RandomGaussianBlur",
    "RandomGrayscale",
    "RandomHue",
    "RandomInvert",
    "RandomPerspective",
    "RandomPosterization",
    "RandomRotation",
    "RandomSaturation",
    "RandomSharpness",
    "RandomShear",
    "RandomTranslation",
    "RandomZoom",
    "Solarization",
)
def augmentation(call: Call) -> Tensor:
    """Hand on the input."""
    options = call.options
    options.ignore(*options.names())
    return call.x
