"""`assay start`: from a registration to an exam folder whose clock runs, resumable anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from assay.cli import preparing
from assay.cli.announcements import note, seen_in
from assay.cli.api import Api
from assay.cli.failures import NoRegistration, NoSuchExam, WhichExam
from assay.cli.here import account_for, connected, workspace_at
from assay.cli.http import MORE_PATIENCE
from assay.cli.options import ExamFolder, Json, OwnEnvironment, Yes
from assay.cli.standing import picture, seconds_left
from assay.cli.talk import Talk, length_of, local_time
from assay.messages import N_
from assay.wire import Exam, Phase, Registration, Sitting
from assay.workspace import EnvironmentKind, Manifest, Workspace, can_become_workspace, ide
from assay.workspace.errors import OtherSitting

DETAILS = {
    "start": N_(
        "Opens your sitting, downloads the sealed tasks, makes a Python environment with the "
        "exam's framework, and only then asks whether to start the clock: nothing before that "
        "costs exam time. Interrupted anywhere, the same command goes on where it was. A file of "
        "yours is never overwritten."
    )
}
STARTED = {Phase.RUNNING, Phase.PAUSED}
OPEN = {Phase.PREPARING, Phase.READY, *STARTED}


def start(
    folder: ExamFolder = None,
    *,
    exam: Annotated[
        str | None,
        typer.Option(
            "--exam",
            metavar="NAME",
            help=N_("Name of the exam, if you have several."),
            show_default=False,
        ),
    ] = None,
    no_env: OwnEnvironment = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Prepare the exam folder and press Start."""
    talk = Talk(as_json=as_json)
    place = Path.cwd() if folder is None else folder.absolute()
    workspace = workspace_at(place) if folder is None else _workspace_of(place)
    account = account_for(workspace)
    with connected(account, talk, patience=MORE_PATIENCE) as api:
        if workspace is not None:
            if exam is not None and exam != workspace.manifest.exam:
                raise OtherSitting(
                    folder=str(workspace.root),
                    exam=workspace.manifest.title,
                    sitting=workspace.manifest.sitting,
                )
            sitting = api.sitting(workspace.manifest.sitting)
        else:
            sitting = _sitting_for(api, exam)
        begin(
            api,
            sitting,
            talk,
            wanted=Wanted(folder=folder, workspace=workspace, own_environment=no_env, yes=yes),
        )


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What was asked of `start` on the command line."""

    folder: Path | None  # as named; None for a new one here
    workspace: Workspace | None  # the one that is there already
    own_environment: bool
    yes: bool
    command: str = "assay start"  # what brings the person back here


def begin(api: Api, sitting: Sitting, talk: Talk, *, wanted: Wanted) -> None:
    """Bring a sitting from wherever it is to a running clock and open tasks.

    Raises:
        NotConfirmed: Everything is ready, but Start was not pressed.
        AssayError: Whatever else keeps it from running.
    """
    if sitting.phase not in OPEN:
        talk.show(picture(sitting, talk, seconds_left=None))
        talk.give({"workspace": None, "sitting": sitting.model_dump(mode="json")})
        talk.say(N_("→ To begin another exam, name a new folder: assay start FOLDER"))
        return
    _say_rules(sitting.exam, talk, running=sitting.phase in STARTED)
    workspace = _make_folder(api, sitting, talk, wanted)
    sitting = preparing.wait_until_ready(api, sitting, talk)
    preparing.download(api, sitting, workspace, talk)
    ide.write(workspace)
    preparing.make_environment(workspace, talk)
    if sitting.phase not in STARTED:
        talk.tell()
        talk.confirm(
            N_(
                "Everything is ready. Start the clock now? You have {time} from here on, and "
                "promise to keep to the rules."
            ),
            yes=wanted.yes,
            command=f"{wanted.command} {_shown(workspace.root)}",
            time=length_of(sitting.exam.duration),
        )
    started = api.start(sitting.id)
    preparing.open_bundles(api, started, workspace, talk)
    _say_next(started.sitting, workspace, talk)


def _sitting_for(api: Api, exam: str | None) -> Sitting:
    """Return the open sitting of the wanted exam, or open one."""
    registrations = api.registrations()
    if exam is not None:
        named = [r for r in registrations if r.exam.name == exam]
        if registrations and not named:
            raise NoSuchExam(received=exam, exams=_names(registrations))
        registrations = named
    if not registrations:
        raise NoRegistration(email=api.me().email, server=api.server)
    for registration in registrations:
        if registration.sitting is not None:
            sitting = api.sitting(registration.sitting)
            if sitting.phase in OPEN:
                return sitting
    possible = [r for r in registrations if r.obstacle is None]
    if len({r.exam.name for r in possible}) > 1:
        raise WhichExam(exams=_names(possible))
    if possible:
        return api.open_sitting(min(possible, key=lambda r: r.valid_until).id)
    # The server says best why nothing is possible.
    return api.open_sitting(max(registrations, key=lambda r: r.valid_until).id)


def _names(registrations: list[Registration]) -> str:
    return ", ".join(sorted({r.exam.name for r in registrations}))


def _workspace_of(folder: Path) -> Workspace | None:
    """The exam folder at exactly `folder`: one above it does not count where a name was given."""
    found = workspace_at(folder)
    return found if found is not None and found.root == folder.absolute() else None


def _make_folder(api: Api, sitting: Sitting, talk: Talk, wanted: Wanted) -> Workspace:
    record = Manifest(
        server=api.server,
        sitting=sitting.id,
        exam=sitting.exam.name,
        title=sitting.exam.title,
        language=talk.language,
        slots=tuple(sitting.exam.slots),
        requirements=tuple(sitting.exam.environment),
        environment=EnvironmentKind.OWN if wanted.own_environment else EnvironmentKind.MANAGED,
    )
    if wanted.workspace is not None:
        earlier = wanted.workspace.manifest
        kept = EnvironmentKind.OWN if wanted.own_environment else earlier.environment
        wanted.workspace.check_sitting(sitting.id)
        return wanted.workspace.with_manifest(
            record.model_copy(update={"environment": kept, "language": earlier.language})
        )
    around = workspace_at(Path.cwd())  # an exam folder is not made inside another one
    root = wanted.folder or _free_folder(around.root.parent if around else Path.cwd(), sitting)
    return Workspace.create(root, record)


def _free_folder(place: Path, sitting: Sitting) -> Path:
    """The first of `assay-developer`, `assay-developer-2`, … that this sitting can have."""
    number = 1
    while True:
        folder = place / f"assay-{sitting.exam.name}{'' if number == 1 else f'-{number}'}"
        number += 1
        if can_become_workspace(folder):
            return folder
        workspace = _workspace_of(folder)
        if workspace is not None:
            try:
                workspace.check_sitting(sitting.id)
            except OtherSitting:
                continue
            return folder


def _say_rules(exam: Exam, talk: Talk, *, running: bool) -> None:
    if running:
        talk.say(N_("Your exam is running; going on where it was."), style="cyan")
        return
    words = talk.in_words
    weights = talk.listed(f"{slot.title} {slot.weight} %" for slot in exam.slots)
    rules = [
        words(N_("{count} categories: {weights}"), count=len(exam.slots), weights=weights),
        words(
            N_("You have {time} from Start, without a pause. Then the exam ends by itself."),
            time=length_of(exam.duration),
        ),
        words(N_("You pass with {pass_mark:g} % of the weighted total."), pass_mark=exam.pass_mark),
        words(
            N_(
                "Submit each category as often as you like; the best points count. A submission "
                "counts if it has arrived completely when the time is up."
            )
        ),
        words(
            N_(
                "Any book, any website and any machine may be used for training. "
                "Only the model file comes back."
            )
        ),
        words(
            N_(
                "The work is yours alone. No other person helps you, and you show the tasks to "
                "nobody, neither during the exam nor after it."
            )
        ),
        words(
            N_(
                "First the tasks are downloaded, sealed, and the Python environment is made. "
                "The clock starts only when you say so."
            )
        ),
    ]
    listed = Table.grid(padding=(0, 1))
    for rule in rules:
        listed.add_row("•", Text(rule))
    talk.tell(Panel(listed, title=Text(exam.title), expand=False))


def _say_next(sitting: Sitting, workspace: Workspace, talk: Talk) -> None:
    seen = seen_in(workspace)
    talk.show(picture(sitting, talk, seconds_left=seconds_left(sitting), seen=seen), Text())
    note(sitting, workspace, talk)
    talk.give({"workspace": str(workspace.root), "sitting": sitting.model_dump(mode="json")})
    if sitting.deadline is not None:
        talk.say(
            N_("The clock runs until {time}. Good luck!"),
            style="bold green",
            time=local_time(sitting.deadline),
        )
    first = workspace.slots[0]
    talk.say(
        N_(
            "→ Open {folder} in your editor, or type: cd {path}\n"
            "  then fill in starter.py, run it, and type: assay submit"
        ),
        folder=_shown(workspace.root),
        path=_shown(workspace.slot_folder(first)),
    )


def _shown(path: Path) -> str:
    """A path as short as it can be typed from here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
