"""Where one is signed in: `accounts.json` in the user's configuration folder, mode 600.

    {"format_version": 1, "language": "zh-CN", "current": "https://exam.example.org",
     "tokens": {"https://exam.example.org": "…", "http://127.0.0.1:8766": "…"},
     "practice": ["http://127.0.0.1:8766"], "keyring": ["https://other.example.org"]}

The tokens of the servers under "keyring" are kept by the system; see `vault`.
Several servers may be known, so that practice does not sign anybody out of an exam.
ASSAY_CONFIG names another folder; ASSAY_SERVER and ASSAY_TOKEN override what is stored.
Light on purpose: every command reads the language from here.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from assay.cli import vault
from assay.cli.failures import BadServer, DamagedSettings, NewerSettings, NoServer, NotSignedIn
from assay.messages import Language

FORMAT_VERSION = 1
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, kw_only=True)
class Account:
    """One server and the right to speak to it."""

    server: str  # normal form of its address, see `normal_address`
    token: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Accounts:
    """What `assay login` has stored."""

    language: Language | None = None
    current: str | None = None  # the server that was signed in to last
    tokens: Mapping[str, str] = field(default_factory=dict, repr=False)  # by server
    practice: tuple[str, ...] = ()  # servers that `assay practice` has started here
    keyring: tuple[str, ...] = ()  # servers whose tokens the system's keyring has

    def signed_in(
        self, account: Account, language: Language | None, *, in_keyring: bool = False
    ) -> Accounts:
        """Return the accounts with `account` added and made the current one.

        Args:
            account: The server and its token.
            language: Chosen with it; None to leave it as it is.
            in_keyring: The token is kept by the system, and not here.
        """
        others = {s: t for s, t in self.tokens.items() if s != account.server}
        elsewhere = {*self.keyring} - {account.server}
        return replace(
            self,
            current=account.server,
            tokens=others if in_keyring else {**others, account.server: account.token},
            keyring=tuple(sorted(elsewhere | {account.server} if in_keyring else elsewhere)),
            language=language or self.language,
        )

    def practising(self, account: Account) -> Accounts:
        """Return the accounts with a practice server added.

        Practice signs nobody out: the current server stays, if there is one.
        """
        return replace(
            self,
            current=self.current or account.server,
            tokens={**self.tokens, account.server: account.token},
            practice=tuple(sorted({*self.practice, account.server})),
        )

    def choose(self, environment: Mapping[str, str], *, server: str | None = None) -> Account:
        """Return the account that a command speaks with.

        Args:
            environment: ASSAY_SERVER and ASSAY_TOKEN override what is stored.
            server: The server of the exam folder one is in, if any.

        Raises:
            NoServer: No server is known.
            NotSignedIn: There is no token for the server.
            BadServer: ASSAY_SERVER is no address.
        """
        named = environment.get("ASSAY_SERVER")
        server = server or (normal_address(named) if named else self.current)
        if server is None:
            raise NoServer
        token = environment.get("ASSAY_TOKEN") or self.tokens.get(server)
        if not token and server in self.keyring:
            token = vault.get(server)
        if not token:
            raise NotSignedIn(server=server)
        return Account(server=server, token=token)


def path() -> Path:
    """Return where the accounts are stored."""
    return config_folder() / "accounts.json"


def config_folder() -> Path:
    """Return the folder of the user's settings."""
    named = os.environ.get("ASSAY_CONFIG")
    if named:
        return Path(named)
    import platformdirs  # noqa: PLC0415 - not needed by most calls

    return platformdirs.user_config_path("assay", appauthor=False)


def load(file: Path) -> Accounts:
    """Return the stored accounts; none if there is no `file`.

    Raises:
        NewerSettings: They were written by a newer Assay.
        DamagedSettings: They cannot be read.
    """
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
        if record["format_version"] > FORMAT_VERSION:
            raise NewerSettings(
                file=str(file), received=record["format_version"], expected=FORMAT_VERSION
            )
        language = record.get("language")
        return Accounts(
            language=Language(language) if language else None,
            current=record.get("current"),
            tokens={str(k): str(v) for k, v in record["tokens"].items()},
            practice=tuple(map(str, record.get("practice", ()))),
            keyring=tuple(map(str, record.get("keyring", ()))),
        )
    except FileNotFoundError:
        return Accounts()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedSettings(file=str(file), reason=str(error)) from error


def save(file: Path, accounts: Accounts) -> None:
    """Store `accounts` in `file`, readable by its owner only."""
    record = {
        "format_version": FORMAT_VERSION,
        "language": accounts.language,
        "current": accounts.current,
        "tokens": dict(accounts.tokens),
        "practice": list(accounts.practice),
        "keyring": list(accounts.keyring),
    }
    from assay.workspace.atomic import write_atomically  # noqa: PLC0415 - rarely needed

    write_atomically(file, (json.dumps(record, indent=2) + "\n").encode())


def normal_address(given: str) -> str:
    """Return the address of a server in normal form: `scheme://host[:port][/path]`.

    Without a scheme, https is meant, except on the machine itself.

    Raises:
        BadServer: It is no address.
    """
    text = given.strip()
    if "://" not in text:
        host = urlsplit(f"//{text}").hostname
        text = f"{'http' if host in _LOOPBACK else 'https'}://{text}"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise BadServer(received=given) from error
    host = (parts.hostname or "").lower()
    odd = parts.scheme not in _DEFAULT_PORTS or parts.username or parts.query or parts.fragment
    if odd or not host or any(character.isspace() for character in host):
        raise BadServer(received=given)
    shown = f"[{host}]" if ":" in host else host
    if port is not None and port != _DEFAULT_PORTS[parts.scheme]:
        shown += f":{port}"
    address_path = parts.path.rstrip("/").removesuffix("/api")
    return f"{parts.scheme}://{shown}{address_path}"


def is_loopback(server: str) -> bool:
    """Return whether `server` is on this machine."""
    return urlsplit(server).hostname in _LOOPBACK


def is_open_to_listeners(server: str) -> bool:
    """Return whether what is sent to `server`, the token too, can be read on the way."""
    return urlsplit(server).scheme == "http" and not is_loopback(server)
