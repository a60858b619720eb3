"""A house for attacks, bait for them, and the proof that nothing of them is left."""

from __future__ import annotations

import gc
import socket
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from assay.grading.sandbox import ParentLost, Runner
from hostile.house import House
from hostile.walls import LAYERS, SECRET


@dataclass(frozen=True, kw_only=True)
class Bait:
    """Something of ours for attacks to reach for."""

    canary: Path  # a file to read
    marker: Path  # a file that nobody may write
    port: socket.socket  # listens on the loopback interface
    local: socket.socket  # listens on a local socket

    def is_untouched(self) -> bool:
        things = {thing.name for thing in self.canary.parent.iterdir()}
        return things == {"canary", "socket"} and self.canary.read_text() == "the canary's words"

    def has_visitors(self) -> bool:
        for listener in (self.port, self.local):
            listener.settimeout(0)
            try:
                listener.accept()
            except BlockingIOError:
                continue
            return True
        return False


@pytest.fixture(scope="package", autouse=True)
def nothing_is_left():
    """After all attacks: no process, no descriptor and no file more than before."""
    me = psutil.Process()
    children, descriptors = me.children(recursive=True), len(list(Path("/proc/self/fd").iterdir()))
    yield
    gc.collect()
    deadline = time.monotonic() + 5
    while me.children(recursive=True) != children and time.monotonic() < deadline:
        time.sleep(0.05)

    assert me.children(recursive=True) == children
    assert len(list(Path("/proc/self/fd").iterdir())) <= descriptors


@pytest.fixture(scope="package")
def bait(nothing_is_left, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bait")
    folder.chmod(0o777)
    canary = folder / "canary"
    canary.write_text("the canary's words")
    canary.chmod(0o666)
    with (
        socket.create_server(("127.0.0.1", 0)) as port,
        socket.socket(socket.AF_UNIX) as local,
    ):
        local.bind(str(folder / "socket"))
        local.listen()
        yield Bait(canary=canary, marker=folder / "marker", port=port, local=local)
        (folder / "socket").unlink()


@pytest.fixture(scope="package")
def houses(bait, tmp_path_factory):
    """Opens a house with the walls asked for, whose children can be told to attack."""
    globals_ = {
        "CANARY": str(bait.canary),
        "MARKER": str(bait.marker),
        "PORT": bait.port.getsockname()[1],
        "SOCKET": bait.local.getsockname(),
        "SECRET": bytes(byte ^ 0xFF for byte in SECRET),
    }
    opened = {}

    def open_house(layers):
        if layers not in opened:
            house = House(tmp_path_factory.mktemp("house"), globals_, **LAYERS[layers])
            try:
                house.start()
            except ParentLost as reason:
                pytest.skip(f"this system does not permit it: {reason.detail}")
            opened[layers] = house
        if (opened[layers].link().standing.landlock > 0) != LAYERS[layers]["with_landlock"]:
            pytest.skip("this kernel has no Landlock")
        return opened[layers]

    yield open_house
    for house in opened.values():
        house.close()


# With all walls and with the fewest; `slow` tests those in between.
EACH = [
    name if name in {"all walls", "seccomp alone"} else pytest.param(name, marks=pytest.mark.slow)
    for name in LAYERS
]


@pytest.fixture(scope="package", params=EACH)
def house(request, houses):
    """A house with all walls, and with fewer and fewer of them."""
    return houses(request.param)


@pytest.fixture(scope="package")
def bare_house(houses):
    """A house with nothing but what every Linux has."""
    return houses("seccomp alone")


@pytest.fixture(scope="package", params=EACH)
def runner(request, nothing_is_left):
    """A runner as the server has it, for hostile files."""
    try:
        with Runner(**LAYERS[request.param]) as runner:
            yield runner
    except ParentLost as reason:
        pytest.skip(f"this system does not permit it: {reason.detail}")
