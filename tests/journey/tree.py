"""A real server in processes of its own, and a client for its API."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, TypeVar

import httpx
import psutil

from small_bank import EXAM

PATIENCE = 60.0  # seconds; only a failing test waits so long
T = TypeVar("T")


def eventually(look: Callable[[], T], *, seconds: float = PATIENCE) -> T:
    """Return what `look` returns once it is true."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
    return found


@dataclass
class Tree:
    """`python -m assay.server serve` on one data folder."""

    data: Path
    environment: Mapping[str, str]
    process: subprocess.Popen[str] | None = None
    url: str = ""
    seen: dict[int, psutil.Process] = field(default_factory=dict)  # everything it ever had

    clients: list[httpx.Client] = field(default_factory=list)

    @property
    def errors(self) -> Path:
        return self.data.parent / "stderr.txt"

    def launch(self, *words: str) -> subprocess.Popen[str]:
        """Start the server; do not wait for it."""
        log: IO[str] = self.errors.open("w")
        with log:
            return subprocess.Popen(
                [*SERVER, "serve", "--data", str(self.data), "--port", "0", "--json", *words],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=self.environment,
            )

    def start(self, *words: str) -> Tree:
        """Start the server and wait until it is ready."""
        self.process = self.launch(*words)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"it did not start:\n{self.errors.read_text()}{self.logs()}"
        self.url = json.loads(line)["url"]
        self.look()
        return self

    def is_up(self) -> bool:
        """Say whether the server was started and has not ended since."""
        if self.process is not None and self.process.poll() is not None:
            self.gone()
        return self.process is not None

    def look(self) -> dict[str, psutil.Process]:
        """Return the processes of the tree by what they are."""
        assert self.process is not None
        found = {}
        root = psutil.Process(self.process.pid)
        for process in [root, *root.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                self.seen[process.pid] = process
                words = process.cmdline()
                for name in ("web", "grader", "background", "serve"):
                    if name in words[:4] and "assay.server" in words:
                        found[name] = process
                if words and words[0].endswith("/postgres"):
                    found.setdefault("postgres", process)
                if "assay.grading.sandbox.parent" in words:
                    found.setdefault("sandbox", process)
        return found

    def remaining(self) -> list[str]:
        """Return the command lines of those that ever were in the tree and still run."""
        left = []
        for process in self.seen.values():
            with contextlib.suppress(psutil.NoSuchProcess):
                if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                    left.append(" ".join(process.cmdline()))
        return left

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Stop the server; return its exit code."""
        assert self.process is not None
        with contextlib.suppress(psutil.NoSuchProcess):
            self.look()
        self.process.send_signal(number)
        return self.gone()

    def kill_all(self) -> None:
        """`kill -9` for every process of the tree."""
        assert self.process is not None
        for process in [self.look()["serve"], *self.seen.values()]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self.gone()

    def gone(self) -> int:
        """Wait for the server to be gone; return its exit code."""
        assert self.process is not None
        assert self.process.stdout is not None
        code = self.process.wait(PATIENCE)
        self.process.stdout.close()
        self.process = None
        return code

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run another command of the server on the same folder."""
        return subprocess.run(
            [*SERVER, *words], capture_output=True, text=True, env=self.environment, check=False
        )

    def manage(self, *words: str) -> str:
        """Run a management command and return what it prints."""
        run = self.run("manage", "--data", str(self.data), *words)
        assert run.returncode == 0, run.stderr
        return run.stdout

    def logs(self) -> str:
        """Return the ends of all logs, for a test that fails."""
        return "".join(
            f"\n== {path.name}\n{path.read_text(errors='replace')[-2000:]}"
            for path in sorted((self.data / "log").glob("*.log"))
        )

    def running(self, *modules: str) -> set[int]:
        """Return the numbers of the tree's processes that run one of these modules."""
        assert self.process is not None
        found = set()
        for process in psutil.Process(self.process.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                if not set(modules).isdisjoint(process.cmdline()):
                    found.add(process.pid)
        return found

    def candidate(self, email: str) -> Candidate:
        """Register a candidate, have the variants drawn and start the clock."""
        candidate = self.registered(email)
        candidate.open()
        candidate.start()
        return candidate

    def registered(self, email: str) -> Candidate:
        """Register a candidate."""
        words = ["register_candidate", email, "--name", email, "--exam", EXAM, "--json"]
        registration = json.loads(self.manage(*words))
        client = httpx.Client(
            base_url=self.url,
            headers={"Authorization": f"Bearer {registration['token']}"},
            timeout=PATIENCE,
        )
        self.clients.append(client)
        return Candidate(client, registration["registration"])


SERVER = [sys.executable, "-m", "assay.server"]


@dataclass
class Candidate:
    """Somebody who sits the exam through the API."""

    client: httpx.Client
    registration: str
    sitting: str = ""

    def open(self) -> None:
        """Open the sitting; its variants are drawn from now on."""
        path = f"/api/registrations/{self.registration}/sitting"
        self.sitting = self._json("POST", path)["id"]

    def start(self) -> dict[str, Any]:
        """Wait until the variants are drawn, and start the clock; return the answer."""
        while self.look_at_sitting()["phase"] == "preparing":
            pass
        return self._json("POST", f"/api/sittings/{self.sitting}/start")

    def look_at_sitting(self) -> dict[str, Any]:
        """Return the sitting, as soon as it is prepared if that is still going on."""
        return self._json("GET", f"/api/sittings/{self.sitting}", params={"wait": 25})

    def cancel(self, submission: str) -> None:
        """Cancel a submission."""
        self._json("POST", f"/api/submissions/{submission}/cancel")

    def submit(self, model: bytes, slot: str = "Category1") -> dict[str, Any]:
        """Upload a model and return the submission as it stands then."""
        return self._json(
            "POST",
            f"/api/sittings/{self.sitting}/tasks/{slot}/submissions",
            params={"name": "mymodel.h5"},
            content=model,
        )

    def look(self, submission: str) -> dict[str, Any]:
        """Return the submission as it stands now."""
        return self._json("GET", f"/api/submissions/{submission}")

    def verdict(self, submission: str) -> dict[str, Any]:
        """Wait for the submission to be final."""
        while True:
            found = self._json("GET", f"/api/submissions/{submission}", params={"wait": 25})
            if found["state"] not in {"queued", "grading"}:
                return found

    def moved_to(self, url: str) -> Candidate:
        """Go on with a server that has started again on another port."""
        self.client.base_url = httpx.URL(url)
        return self

    def _json(self, method: str, path: str, **rest: Any) -> dict[str, Any]:
        answer = self.client.request(method, path, **rest)
        assert answer.is_success, f"{answer.status_code} {answer.text}"
        content: dict[str, Any] = answer.json()
        return content


@contextlib.contextmanager
def no_process_left(tree: Tree) -> Iterator[None]:
    """Check at the end that nothing of the tree runs any more; kill it if a test failed."""
    try:
        yield
        if tree.process is not None:
            tree.stop()
        eventually(lambda: not tree.remaining(), seconds=10)
    except BaseException:
        print(tree.logs())
        raise
    finally:
        for client in tree.clients:
            client.close()
        for process in tree.seen.values():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        if tree.process is not None:
            tree.process.kill()
            tree.gone()


def copy_of(data: Path, home: Path) -> Path:
    """Copy a data folder to a place of its own; return the copy."""
    place = Path(tempfile.mkdtemp(dir=home))
    place.chmod(0o711)  # for the user that runs PostgreSQL when the tests are run by root
    # The database's files belong to another user where the tests are run by root.
    subprocess.run(["cp", "-a", str(data), str(place / "data")], check=True)
    return place / "data"


def environment(**more: str) -> dict[str, str]:
    """Return this process's environment without its own settings of Assay."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("ASSAY_")}
    plain.pop("DJANGO_SETTINGS_MODULE", None)
    return plain | more
