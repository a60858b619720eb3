"""Warm processes in which items' code runs, one fork for each variant."""

from __future__ import annotations

import os
import sys
import threading
import time

import pytest

from assay.items import drawers
from small_bank import DATA, write_bank

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere each starts anew")

LINE = "regression/line"
FILES = ("bundle.zip", "hidden.inputs.npz", "hidden.labels.npz", "sealed.inputs.npz", "draw.json")


@pytest.fixture(autouse=True)
def none_are_left():
    drawers.close()
    yield
    drawers.close()


@pytest.fixture
def bank(tmp_path):
    return write_bank(tmp_path / "bank")


@pytest.fixture
def draw(bank, tmp_path):
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    places = iter(range(1000))

    def drawing(seed=1, seconds=60.0, bank=bank, **more):
        out = tmp_path / f"drawn-{next(places)}"
        out.mkdir()
        drawers.draw(LINE, seed, out, bank=bank, environment=environment | more, seconds=seconds)
        return out

    return drawing


def write_code(bank, code):
    (bank / LINE / "data.py").write_text(code + DATA, encoding="utf-8")


def only_idle():
    (warm,) = drawers._idle
    return warm._process


def test_a_warm_process_draws_what_a_fresh_one_does(draw, bank, tmp_path):
    draw(seed=6)

    warm = draw(seed=7)
    cold = tmp_path / "cold"
    cold.mkdir()
    drawers.draw_cold(LINE, 7, cold, bank=bank, environment=os.environ, seconds=60)

    assert {name: (warm / name).read_bytes() for name in FILES} == {
        name: (cold / name).read_bytes() for name in FILES
    }


def test_one_process_draws_many(draw):
    draw(seed=1)
    first = only_idle().pid
    draw(seed=2)

    assert only_idle().pid == first


def test_several_draw_at_once(draw):
    threads = [threading.Thread(target=draw, args=(seed,)) for seed in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(drawers._idle) == 3


def test_what_one_variant_does_to_its_process_is_gone_for_the_next(draw, bank):
    write_code(
        bank,
        "import numpy\nassert not hasattr(numpy, 'stain')\nnumpy.stain = 1\n",
    )

    draw(seed=1)
    draw(seed=2)

    assert len(drawers._idle) == 1


def test_libraries_are_imported_once_and_the_code_of_items_each_time(draw, bank, tmp_path):
    trace = tmp_path / "trace"
    library = tmp_path / "library"
    library.mkdir()
    (library / "weighty.py").write_text(f"open({str(trace)!r}, 'a').write('library ')\n")
    write_code(bank, f"import weighty\nopen({str(trace)!r}, 'a').write('item ')\n")

    for seed in range(3):
        draw(seed=seed, PYTHONPATH=str(library))

    # In the first fork, then in the process from which the later ones are forked.
    assert trace.read_text().split() == ["library", "item", "library", "item", "item"]


def test_code_that_fails_is_told_of_and_what_was_mended_is_read(draw, bank):
    write_code(bank, "raise ValueError('no such field')\n")
    with pytest.raises(drawers.DrawEnded, match="no such field"):
        draw()
    write_code(bank, "")

    assert (draw() / "draw.json").exists()


def test_code_that_takes_too_long_is_stopped(draw, bank):
    write_code(bank, "import time\ntime.sleep(60)\n")
    begun = time.monotonic()

    with pytest.raises(drawers.DrawEnded, match="took more than 3 seconds"):
        draw(seconds=3)

    assert time.monotonic() - begun < 30


def test_a_process_that_was_killed_meanwhile_is_replaced(draw):
    draw(seed=1)
    process = only_idle()
    process.kill()
    process.wait()

    assert (draw(seed=2) / "draw.json").exists()
    assert only_idle().pid != process.pid


def test_code_that_takes_its_process_down_is_a_failure(draw, bank):
    write_code(bank, "import os\nos.abort()\n")

    with pytest.raises(drawers.DrawEnded, match="exit code"):
        draw()


def test_a_bank_that_cannot_be_read_is_told_of(draw, tmp_path):
    with pytest.raises(drawers.DrawEnded, match="nowhere"):
        draw(bank=tmp_path / "nowhere")


def test_an_environment_of_its_own_gets_a_process_of_its_own(draw):
    draw(seed=1)
    first = only_idle().pid
    draw(seed=2, LANG="C")

    assert only_idle().pid != first


def test_an_idle_process_ends_by_itself(draw, monkeypatch):
    monkeypatch.setattr(drawers, "_IDLE_SECONDS", 0.2)
    draw(seed=1)

    assert only_idle().wait(30) == 0
    assert (draw(seed=2) / "draw.json").exists()
