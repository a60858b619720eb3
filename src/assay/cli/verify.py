"""`assay verify`: check a certificate anywhere, without an account and without a server."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer
from rich.table import Table
from rich.text import Text

from assay import badges
from assay.badges import Verified, printable
from assay.cli.accounts import is_open_to_listeners
from assay.cli.exits import exit_code_of
from assay.cli.issuers import Issuers
from assay.cli.options import Json
from assay.cli.standing import stars
from assay.cli.tables import bare_table
from assay.cli.talk import Talk, local_time
from assay.cli.told import problem_of
from assay.errors import CredentialError, UsageError
from assay.messages import N_
from assay.wire import TOP_POINTS

DETAILS = {
    "verify": N_(
        "The public key is fetched from the issuer's own address; with --key it is read from a "
        "file and nothing is fetched. Exit codes: 0 valid, 14 expired or not valid yet, "
        "11 not to be trusted, 8 the issuer does not answer, so nothing is known."
    )
}
_MOST_BYTES = 1_000_000  # of a file


class NoSuchFile(UsageError):
    """There is no such file."""

    code = "no_such_file"
    message = N_("There is no file {file}, and it is no address that starts with https:// either.")
    remedy = N_("Name a .jwt or .json file, or the address of a certificate's page.")


class NotTheirs(CredentialError):
    """It was issued to somebody else."""

    code = "credential_not_theirs"
    message = N_("The certificate is genuine, but was not issued to {email}.")
    remedy = N_("Ask its holder which address they had registered with.")


def verify(
    source: Annotated[
        str,
        typer.Argument(
            metavar="FILE-OR-URL",
            show_default=False,
            help=N_("A .jwt or .json file, or the address of a certificate's page."),
        ),
    ],
    *,
    key: Annotated[
        Path | None,
        typer.Option(
            "--key",
            metavar="JWK_FILE",
            show_default=False,
            help=N_("The issuer's public key (a JWK or a JWK set); nothing is fetched for it."),
        ),
    ] = None,
    email: Annotated[
        str | None,
        typer.Option(show_default=False, help=N_("Also check that it was issued to this address.")),
    ] = None,
    as_json: Json = False,
) -> None:
    """Check a certificate and show what it says."""
    talk = Talk(as_json=as_json)
    issuers = Issuers(talk.language)
    url = source if source.lower().startswith(("http://", "https://")) else None
    text = issuers.certificate(url) if url else _read(Path(source))
    document = badges.open_document(text)
    find_key = badges.held_key(*_keys(key)) if key else badges.published_key(issuers.key)
    now = datetime.now(UTC)
    late: badges.OutOfTime | None = None
    try:
        verified = badges.verify(document.token, find_key, now=now)
    except badges.OutOfTime as error:
        verified, late = error.verified, error
    if url:
        issuers.same(url, verified.issuer_id)
    if email and not verified.belongs_to(email):
        raise NotTheirs(email=email)
    _show(verified, late, key, talk)
    talk.give(_as_json(verified, late, now, talk))
    if late is not None:
        raise typer.Exit(exit_code_of(late))


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise badges.Malformed(detail=path.name)
        return path.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise badges.Malformed(detail=path.name) from error
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        raise NoSuchFile(file=printable(str(path))) from error


def _keys(path: Path) -> Iterable[badges.PublicKey]:
    """Return the keys in a file that holds one JWK or a set of them."""
    text = _read(path)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    listed = value.get("keys") if isinstance(value, dict) else None
    return [badges.PublicKey.from_jwk(each) for each in listed or [value]]


def _show(verified: Verified, late: badges.OutOfTime | None, key: Path | None, talk: Talk) -> None:
    words = talk.in_words
    if late is None:
        verdict = Text(f"✓ {words(N_('This certificate is valid.'))}", "bold green")
    else:
        verdict = Text(f"✗ {late.render(talk.language).message}", "bold yellow")
    facts = Table.grid(padding=(0, 3, 0, 0))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(overflow="fold")
    for name, value in _facts(verified, talk):
        facts.add_row(words(name), printable(value))
    talk.show(verdict, Text(), facts)
    if verified.marks:
        talk.show(Text(), _marks(verified, talk))
    if late is not None:
        talk.say(f"→ {late.render(talk.language).remedy}")
    if key:
        talk.say(N_("→ Checked with the key in {file}; nothing was fetched for it."), file=str(key))
    else:
        talk.say(
            N_("→ Signed by whoever runs {host}. Whether to trust them is for you to decide."),
            host=printable(urlsplit(verified.issuer_id).netloc),
        )
        if is_open_to_listeners(verified.issuer_id):
            talk.warn(
                N_(
                    "The key came over http://, so anybody in the network on the way could have "
                    "exchanged it. Ask the issuer for an https:// address."
                )
            )


def _facts(verified: Verified, talk: Talk) -> Iterable[tuple[str, str]]:
    if verified.holder_name:
        yield N_("Name"), verified.holder_name
    yield N_("Exam"), verified.achievement_name
    if verified.total is not None and verified.pass_mark is not None:
        result = talk.in_words(
            N_("{total:g} % ({pass_mark:g} % needed)"),
            total=verified.total,
            pass_mark=verified.pass_mark,
        )
        yield N_("Result"), result
    yield N_("Issued on"), local_time(verified.valid_from)
    if verified.valid_until is not None:
        yield N_("Valid until"), local_time(verified.valid_until)
    yield N_("Issued by"), f"{verified.issuer_name}, {verified.issuer_id}"
    yield N_("Page"), verified.id
    yield N_("Key"), verified.key.kid


def _marks(verified: Verified, talk: Talk) -> Table:
    table = bare_table()
    table.add_column(talk.in_words(N_("Category")))
    table.add_column(talk.in_words(N_("Task")))
    table.add_column(talk.in_words(N_("Points")), no_wrap=True)
    for mark in verified.marks:
        usual = mark.value_max == str(TOP_POINTS) and mark.value in set("012345")
        points = stars(int(mark.value)) if usual else Text(printable(mark.value))
        table.add_row(printable(mark.name), printable(mark.item or ""), points)
    return table


def _as_json(
    verified: Verified, late: badges.OutOfTime | None, now: datetime, talk: Talk
) -> dict[str, Any]:
    until = verified.valid_until
    return {
        "valid": late is None,
        "checked_at": now.isoformat(),
        "problem": None if late is None else problem_of(late, talk.language).model_dump(),
        "certificate": {
            "id": verified.id,
            "number": verified.number,
            "name": verified.holder_name,
            "exam": {"id": verified.achievement_id, "title": verified.achievement_name},
            "issuer": {"id": verified.issuer_id, "name": verified.issuer_name},
            "total": verified.total,
            "pass_mark": verified.pass_mark,
            "slots": [
                {
                    "slot": mark.slot,
                    "title": mark.name,
                    "points": mark.value,
                    "points_max": mark.value_max,
                    "item": mark.item,
                    "skills": list(mark.skills),
                }
                for mark in verified.marks
            ],
            "valid_from": verified.valid_from.isoformat(),
            "valid_until": until.isoformat() if until else None,
        },
        "key": verified.key.kid,
    }
