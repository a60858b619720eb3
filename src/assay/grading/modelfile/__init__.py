"""Reads model files without running anything from them.

`.h5` of Keras 2 and 3, `.keras` and `.onnx` become one graph (`ModelGraph`)
that ONNX Runtime can run. Nothing is unpickled, no code from the file is run,
and no model framework is needed.
"""

from __future__ import annotations

from assay.grading.modelfile.graph import LayerSummary, ModelGraph, Port, shown
from assay.grading.modelfile.kinds import Kind, kind_of
from assay.grading.modelfile.onnx_file import read_onnx
from assay.grading.modelfile.reading import open_file, read_keras
from assay.items.contract import Contract

__all__ = ["LayerSummary", "ModelGraph", "Port", "read", "shown"]


def read(data: bytes, contract: Contract | None = None) -> ModelGraph:
    """Return the graph of a model file.

    Args:
        data: The whole file; its kind is told by its content.
        contract: Fills in the sizes that a model leaves open (`Input((None, 1))`),
            so that its cost is that of the task. None: they count as 1.

    Returns:
        The model as a function from inputs to predictions, with its costs.

    Raises:
        Refusal: The file cannot be graded; the class says why and what to do.
    """
    kind = kind_of(data)
    if kind is Kind.ONNX:
        return read_onnx(data, contract)
    model = open_file(data, is_archive=kind is Kind.ZIP)
    try:
        return read_keras(model, len(data), contract)
    finally:
        model.close()
