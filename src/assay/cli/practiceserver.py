"""The practice server in the background: start it, find it, stop it, register with it."""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from assay.cli import childserver
from assay.cli.accounts import Account
from assay.cli.failures import PracticeDidNotStart
from assay.workspace.atomic import write_atomically

_PORT = 8766  # preferred: exam folders know the address
_EMAIL = "me@localhost"  # of oneself; its mail is a file in the data folder
_FOLDERS = frozenset({"ASSAY_BANK", "ASSAY_DATA_MIRROR", "ASSAY_DATA_CACHE"})
_LOG_LINES = 15  # of the log, shown when the server did not start


@dataclass(frozen=True, kw_only=True)
class Home:
    """Where a practice server keeps everything."""

    data: Path  # absolute

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.data / "practice.log"

    @property
    def _note(self) -> Path:
        return self.data / "practice.json"  # mode 600: address and token of the last time

    def remember(self, account: Account) -> None:
        """Keep the account for the next start."""
        note = {"server": account.server, "token": account.token}
        if self._read() != note:
            write_atomically(self._note, json.dumps(note).encode())

    def token(self) -> str | None:
        """Return the token of the last time."""
        return self._read().get("token")

    def server(self) -> str | None:
        """Return the address of the last time."""
        return self._read().get("server")

    def _read(self) -> dict[str, str]:
        with contextlib.suppress(OSError, ValueError):
            return dict(json.loads(self._note.read_text(encoding="utf-8")))
        return {}


def default_data() -> Path:
    """Return where the practice server keeps its data, unless another place is named."""
    return platformdirs.user_data_path("assay", appauthor=False) / "practice"


def running(home: Home) -> str | None:
    """Return the address of the running server, or None.

    Raises:
        ExtraMissing: The server's packages are not installed.
    """
    answer = childserver.ask("status", "--data", str(home.data), "--json")
    return str(json.loads(answer.stdout)["url"]) if answer.returncode == 0 else None


def start(home: Home) -> str:
    """Start the server in the background; return its address once it is ready.

    Raises:
        PracticeDidNotStart: It ended before it was ready; what it said is in the message.
        ExtraMissing: The server's packages are not installed.
    """
    home.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    words = ["serve", "--practice", "--data", str(home.data), "--port", str(_free_port(home))]
    command = childserver.command(*words, "--json")
    with home.log.open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own program
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=home.data,
            env=for_elsewhere(os.environ),
            **_detached(),
        )
    assert process.stdout is not None
    try:
        with process.stdout as out:
            line = out.readline()
    except KeyboardInterrupt:
        process.terminate()
        raise
    if not line:
        said = home.log.read_text(encoding="utf-8", errors="replace").splitlines()
        raise PracticeDidNotStart(
            exit_code=process.wait(), said="\n".join(said[-_LOG_LINES:]), log=str(home.log)
        )
    process.returncode = 0  # it goes on without us: nobody is to wait for it
    return str(json.loads(line)["url"])


def stop(home: Home) -> bool:
    """Stop the server; return whether there was one.

    Raises:
        ExtraMissing: The server's packages are not installed.
    """
    return childserver.ask("stop", "--data", str(home.data)).returncode == 0


def register(home: Home, exam: str) -> str:
    """Register oneself for one more sitting; return a token.

    Raises:
        PracticeDidNotStart: The server refuses; what it said is in the message.
        ExtraMissing: The server's packages are not installed.
    """
    words = ["register_candidate", _EMAIL, "--name", _own_name(), "--exam", exam, "--json"]
    answer = childserver.ask("manage", "--data", str(home.data), "--", *words)
    if answer.returncode:
        raise PracticeDidNotStart(
            exit_code=answer.returncode, said=answer.stderr.strip(), log=str(home.log)
        )
    return str(json.loads(answer.stdout)["token"])


def for_elsewhere(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a process with another working folder.

    Folders that it names from here are named by their whole paths.
    """
    moved = {
        name: str(Path(value).absolute())
        for name, value in environment.items()
        if name in _FOLDERS and value and "://" not in value
    }
    return {**environment, **moved}


def _own_name() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no entry in the user database, as in some containers
        return "me"


def _free_port(home: Home) -> int:
    """The port of the last time, so that exam folders find their server; else any free one."""
    wanted = _PORT
    with contextlib.suppress(ValueError):
        wanted = int((home.server() or "").rpartition(":")[2])
    with socket.socket() as probe:
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            return 0
    return wanted


def _detached() -> dict[str, Any]:
    """How a process is started that outlives this one and its terminal."""
    if os.name == "posix":
        return {"start_new_session": True}
    flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.DETACHED_PROCESS  # type: ignore[attr-defined,unused-ignore]
    return {"creationflags": flags}
