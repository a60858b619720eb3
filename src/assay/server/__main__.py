"""`python -m assay.server`: run the server, or one part of it."""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress

from assay.errors import AssayError
from assay.messages import N_, Language, lend, translate
from assay.server.embedded.errors import NotRunning
from assay.server.embedded.folder import DataFolder, ServerNote
from assay.server.embedded.lifeline import Lifeline
from assay.server.embedded.postgres import Postgres
from assay.server.embedded.supervisor import DATABASE, Options, Supervisor, exit_code
from assay.server.embedded.talk import Talk, exit_code_of, reader_language

_STOP_SECONDS = 60.0  # `stop` waits for the server to be gone
_NICENESS = 10  # of preparing, which must not delay a verdict
_FEWEST_GRADERS = 2  # a slow model must not hold up everybody


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code."""
    talk = Talk(reader_language())
    lend(talk.language)
    arguments = _parser(talk.language).parse_args(words)
    lifeline = Lifeline()
    try:
        command: Callable[[argparse.Namespace, Talk, Lifeline], int] = arguments.run
        return command(arguments, talk, lifeline)
    except AssayError as error:
        code = exit_code(error, exit_code_of(error))
        lifeline.failed(error, talk.language, code)
        talk.complain(error)
        return code


def _parser(language: Language) -> argparse.ArgumentParser:
    def told(message: str) -> str:
        return translate(message, language)

    about = told(N_("Run the server, or one part of it."))
    parser = argparse.ArgumentParser(prog="python -m assay.server", description=about)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run: Callable[..., int], text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=told(text), description=told(text))
        command.set_defaults(run=run)
        return command

    graders = os.cpu_count() or 1

    serve = add("serve", _serve, N_("Run everything on this machine."))
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8765, help=told(N_("0: any free one")))
    serve.add_argument(
        "--practice", action="store_true", help=told(N_("a private server for oneself"))
    )
    stop = add("stop", _stop, N_("Stop the server that runs on a data folder."))
    status = add("status", _status, N_("Say whether a server runs on a data folder, and where."))
    manage = add("manage", _manage, N_("Run a management command of Django on its database."))
    manage.add_argument("words", nargs=argparse.REMAINDER, metavar="...")
    add("migrate", _migrate, N_("Bring the database up to date (ASSAY_DATABASE_URL)."))
    web = add("web", _web, N_("Run the web part alone."))
    web.add_argument("--fd", type=int, help=argparse.SUPPRESS)
    web.add_argument(
        "--migrate", action="store_true", help=told(N_("bring the database up to date first"))
    )
    web.add_argument("--host", default="127.0.0.1")
    web.add_argument("--port", type=int, default=8765)
    grader = add("grader", _grader, N_("Run a grader alone."))
    background = add("background", _background, N_("Prepare variants and send mail."))
    for command in (serve, stop, status, manage):
        command.add_argument(
            "--data", help=told(N_("data folder (default: ASSAY_DATA, else ./.assay)"))
        )
    for command in (serve, status):
        command.add_argument("--json", action="store_true", dest="as_json")
    for command in (serve, grader, background):
        command.add_argument(
            "--graders",
            type=int,
            default=max(graders, _FEWEST_GRADERS),
            help=told(N_("submissions that are graded at the same time")),
        )
    return parser


def _serve(arguments: argparse.Namespace, talk: Talk, _: Lifeline) -> int:
    options = Options(
        host=arguments.host,
        port=arguments.port,
        graders=max(1, arguments.graders),
        practice=arguments.practice,
        as_json=arguments.as_json,
    )
    Supervisor(DataFolder.named(arguments.data), options, talk).run()
    return 0


def _running(folder: DataFolder) -> ServerNote:
    note = folder.note()
    if note is None:
        raise NotRunning(folder=str(folder.path))
    return note


def _stop(arguments: argparse.Namespace, talk: Talk, _: Lifeline) -> int:
    folder = DataFolder.named(arguments.data)
    pid = _running(folder).pid
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + _STOP_SECONDS
    while folder.is_locked():
        if time.monotonic() > deadline:
            talk.say(N_("The server (process {pid}) is still stopping."), pid=pid)
            return 1
        time.sleep(0.1)
    talk.say(N_("Stopped."))
    return 0


def _status(arguments: argparse.Namespace, talk: Talk, _: Lifeline) -> int:
    note = _running(DataFolder.named(arguments.data))
    if arguments.as_json:
        public = {key: value for key, value in vars(note).items() if key != "database"}
        print(json.dumps(public))  # noqa: T201 - the result
    else:
        talk.say(
            N_("Running at {url}: process {pid}, since {started_at}."),
            url=note.url,
            pid=note.pid,
            started_at=note.started_at,
        )
    return 0


def _manage(arguments: argparse.Namespace, talk: Talk, _: Lifeline) -> int:
    """Run Django's command on the running server's database, else on one started for it."""
    from django.core.management import execute_from_command_line  # noqa: PLC0415 - slow

    os.environ["ASSAY_LANGUAGE"] = talk.language  # settings.py makes it the active one
    folder = DataFolder.named(arguments.data)
    words = [word for word in arguments.words if word != "--"]
    note = folder.note()
    embedded = Postgres(folder)
    owned = note is None and DATABASE not in os.environ
    with folder.locked() if owned else nullcontext():
        try:
            if owned:
                os.environ[DATABASE] = embedded.prepare()
                embedded.start()
            elif note is not None:
                os.environ[DATABASE] = note.database
                os.environ.setdefault("ASSAY_URL", note.url)
            _use(folder)
            from assay.server.embedded import schema  # noqa: PLC0415 - needs Django

            try:
                if owned:
                    schema.migrate()
                execute_from_command_line(["manage", *words])
            finally:
                schema.close_connections()
        finally:
            if owned:
                embedded.stop()
    return 0


def _use(folder: DataFolder | None = None) -> None:
    """Set Django up, on a data folder if one is named."""
    if folder is not None:
        os.environ["ASSAY_DATA"] = str(folder.path)
    os.environ["DJANGO_SETTINGS_MODULE"] = "assay.server.settings"
    import django  # noqa: PLC0415 - slow

    django.setup()


def _migrate(_arguments: argparse.Namespace, _talk: Talk, _: Lifeline) -> int:
    _use()
    from assay.server.embedded import schema  # noqa: PLC0415 - needs Django

    try:
        schema.migrate()
    finally:
        schema.close_connections()
    return 0


def _web(arguments: argparse.Namespace, _: Talk, lifeline: Lifeline) -> int:
    _use()
    from assay.server.embedded import schema  # noqa: PLC0415 - needs Django
    from assay.server.embedded.web import serve  # noqa: PLC0415 - needs Django

    lifeline.await_go()
    if arguments.migrate:
        schema.migrate()
        lifeline.migrated()
    if arguments.fd is not None:
        listener = socket.socket(fileno=arguments.fd)
    else:
        listener = socket.create_server((arguments.host, arguments.port))
    serve(lifeline, listener)
    return 0


def _grader(arguments: argparse.Namespace, _: Talk, lifeline: Lifeline) -> int:
    _use()
    from assay.server.embedded.work import GRADER, work  # noqa: PLC0415 - needs Django

    practice = os.environ.get("ASSAY_PRACTICE") == "1"
    work(GRADER, lifeline, concurrency=max(1, arguments.graders), practice=practice)
    return 0


def _background(arguments: argparse.Namespace, _: Talk, lifeline: Lifeline) -> int:
    with suppress(AttributeError, OSError):  # not on Windows
        os.nice(_NICENESS)
    _use()
    from assay.server.embedded.work import BACKGROUND, work  # noqa: PLC0415 - needs Django

    work(BACKGROUND, lifeline, concurrency=max(1, arguments.graders), practice=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
