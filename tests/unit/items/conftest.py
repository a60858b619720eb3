"""A bank of one small, faultless item in a folder of the test's own; tests spoil one thing."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from assay.items import Item, load_bank

SPEC: dict[str, Any] = {
    "format_version": 1,
    "uuid": "0d7f5f4e-5a63-4a1f-9d4e-0c4f6e0f1a01",
    "category": "regression",
    "title": {"en": "A line", "zh-CN": "一条直线"},
    "summary": {"en": "Find the line.", "zh-CN": "找出这条直线。"},
    "skills": ["building.training"],
    "contract": {
        "inputs": [
            {
                "name": "x",
                "shape": [1],
                "low": -10,
                "high": 10,
                "meaning": {"en": "a number", "zh-CN": "一个数"},
            }
        ],
        "output": {
            "shape": [1],
            "kind": "value",
            "meaning": {"en": "a number", "zh-CN": "一个数"},
        },
    },
    "metric": {"name": "mae", "cuts": [9, 6, 3, 1, 0.1]},
    "limits": {"file_mb": 1, "parameters": 1000, "multiply_adds": 1000},
    "data": {"source": "generated", "licence": "CC0-1.0", "citation": "nobody"},
    "public_files": ["train.npz"],
    "hidden_size": 200,
    "certainty": {"en": "Little.", "zh-CN": "不高。"},
}

DATA = """
import numpy as np

from assay.items.store import save_arrays
from assay.items.variant import Split, Variant


def variant(seed):
    rng = np.random.default_rng(seed)
    numbers = rng.permutation(600_000)[:600] / 30_000 - 10  # no two are equal
    train, hidden, sealed = numbers.reshape(3, 200, 1).astype(np.float32)
    return Variant(
        files={"train.npz": save_arrays({"x": train, "y": 2 * train - 1})},
        hidden=Split(inputs={"x": hidden}, labels=2 * hidden - 1),
        sealed=Split(inputs={"x": sealed}, labels=2 * sealed - 1),
        texts={"en": {"count": "200"}, "zh-CN": {"count": "200"}},
    )
"""

# No framework: what a recipe "trains" is a slope, and the grader of the tests reads it.
RECIPE = """
def solution_model():
    return Model()


class Model:
    def save(self, path):
        with open(path, "w") as file:
            file.write("{slope}")


if __name__ == "__main__":
    model = solution_model()
    model.save("mymodel.h5")
    print("Find the slope.")
"""

# What either text of the task names of item.yaml.
TOLD = "(1,) → (1,); 9, 6, 3, 1, 0.1; 200; 1 MB"

BLUEPRINT: dict[str, Any] = {
    "format_version": 1,
    "uuid": "0d7f5f4e-5a63-4a1f-9d4e-0c4f6e0f1a02",
    "title": {"en": "Tiny", "zh-CN": "小考"},
    "slots": [
        {
            "name": "Category1",
            "title": {"en": "One", "zh-CN": "一"},
            "weight": 100,
            "pool": ["regression/line"],
        }
    ],
    "duration_minutes": 60,
    "pass_mark": 90,
    "upload_grace_seconds": 10,
    "retake_waits": [{}],
    "registration_valid_days": 30,
    "fee": {"amount": 0, "currency": "USD"},
    "environment": ["numpy"],
}


class Folder:
    """A bank on disk, and ways to spoil it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.item = root / "regression" / "line"

    def write(self, name: str, text: str) -> Path:
        """Write a file of the item."""
        path = self.item / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    def write_recipe(self, name: str, slope: float) -> Path:
        """Write a program that "trains" a slope."""
        return self.write(name, RECIPE.format(slope=slope))

    def write_spec(self, **changes: Any) -> None:
        """Write item.yaml with some fields changed; None removes one."""
        spec = {key: value for key, value in {**SPEC, **changes}.items() if value is not None}
        self.write("item.yaml", yaml.safe_dump(spec, allow_unicode=True))

    def write_blueprint(self, **changes: Any) -> None:
        """Write blueprints/tiny.yaml with some fields changed."""
        path = self.root / "blueprints" / "tiny.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump({**BLUEPRINT, **changes}), encoding="utf-8")

    def replace(self, old: str, new: str, name: str = "data.py") -> None:
        """Change a file of the item."""
        text = (self.item / name).read_text(encoding="utf-8")
        assert old in text
        self.write(name, text.replace(old, new))

    def load(self) -> Item:
        """Return the item."""
        return load_bank(self.root).item("regression/line")


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A bank whose only item has nothing wrong with it."""
    made = Folder(tmp_path / "bank")
    made.write_spec()
    made.write_blueprint()
    made.write("data.py", DATA)
    made.write("task.en.md", f"# A line\n\nThere are ${{count}} points.\n\n{TOLD}\n")
    made.write("task.zh-CN.md", f"# 一条直线\n\n共有 ${{count}} 个点。\n\n{TOLD}\n")
    made.write("README.md", "A line.\n")
    todo = "    # TODO: find the slope\n    return Model()"
    made.write("starter.py", RECIPE.format(slope=0).replace("    return Model()", todo))
    made.write("reference.py", RECIPE.format(slope=2))
    made.write("wrong/flat.py", "AT_MOST = 1\n" + RECIPE.format(slope=0))
    made.write("wrong/steep.py", "AT_MOST = 2\n" + RECIPE.format(slope=3))
    return made


@pytest.fixture
def codes() -> Callable[[list[Any]], list[str]]:
    """Return the codes of problems."""
    return lambda problems: [problem.code for problem in problems]
