"""Hostile files: what each is answered, and that nothing of it happened."""

from __future__ import annotations

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from assay.errors import Refusal
from assay.grading.sandbox import (
    ChildCrashed,
    DeadlineExceeded,
    GradingFault,
    ReaderFailed,
    Runner,
)
from assay.items.contract import Limits
from hostile import files
from hostile.house import CONTRACT, INPUTS
from hostile.walls import LAYERS

LIMITS = Limits(
    file_bytes=300_000_000,
    parameters=1_000_000,
    multiply_adds=1_000_000_000,
    memory_bytes=500_000_000,
    seconds=10.0,
)
ANSWERS = 2 * INPUTS["input"] + 1  # of every honest file in `files`
HONEST = [files.good_h5, files.good_keras, files.good_onnx]


@pytest.fixture(autouse=True)
def untouched():
    canary, marker = Path(files.CANARY), Path(files.MARKER)
    canary.write_text("the canary's words")
    yield
    assert canary.read_text() == "the canary's words"
    assert not marker.exists()
    canary.unlink()


@pytest.mark.parametrize("make", HONEST, ids=lambda make: make.__name__)
def test_the_honest_file_that_hostile_ones_are_made_of_is_graded(runner, tmp_path, make):
    file = tmp_path / "mymodel"
    file.write_bytes(make())

    assert np.array_equal(runner.predict(file, INPUTS, CONTRACT, LIMITS), ANSWERS)


@pytest.mark.parametrize("name", files.FILES)
def test_a_hostile_file_is_refused_for_its_reason(runner, tmp_path, name):
    make, codes = files.FILES[name]
    file = tmp_path / "mymodel"
    file.write_bytes(make())
    if not codes:
        assert np.array_equal(runner.predict(file, INPUTS, CONTRACT, LIMITS), ANSWERS)
        return

    with pytest.raises(Refusal) as caught:
        runner.predict(file, INPUTS, CONTRACT, LIMITS)

    assert caught.value.code in codes
    assert "{" not in str(caught.value)


def damage(mutant: bytearray, rng: np.random.Generator) -> None:
    """Damage `mutant` in one place."""
    at, other = (int(place) for place in rng.integers(len(mutant), size=2))
    size = int(rng.integers(1, 64))
    match rng.integers(7):
        case 0:
            mutant[at] ^= 1 << int(rng.integers(8))
        case 1:
            mutant[at] = int(rng.choice([0, 1, 0x7F, 0x80, 0xFE, 0xFF]))
        case 2:
            mutant[at : at + size] = bytes(len(mutant[at : at + size]))
        case 3:
            mutant[at : at + 8] = b"\xff" * len(mutant[at : at + 8])
        case 4:
            del mutant[at : at + size]
        case 5:
            mutant[at:at] = mutant[at : at + size]
        case 6:
            mutant[at : at + size] = mutant[other : other + size]


def mutants(data: bytes, count: int, seed: int):
    """Yield `count` copies of `data`, each damaged in a few places."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        mutant = bytearray(data)
        for _ in range(rng.integers(1, 5)):
            damage(mutant, rng)
        yield bytes(mutant)


def outcome(runner: Runner, file: Path, data: bytes) -> str:
    file.write_bytes(data)
    limits = Limits(**(vars(LIMITS) | {"seconds": 3.0}))
    try:
        runner.predict(file, INPUTS, CONTRACT, limits)
    except Refusal:
        return "refused"
    except (ChildCrashed, DeadlineExceeded) as fault:
        return fault.code
    except ReaderFailed as fault:
        # The reader should have refused: worth mending, but no harm is done.
        return f"stumbled: {fault.detail.strip().splitlines()[-1]}"
    return "graded"


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize(
    ("make", "count"),
    [(files.good_h5, 900), (files.good_keras, 700), (files.good_onnx, 400)],
    ids=["h5", "keras", "onnx"],
)
def test_mutants_of_honest_files_come_to_nothing(tmp_path, make, count):
    good = make()
    with Runner(**LAYERS["seccomp alone"]) as runner, ThreadPoolExecutor(2) as pool:
        jobs = [
            pool.submit(outcome, runner, tmp_path / f"mutant-{number}", data)
            for number, data in enumerate(mutants(good, count, seed=count))
        ]
        outcomes = Counter(job.result() for job in jobs)
        (tmp_path / "mymodel").write_bytes(good)
        afterwards = runner.predict(tmp_path / "mymodel", INPUTS, CONTRACT, LIMITS)

    assert sum(outcomes.values()) == count
    assert outcomes["refused"] > count / 4
    # HDF5 crashes or loops on a damaged file now and then: in its own child.
    assert outcomes["grading_child_crashed"] + outcomes["deadline_exceeded"] <= count / 50
    assert [kind for kind in outcomes if kind.startswith("stumbled")] == []
    assert np.array_equal(afterwards, ANSWERS)


def test_a_good_submission_beside_hostile_files_is_right_and_on_time(tmp_path):
    hostile = ["bomb_in_the_configuration", "shape_bomb_above_4_gib", "lambda_of_keras_2"]
    stop = threading.Event()
    for name in hostile:
        (tmp_path / name).write_bytes(files.FILES[name][0]())
    (tmp_path / "mymodel.h5").write_bytes(files.good_h5())

    with Runner() as runner, ThreadPoolExecutor() as pool:

        def submit(name):
            while not stop.is_set():
                with pytest.raises((Refusal, GradingFault)):
                    runner.predict(tmp_path / name, INPUTS, CONTRACT, LIMITS)

        submitted = [pool.submit(submit, name) for name in hostile]
        try:
            began = time.monotonic()
            answers = [
                runner.predict(tmp_path / "mymodel.h5", INPUTS, CONTRACT, LIMITS) for _ in range(10)
            ]
            took = time.monotonic() - began
        finally:
            stop.set()
        for job in submitted:
            job.result()

    assert all(np.array_equal(answer, ANSWERS) for answer in answers)
    assert took < 5.0
