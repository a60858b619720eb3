"""`assay submit`: upload a model file, wait for its points; Ctrl-C cancels."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.text import Text

from assay.cli.announcements import tell_new
from assay.cli.api import LONG_POLL, Api
from assay.cli.exits import ExitCode
from assay.cli.here import Here, here
from assay.cli.http import MORE_PATIENCE, Upload
from assay.cli.options import Json
from assay.cli.standing import Standing, stars, what_is_missing
from assay.cli.talk import Talk, Unit, size_of
from assay.errors import PlatformFault, Unreachable
from assay.messages import N_
from assay.wire import Problem, Sitting, Submission, SubmissionState
from assay.workspace import models
from assay.workspace.errors import NotAWorkspace
from assay.workspace.models import ModelFile
from assay.workspace.paths import tidy

DETAILS = {
    "submit": N_(
        "The file is mymodel.h5, mymodel.keras or mymodel.onnx in the category's folder, the "
        "newest of them, unless another is named. Ctrl-C cancels the submission; pressed twice it "
        "leaves at once. If the server is away, the same bytes are sent again until it is back, "
        "for up to three minutes; sending twice is harmless."
    )
}


def submit(
    number: Annotated[
        str | None,
        typer.Argument(
            metavar="N",
            show_default=False,
            help=N_("Number of the category; not needed inside its folder."),
        ),
    ] = None,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help=N_("The model file."), show_default=False)
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Submit a model file and wait for its points."""
    talk = Talk(as_json=as_json)
    if file is None and number is not None and _is_a_file(number):
        file = Path(number)
        number = None
    with here(talk, patience=MORE_PATIENCE) as place:
        sitting = place.sitting()
        tell_new(sitting, place.workspace, talk)
        slot = _slot(place, number, file, sitting)
        model = _model_file(place, slot, file)
        _say_what_is_sent(model, slot, place, talk)
        models.check_size(model, _limit(sitting, slot))
        sent = _send(place.api, sitting, slot, model, talk)
        final = _wait(place, sent, talk)
        _show(final, sitting, talk)
        talk.give(final)
    raise typer.Exit(_exit_code(final))


def _is_a_file(word: str) -> bool:
    """Whether the only word given is a file and not a number or a name of a category."""
    path = Path(word)
    return path.suffix in {Path(name).suffix for name in models.NAMES} or path.is_file()


def _slot(place: Here, number: str | None, file: Path | None, sitting: Sitting) -> str:
    """The category that is meant: as named, else the one whose folder the file is in."""
    if number is None and file is not None and place.workspace is not None:
        inside = place.workspace.slot_at(file)
        if inside is not None:
            return inside
    return place.slot(number, sitting, command="submit")


def _model_file(place: Here, slot: str, file: Path | None) -> ModelFile:
    workspace = place.workspace
    folder = None if workspace is None else workspace.slot_folder(slot)
    if file is not None:
        return models.given(file, folder=folder)
    if folder is None:
        raise NotAWorkspace(folder=str(place.place))
    return models.find(folder)


def _say_what_is_sent(model: ModelFile, slot: str, place: Here, talk: Talk) -> None:
    root = place.place if place.workspace is None else place.workspace.root
    try:
        shown = str(tidy(model.path).relative_to(root))
    except ValueError:
        shown = str(model.path)
    talk.say(
        N_("{slot}: submitting {file} ({size})"), slot=slot, file=shown, size=size_of(model.size)
    )
    lies_in = None if place.workspace is None else place.workspace.slot_at(model.path)
    if lies_in is not None and lies_in != slot:
        talk.warn(N_("This file lies in the folder of {other}."), other=lies_in)
    if model.passed_over:
        talk.warn(
            N_("It is the newest; left aside: {others}."), others=talk.listed(model.passed_over)
        )
    if model.is_older_than_starter:
        talk.warn(
            N_(
                "starter.py was changed after this model was saved. "
                "If the model should have the change, run starter.py first."
            )
        )


def _limit(sitting: Sitting, slot: str) -> int:
    return next(task.max_file_bytes for task in sitting.tasks if task.slot == slot)


def _send(api: Api, sitting: Sitting, slot: str, model: ModelFile, talk: Talk) -> Submission:
    upload = Upload.of(model.path)
    try:
        with talk.progress(N_("Uploading"), total=upload.size, unit=Unit.BYTES) as advance:
            return api.submit(sitting.id, slot, upload, on_progress=advance)
    except KeyboardInterrupt:
        talk.warn(N_("The upload was stopped; nothing was submitted."))
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    except (Unreachable, PlatformFault):
        talk.say(N_("Your file is still there: {file}"), file=str(model.path))
        raise


def _wait(place: Here, submission: Submission, talk: Talk) -> Submission:
    """Wait for the verdict; the first Ctrl-C cancels, the second leaves."""
    try:
        with talk.waiting(N_("Grading (Ctrl-C cancels)")):
            return _until_final(place, submission, talk)
    except KeyboardInterrupt:
        pass
    try:
        talk.warn(N_("Cancelling … (Ctrl-C again leaves at once)"))
        submission = place.api.cancel(submission.id)
        return _until_final(place, submission, talk)
    except KeyboardInterrupt:
        _leave(talk)


def _leave(talk: Talk) -> NoReturn:
    talk.warn(N_("Left. Whether it was graded or cancelled, you see with: assay status"))
    raise typer.Exit(ExitCode.INTERRUPTED)


def _until_final(place: Here, submission: Submission, talk: Talk) -> Submission:
    noticed: Problem | None = None
    asked = False
    while not submission.state.is_final:
        if asked:  # it takes long: time enough to be told something
            tell_new(place.sitting(), place.workspace, talk)
        submission, asked = place.api.submission(submission.id, wait=LONG_POLL), True
        if submission.notice is not None and submission.notice != noticed:
            noticed = submission.notice
            if not submission.state.is_final:
                talk.tell(Text(talk.sentences(noticed.message, noticed.remedy), "yellow"))
    return submission


def _show(submission: Submission, sitting: Sitting, talk: Talk) -> None:
    """Show the verdict: points and what is missing, or what to mend."""
    match submission.state:
        case SubmissionState.GRADED:
            title = next(t.title for t in sitting.tasks if t.slot == submission.slot)
            line = Text.assemble(
                (submission.slot, "bold"), "  ", title, "  ", stars(submission.points), "  ",
                (talk.in_words(N_("try {number}, best {best}/5"),
                               number=submission.number, best=submission.best), "dim"),
            )  # fmt: skip
            talk.show(line, what_is_missing(_standing_after(submission, sitting), talk))
        case SubmissionState.CANCELLED:
            talk.show(Text(talk.in_words(N_("Cancelled. It costs you nothing.")), "yellow"))
        case _:
            problem = submission.refusal or submission.notice
            assert problem is not None
            not_graded = talk.in_words(N_("{slot} was not graded."), slot=submission.slot)
            talk.show(
                Text(talk.sentences(not_graded, problem.message), "bold red"),
                Text(f"→ {problem.remedy}"),
            )


def _standing_after(submission: Submission, sitting: Sitting) -> Standing:
    """The standing with this submission in it, without asking the server again."""
    tasks = [
        task.model_copy(update={"best": submission.best}) if task.slot == submission.slot else task
        for task in sitting.tasks
    ]
    return Standing.of(sitting.model_copy(update={"tasks": tasks}), total=submission.total)


def _exit_code(submission: Submission) -> ExitCode:
    return {
        SubmissionState.GRADED: ExitCode.OK,
        SubmissionState.REFUSED: ExitCode.REFUSED,
        SubmissionState.CANCELLED: ExitCode.INTERRUPTED,
        SubmissionState.FAILED: ExitCode.PLATFORM_FAULT,
    }[submission.state]
