"""What staff tell those who sit: each announcement stands out once in an exam folder."""

from __future__ import annotations

from collections.abc import Collection

from rich.text import Text

from assay.cli.talk import Talk, local_time
from assay.messages import N_
from assay.wire import Announcement, Sitting
from assay.workspace import Workspace, announcements


def seen_in(workspace: Workspace | None) -> frozenset[str]:
    """Return the announcements that were shown in `workspace`; none where there is none."""
    return frozenset() if workspace is None else announcements.seen(workspace)


def posted(sitting: Sitting, talk: Talk, *, seen: Collection[str]) -> list[Text]:
    """Return what is announced now, in words; what was `seen` before is dimmed."""
    return [
        _words(each, talk, style="dim" if each.id in seen else "bold yellow")
        for each in sitting.announcements
    ]


def tell_new(sitting: Sitting, workspace: Workspace | None, talk: Talk) -> None:
    """Say what was not said before in `workspace`, and remember that it was."""
    seen = seen_in(workspace)
    for each in sitting.announcements:
        if each.id not in seen:
            talk.tell(_words(each, talk, style="bold yellow"))
    note(sitting, workspace, talk)


def note(sitting: Sitting, workspace: Workspace | None, talk: Talk) -> None:
    """Remember that everything announced in `sitting` was shown.

    Not where JSON is wanted: a program may keep from the person what it reads.
    """
    if workspace is not None and not talk.as_json:
        announcements.note(workspace, (each.id for each in sitting.announcements))


def _words(announcement: Announcement, talk: Talk, *, style: str) -> Text:
    head = talk.in_words(N_("From the staff, {time}:"), time=local_time(announcement.at))
    return Text(f"{head}\n{announcement.text}", style=style)
