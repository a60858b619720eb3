"""`assay login`: sign in by the browser or with a token, and remember it."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from assay.cli import accounts, vault
from assay.cli.accounts import Account, is_open_to_listeners, normal_address
from assay.cli.browser import token_by_browser
from assay.cli.failures import NoServer
from assay.cli.here import connected
from assay.cli.options import Json
from assay.cli.talk import Talk
from assay.messages import N_, Language

DETAILS = {
    "login": N_(
        "Without --token the browser opens, on this machine or on any other one: sign in there and "
        "allow it. The token that comes of it is kept in the system's keyring if the package "
        "keyring is installed and works, else in a file that only you can read. Several servers "
        "may be signed in to; inside an exam folder, its own server is spoken to."
    )
}
_IMPATIENCE = 3.0  # seconds; a mistyped address should say so soon


def login(
    context: typer.Context,
    server: Annotated[
        str | None,
        typer.Argument(
            metavar="SERVER",
            help=N_("Address of the server, such as https://exam.example.org"),
            show_default=False,
        ),
    ] = None,
    *,
    token: Annotated[
        str | None,
        typer.Option(
            "--token", metavar="TOKEN", help=N_("The token of your invitation."), show_default=False
        ),
    ] = None,
    browser: Annotated[
        bool,
        typer.Option(
            "--browser/--no-browser", help=N_("Open the browser, or only say the address.")
        ),
    ] = True,
    as_json: Json = False,
) -> None:
    """Sign in to a server and remember it."""
    talk = Talk(as_json=as_json)
    named = server or os.environ.get("ASSAY_SERVER")
    if not named:
        raise NoServer
    address = normal_address(named)
    token = token or os.environ.get("ASSAY_TOKEN")
    if is_open_to_listeners(address):
        talk.warn(N_("{server} is not encrypted: others may read your token."), server=address)
    if not token:
        with connected(Account(server=address, token=""), talk, patience=_IMPATIENCE) as api:
            token = token_by_browser(api, talk, open_it=browser)
    account = Account(server=address, token=token.strip())
    with connected(account, talk, patience=_IMPATIENCE) as api:
        health = api.health()
        person = api.me()
    file = accounts.path()
    stored = accounts.load(file)
    named_language = Language.closest(context.obj) if context.obj else None
    chosen = named_language or (None if stored.language else person.language)
    kept = vault.put(address, account.token)
    accounts.save(file, stored.signed_in(account, chosen, in_keyring=kept))
    talk.say(
        N_("Signed in to {server} as {name} ({email})."),
        style="green",
        server=address,
        name=person.name,
        email=person.email,
    )
    talk.say(N_("→ Begin with: assay start"))
    talk.give(
        {
            "server": address,
            "version": health.version,
            "person": person.model_dump(mode="json"),
        }
    )
