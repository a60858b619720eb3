"""What a server without a mail server has written into its mail folder."""

from __future__ import annotations

import email
import re
from email import policy
from email.message import EmailMessage
from pathlib import Path

from tree import eventually

_BETWEEN = "-" * 79 + "\n"


def letters_to(folder: Path, address: str) -> list[EmailMessage]:
    """Return the letters to an address, oldest first."""
    files = sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime_ns)
    parts = [part for path in files for part in path.read_text("utf-8").split(_BETWEEN)]
    letters = [email.message_from_string(part, policy=policy.default) for part in parts if part]
    return [each for each in letters if each["To"] == address]


def text_of(letter: EmailMessage) -> str:
    """Return a letter's plain text."""
    body = letter.get_body(("plain",))
    assert body is not None
    text: str = body.get_content()
    return text


def code_sent_to(folder: Path, address: str) -> str:
    """Wait for the letter with the code that confirms an address; return the code."""
    letter = eventually(lambda: letters_to(folder, address))[0]
    found = re.search(r"^\s*([0-9A-Z]{3,4}-[0-9A-Z]{3,4})\s*$", text_of(letter), re.MULTILINE)
    assert found, text_of(letter)
    return found[1]
