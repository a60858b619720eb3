"""What a graph costs, counted before it runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from onnx import NodeProto


def peak_bytes(
    nodes: Sequence[NodeProto],
    sizes: Mapping[str, int],
    inputs: Iterable[str],
    outputs: Iterable[str],
) -> int:
    """Return the bytes that the values of one sample occupy at the most.

    Args:
        nodes: In the order in which they run.
        sizes: Bytes of the values; those that are missing count as none.
        inputs: The graph's inputs.
        outputs: The graph's outputs; they live to the end.

    A value lives from its node to the last node that takes it.
    """
    last_use = {name: number for number, node in enumerate(nodes) for name in node.input}
    last_use |= dict.fromkeys(outputs, len(nodes))
    alive = sum(sizes.get(name, 0) for name in inputs)
    most = alive
    for number, node in enumerate(nodes):
        alive += sum(sizes.get(name, 0) for name in node.output)
        most = max(most, alive)
        over = {name for name in (*node.input, *node.output) if last_use.get(name, -1) <= number}
        alive -= sum(sizes.get(name, 0) for name in over)
    return most
