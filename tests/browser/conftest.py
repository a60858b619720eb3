"""Real browsers at a real server: `assay serve` on a data folder of its own, and Chromium."""

from __future__ import annotations

import json
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.sync_api import Browser, sync_playwright
from tree import Tree, environment, no_process_left
from visitor import Visitor, visiting

from small_bank import EXAM, write_bank

_CHROMIUM = [
    "--no-sandbox",  # the tests may be run by root
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
]
_TASKS = {
    "task.en.md": """# A line

A number goes in, a number comes out. Find **the line** between them.

| column | meaning | range |
|---|---|---|
| `x` | a number | −10 to 10 |
| `y` | what your model predicts | any |

1. Load `train.npz`.
2. Train a model with the input `(1,)` and the output `(1,)`.

```python
model.save("mymodel.h5")
```

> The mean absolute error counts.
""",
    "task.zh-CN.md": """# 一条直线

输入一个数，输出一个数。请找出两者之间的**直线**。

| 列 | 含义 | 范围 |
|---|---|---|
| `x` | 一个数 | −10 到 10 |
| `y` | 模型的预测值 | 不限 |

1. 读取 `train.npz`。
2. 训练一个输入为 `(1,)`、输出为 `(1,)` 的模型。

```python
model.save("mymodel.h5")
```

> 以平均绝对误差计分。
""",
}

_NOBODY = "http://127.0.0.1:9"  # who is not to be asked by a test
_CAMPUS = {"id": "campus", "name": "Example Campus", "client_id": "assay", "client_secret": "s"}
_MORE_EXAMS = {
    "paid": {
        "uuid": "5c4f6d0e-6f0a-4a39-9a7e-0b9a4a1f6c03",
        "title": {"en": "Tiny, with a fee", "zh-CN": "收费小考"},
        "fee": {"amount": 10000, "currency": "USD"},
    },
    "guarded": {
        "uuid": "5c4f6d0e-6f0a-4a39-9a7e-0b9a4a1f6c04",
        "title": {"en": "Tiny, with an identity check", "zh-CN": "核验小考"},
        "identity": "required",
    },
}


@pytest.fixture(scope="session")
def chromium_path(installed: Callable[..., str]) -> str:
    """The system's Chromium."""
    return installed("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def server(chromium_path: str) -> Iterator[Tree]:
    """The server of all journeys, with the small exam and its certificate."""
    home = Path(tempfile.mkdtemp(prefix="assay-browser-"))
    home.chmod(0o711)  # for the user that runs PostgreSQL when the tests are run by root
    tree = Tree(home / "data", _settings(home))
    with no_process_left(tree):
        yield tree.start("--port", tree.environment["PORT"])
    shutil.rmtree(home)


def _settings(home: Path) -> dict[str, str]:
    bank = write_bank(home / "bank")
    plain = yaml.safe_load((bank / "blueprints" / f"{EXAM}.yaml").read_text(encoding="utf-8"))
    for name, more in _MORE_EXAMS.items():
        text = yaml.safe_dump(plain | more, allow_unicode=True)
        (bank / "blueprints" / f"{name}.yaml").write_text(text, encoding="utf-8")
    for name, text in _TASKS.items():
        (bank / "regression" / "line" / name).write_text(text, encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    # Passkeys belong to a host's name, and a certificate to an address that stays.
    return environment(
        ASSAY_BANK=str(bank),
        ASSAY_URL=f"http://localhost:{port}",
        ASSAY_ISSUER="Example Certification",
        ASSAY_STRIPE_SECRET_KEY="sk_test_1",
        ASSAY_STRIPE_WEBHOOK_SECRET="whsec_1",
        ASSAY_STRIPE_API=_NOBODY,
        ASSAY_OIDC=json.dumps([_CAMPUS | {"issuer": _NOBODY}]),
        PORT=str(port),
    )


@pytest.fixture(scope="module")
def chromium(chromium_path: str) -> Iterator[Browser]:
    """A running browser. Not for the session: it holds an event loop, and others need theirs."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=_CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def albums(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of all screenshots: ASSAY_SCREENSHOTS, else one of pytest's."""
    named = os.environ.get("ASSAY_SCREENSHOTS")
    return Path(named) if named else tmp_path_factory.mktemp("screenshots")


Visit = Callable[..., AbstractContextManager[Visitor]]


@pytest.fixture
def visit(server: Tree, chromium: Browser, albums: Path) -> Visit:
    """Opens a browser for somebody who is named; see `visiting` for the circumstances."""

    def act(name: str, **circumstances: Any) -> AbstractContextManager[Visitor]:
        address = server.environment["ASSAY_URL"]
        return visiting(chromium, address, albums / name, **circumstances)

    return act


@pytest.fixture(scope="session")
def mail(server: Tree) -> Path:
    """The folder that letters are written to."""
    return server.data / "mail"
