"""The one frame of all mails to candidates, whichever app writes them.

An app says what a letter is made of: paragraphs, codes, tables, a button. The frame makes
two forms of it, text and HTML, which therefore cannot differ in what they say. The HTML
asks for nothing from anywhere: no pictures, no fonts, and nothing that tells who reads.
Each address can be read, too, and not just pressed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext

# What letters are made of ----------------------------------------------------------------------


@dataclass(frozen=True)
class Code:
    """A code to be typed in."""

    code: str

    kind: ClassVar[str] = "code"

    def as_text(self) -> str:
        """Return the code on a line of its own."""
        return self.code


@dataclass(frozen=True)
class Quote:
    """What a person wrote, word for word."""

    words: str

    kind: ClassVar[str] = "quote"

    def as_text(self) -> str:
        """Return the words as they are."""
        return self.words


@dataclass(frozen=True)
class Heading:
    """The heading of what follows."""

    heading: str

    kind: ClassVar[str] = "heading"

    def as_text(self) -> str:
        """Return the heading on a line of its own."""
        return self.heading


@dataclass(frozen=True)
class Remark:
    """A paragraph that is not the matter itself."""

    remark: str

    kind: ClassVar[str] = "remark"

    def as_text(self) -> str:
        """Return the paragraph as it is."""
        return self.remark


@dataclass(frozen=True)
class Facts:
    """Labels and values, as in a receipt."""

    facts: tuple[tuple[str, str], ...]

    kind: ClassVar[str] = "facts"

    def as_text(self) -> str:
        """Return a line for each."""
        said = gettext("%(label)s: %(value)s")
        return "\n".join(said % {"label": label, "value": value} for label, value in self.facts)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An entry of a list."""

    title: str
    note: str
    line: str  # both of them, as a line of text


@dataclass(frozen=True)
class Ranking:
    """A list whose order matters."""

    entries: tuple[Entry, ...]

    kind: ClassVar[str] = "ranking"

    def as_text(self) -> str:
        """Return a line for each entry."""
        return "\n".join(f"- {entry.line}" for entry in self.entries)


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table; as text its rows are sentences, since columns need a fixed width."""

    columns: tuple[str, ...]
    numbers: frozenset[int]  # which columns hold numbers, counted from 0
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[str, ...]  # the rows as sentences

    kind: ClassVar[str] = "table"

    def as_text(self) -> str:
        """Return a line for each row."""
        return "\n".join(self.lines)

    def head(self) -> Iterator[tuple[str, bool]]:
        """Yield the head of each column, and whether the column holds numbers."""
        return ((each, number in self.numbers) for number, each in enumerate(self.columns))

    def body(self) -> Iterator[list[tuple[str, bool]]]:
        """Yield the cells of each row, each with whether its column holds numbers."""
        for row in self.rows:
            yield [(each, number in self.numbers) for number, each in enumerate(row)]


@dataclass(frozen=True, kw_only=True)
class Address:
    """An address that is mentioned."""

    said: str  # what is there, with a colon
    address: str  # whole

    kind: ClassVar[str] = "address"

    def as_text(self) -> str:
        """Return the address on a line of its own."""
        return f"{self.said}\n{self.address}"


@dataclass(frozen=True, kw_only=True)
class Button:
    """Where the reader goes on."""

    label: str
    address: str  # whole

    kind: ClassVar[str] = "button"

    def as_text(self) -> str:
        """Return the address on a line of its own."""
        return gettext("%(link)s:") % {"link": self.label} + f"\n{self.address}"


Part = str | Code | Quote | Heading | Remark | Facts | Ranking | Table | Address | Button


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A mail without its frame, in the language that is active."""

    subject: str
    parts: tuple[Part, ...]  # a str is a paragraph; it may hold breaks of lines
    heading: str = ""  # over the letter (default: its subject)


# Their frame -----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Framed:
    """A letter in its frame, in both of its forms."""

    subject: str
    text: str
    html: str

    def mail(self, to: str) -> EmailMultiAlternatives:
        """Return the mail to an address."""
        mail = EmailMultiAlternatives(
            subject=self.subject, body=self.text, from_email=settings.DEFAULT_FROM_EMAIL, to=[to]
        )
        mail.attach_alternative(self.html, "text/html")
        return mail


def framed(letter: Letter, *, name: str) -> Framed:
    """Return a letter as plain text and as HTML.

    Args:
        letter: In the language that is active, which its frame is in too.
        name: Of the reader; may be empty.
    """
    greeting = [gettext("Dear %(name)s,") % {"name": name}] if name else []
    parts = [part if isinstance(part, str) else part.as_text() for part in letter.parts]
    sender = f"{settings.ISSUER_NAME}\n{settings.URL}"
    seen = {
        "letter": letter,
        "name": name,
        "language": translation.get_language(),
        "issuer_name": settings.ISSUER_NAME,
        "site_url": settings.URL,
    }
    return Framed(
        subject=letter.subject,
        text="\n\n".join([*greeting, *parts, sender]) + "\n",
        html=render_to_string("mail/letter.html", seen),
    )
