"""Checks a model against a task's contract and limits, and runs it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import onnxruntime

from assay.errors import Refusal
from assay.grading import refusals
from assay.grading.modelfile.graph import ModelGraph, Port, Shape, shown
from assay.items.contract import Contract, InputSpec, Limits, OutputKind, OutputSpec

Array = npt.NDArray[np.generic]
Predictions = npt.NDArray[np.float32]

BATCH_BYTES = 4_000_000  # what the values of one batch may occupy; about a core's cache
LARGEST_BATCH = 4096  # samples


# ONNX Runtime 1.31 merges a padding with zeros into the maximum pooling after it, which
# then takes no account of the zeros: ResNetV2's first layers.
_WRONG_OPTIMIZERS = ["Pad_Fusion"]


# Before a model runs


def check_file_size(size: int, limits: Limits) -> None:
    """Refuse a file of `size` bytes that is over the task's limit.

    Raises:
        FileTooLarge: It is.
    """
    if size > limits.file_bytes:
        raise refusals.FileTooLarge(size=size, limit=limits.file_bytes)


def check(graph: ModelGraph, contract: Contract, limits: Limits) -> None:
    """Refuse a model that does not fit the task or costs more than it allows.

    Args:
        graph: The model; read with the same contract.
        contract: What goes in and what must come out.
        limits: What a submission may cost.

    Raises:
        Refusal: The class says what does not fit; its parameters name layers,
            numbers and shapes.
    """
    for problem in problems(graph, contract, limits):
        raise problem


def problems(graph: ModelGraph, contract: Contract, limits: Limits) -> Iterator[Refusal]:
    """Yield every reason for which `check` would refuse the model."""
    checks: list[Callable[[], None]] = [
        lambda: check_file_size(graph.file_bytes, limits),
        lambda: _check_inputs(graph, contract.inputs),
        lambda: _check_output(graph, contract.output),
        lambda: _check_parameters(graph, limits),
        lambda: _check_multiply_adds(graph, limits),
        lambda: _check_activations(graph, limits),
    ]
    for look in checks:
        try:
            look()
        except Refusal as refusal:
            yield refusal


def _check_inputs(graph: ModelGraph, specs: Sequence[InputSpec]) -> None:
    if len(graph.inputs) != len(specs):
        raise refusals.WrongNumberOfInputs(expected=len(specs), received=len(graph.inputs))
    for port, spec in zip(graph.inputs, ordered(graph.inputs, specs), strict=True):
        if not _agree(port.shape, spec.shape):
            raise _wrong_input(port.shape, spec.shape)
        if port.rows is not None and spec.high is not None and spec.high >= port.rows:
            raise refusals.VocabularyTooSmall(
                layer=port.embedding, highest=int(spec.high), last=port.rows - 1
            )


def ordered(ports: Sequence[Port], specs: Sequence[InputSpec]) -> list[InputSpec]:
    """Return the task's inputs in the model's order: by name if the names agree."""
    by_name = {spec.name: spec for spec in specs}
    if len(ports) > 1 and {port.name for port in ports} == set(by_name):
        return [by_name[port.name] for port in ports]
    return list(specs)


def _agree(one: Shape, other: Shape) -> bool:
    return len(one) == len(other) and all(
        a is None or b is None or a == b for a, b in zip(one, other, strict=True)
    )


def _wrong_input(received: Shape, expected: Shape) -> Refusal:
    shapes = {"expected": shown(expected), "received": shown(received)}
    if _agree(received, (*expected, 1)):
        return refusals.ExtraChannelAxis(**shapes)
    if expected[-1:] == (1,) and _agree(received, expected[:-1]):
        return refusals.MissingChannelAxis(**shapes)
    if len(expected) == 3 and received == (expected[-1], *expected[:-1]):  # noqa: PLR2004 - a picture
        return refusals.ChannelsFirstInput(**shapes)
    return refusals.WrongInputShape(**shapes)


def _check_output(graph: ModelGraph, spec: OutputSpec) -> None:
    if len(graph.outputs) != 1:
        raise refusals.WrongNumberOfOutputs(received=len(graph.outputs))
    if not _agree(graph.output.shape, spec.shape):
        raise _wrong_output(graph, graph.output.shape, spec)
    if graph.last_activation == "softmax":
        if graph.output.shape[-1:] == (1,):
            raise refusals.SoftmaxOfOneUnit(layer=graph.last_layer)
        if spec.kind is OutputKind.VALUE:
            raise refusals.SoftmaxForValues(layer=graph.last_layer)


def _wrong_output(graph: ModelGraph, received: Shape, spec: OutputSpec) -> Refusal:
    layer = graph.last_layer
    expected = spec.shape
    shapes = {"expected": shown(expected), "received": shown(received)}
    both_vectors = len(received) == len(expected) == 1
    if spec.kind is OutputKind.CLASS_PROBABILITIES and both_vectors:
        classes = expected[0]
        if received == (1,):
            return refusals.OneUnitForClasses(classes=classes, layer=layer)
        return refusals.WrongNumberOfClasses(classes=classes, layer=layer, received=received[0])
    if spec.kind is OutputKind.PROBABILITY and both_vectors:
        return refusals.TwoUnitsForProbability(layer=layer, received=received[0])
    if len(received) == len(expected) + 1:
        return refusals.SequenceForOneAnswer(**shapes)
    if len(received) == len(expected) - 1:
        return refusals.OneAnswerForSequence(**shapes)
    return refusals.WrongOutputShape(layer=layer, **shapes)


def _check_parameters(graph: ModelGraph, limits: Limits) -> None:
    if graph.parameters > limits.parameters:
        raise refusals.TooManyParameters(parameters=graph.parameters, limit=limits.parameters)


def _check_multiply_adds(graph: ModelGraph, limits: Limits) -> None:
    if graph.multiply_adds > limits.multiply_adds:
        raise refusals.TooManyMultiplyAdds(
            multiply_adds=graph.multiply_adds, limit=limits.multiply_adds
        )


def _check_activations(graph: ModelGraph, limits: Limits) -> None:
    if graph.activation_bytes > limits.memory_bytes:
        raise refusals.TooMuchMemory(needed=graph.activation_bytes, limit=limits.memory_bytes)


# Running


def open_pool(threads: int) -> ThreadPoolExecutor:
    """Return a pool whose threads all exist already.

    A locked child cannot make threads, so they are made before the lock.
    """
    pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="inference")
    together = threading.Barrier(threads + 1)
    for _ in range(threads):
        pool.submit(together.wait)
    together.wait()
    return pool


class Session:
    """A model that is ready to run.

    The samples are cut into batches of a size that depends on the model only, and
    the batches are spread over the threads; each is computed by one thread. So the
    predictions do not depend on the number of threads.

    Args:
        graph: The model.
        threads: How many batches are computed at a time.
        pool: Threads to use instead of own ones; its owner closes it.

    Raises:
        ModelFailed: ONNX Runtime does not take the graph.
    """

    def __init__(
        self, graph: ModelGraph, threads: int = 1, *, pool: ThreadPoolExecutor | None = None
    ) -> None:
        self._graph = graph
        self._pool = pool
        self._own_pool: ThreadPoolExecutor | None = None
        if pool is None and threads > 1:
            self._pool = self._own_pool = open_pool(threads)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 4
        # ONNX Runtime does not copy these arrays; they live as long as the session does.
        self._weights = [
            onnxruntime.OrtValue.ortvalue_from_numpy(array) for array in graph.initializers.values()
        ]
        if self._weights:
            options.add_external_initializers(list(graph.initializers), self._weights)
        try:
            self._session = onnxruntime.InferenceSession(
                graph.onnx,
                options,
                providers=["CPUExecutionProvider"],
                disabled_optimizers=_WRONG_OPTIMIZERS,
                enable_fallback=0,  # it would only try the same once more, and print
            )
        except Exception as error:
            raise _refusal(error) from error

    @property
    def batch(self) -> int:
        """How many samples are computed at a time."""
        if self._graph.batch is not None:
            return self._graph.batch
        return max(1, min(LARGEST_BATCH, BATCH_BYTES // max(1, self._graph.activation_bytes)))

    def predict(self, inputs: Mapping[str, Array]) -> Predictions:
        """Return the predictions.

        Args:
            inputs: By the names of the task's inputs, in the task's order;
                `(n, *shape)` each.

        Returns:
            `(n, *output shape)`, float32.

        Raises:
            IndexOutOfRange: An embedding has no row for a number among the inputs.
            ModelFailed: The model cannot be run on these inputs.
        """
        arrays = self._arranged(inputs)
        n = len(next(iter(arrays.values())))
        starts = range(0, n, self.batch)

        def predict_batch(start: int) -> Array:
            return self._batch(arrays, start)

        try:
            if self._pool is None or len(starts) < 2:  # noqa: PLR2004 - nothing to spread
                parts = [predict_batch(start) for start in starts]
            else:
                parts = list(self._pool.map(predict_batch, starts))
            return np.concatenate(parts).astype(np.float32, copy=False)
        except Refusal:
            raise
        except Exception as error:
            raise _refusal(error) from error

    def close(self) -> None:
        """Free the threads, if they are the session's own."""
        if self._own_pool is not None:
            self._own_pool.shutdown()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _arranged(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Return the arrays by their keys in the graph, with the types that it takes."""
        ports = self._graph.inputs
        by_name = len(ports) > 1 and {port.name for port in ports} == set(inputs)
        given = [inputs[port.name] for port in ports] if by_name else list(inputs.values())
        return {
            port.key: np.ascontiguousarray(array, dtype=port.dtype)
            for port, array in zip(ports, given, strict=True)
        }

    def _batch(self, arrays: Mapping[str, Array], start: int) -> Array:
        size = self.batch
        feed: dict[str, Any] = {key: array[start : start + size] for key, array in arrays.items()}
        count = len(next(iter(feed.values())))
        if self._graph.batch is not None and count < size:  # a model for exactly so many samples
            feed = {
                key: np.concatenate([part, np.repeat(part[-1:], size - count, axis=0)])
                for key, part in feed.items()
            }
        [result] = self._session.run([self._graph.output.key], feed)
        result = np.asarray(result)
        if result.ndim < 1 or len(result) < count:
            raise refusals.WrongPredictions
        return result[:count]


def _refusal(error: Exception) -> Refusal:
    """Return what an error of ONNX Runtime means to the model's author."""
    text = str(error)
    if isinstance(error, MemoryError) or any(word in text for word in _OUT_OF_MEMORY):
        return refusals.OutOfMemory()
    if "indices element out of data bounds" in text:
        return refusals.IndexOutOfRange()
    return refusals.ModelFailed()


# How ONNX Runtime and NumPy say that an allocation failed.
_OUT_OF_MEMORY = ("bad_alloc", "Failed to allocate memory", "Unable to allocate")
