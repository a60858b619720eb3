"""Translation of everything that the core says to a person.

Message ids are English sentences with `str.format` fields. They are marked with
`N_` where they are written and translated at the edge, where the reader's
language is known: the command line's environment, a request's header, a
candidate's choice for mail.
"""

from __future__ import annotations

import functools
import gettext
import os
import re
import string
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

_LOCALES = Path(__file__).parent / "locale"
_DOMAIN = "assay"
_CHINESE = r"[\u3001-\u301f\u4e00-\u9fff\uff01-\uff65]"  # characters and punctuation
_ENDS_CHINESE = re.compile(rf"{_CHINESE} ?$")
_BEGINS_CHINESE = re.compile(rf" ?{_CHINESE}")


class Language(StrEnum):
    """A language that Assay speaks, as a BCP 47 tag."""

    ENGLISH = "en"
    CHINESE = "zh-CN"

    @property
    def locale(self) -> str:
        """The name of the language's folder under `locale/`."""
        return {Language.ENGLISH: "en", Language.CHINESE: "zh_Hans"}[self]

    @classmethod
    def closest(cls, tag: str | None) -> Language:
        """Return the language that serves a reader of `tag` best.

        Args:
            tag: A BCP 47 tag, a POSIX locale (`zh_CN.UTF-8`), the value of an
                `Accept-Language` header, or None.

        Returns:
            The first language of the list that Assay speaks, else English.
        """
        for part in (tag or "").replace("_", "-").split(","):
            primary = part.split(";")[0].split(".")[0].strip().lower().split("-")[0]
            if primary == "zh":
                return cls.CHINESE
            if primary == "en":
                return cls.ENGLISH
        return cls.ENGLISH


def N_(message: str) -> str:  # noqa: N802 - gettext's customary name
    """Mark `message` for translation and return it unchanged."""
    return message


class Words(str):
    """A phrase among the parameters of a message: English, until it is told with the message.

    Args:
        message: Its id, marked by `N_`.
        params: Fill in its fields.
    """

    __slots__ = ("message", "params")
    message: str
    params: dict[str, object]

    def __new__(cls, message: str, /, **params: object) -> Self:
        """Fill in the English text."""
        made = super().__new__(cls, message.format(**params) if params else message)
        made.message, made.params = message, params
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        """Let a phrase cross a process."""
        return functools.partial(type(self), self.message, **self.params), ()

    def in_language(self, language: Language) -> str:
        """Return the phrase in `language`."""
        return translate(self.message, language, **self.params)


def told(text: str, language: Language) -> str:
    """Return a parameter of a message as it is told in `language`."""
    return text.in_language(language) if isinstance(text, Words) else text


@functools.cache
def _catalogue(language: Language) -> gettext.NullTranslations:
    return gettext.translation(_DOMAIN, _LOCALES, [language.locale], fallback=True)


def translate(message: str, language: Language, /, **params: object) -> str:
    """Return `message` in `language`, its fields filled in from `params`."""
    text = _catalogue(language).gettext(message) if message else ""
    said = {
        name: told(value, language) if isinstance(value, str) else value
        for name, value in params.items()
    }
    return _filled(text, said) if said else text


def lend(language: Language) -> None:
    """Have Typer and argparse, which ask gettext for their own words, find them with us.

    Args:
        language: That they shall speak, in this process and those that it starts.
    """
    os.environ["LANGUAGE"] = language.locale
    gettext.bindtextdomain(_DOMAIN, str(_LOCALES))
    gettext.textdomain(_DOMAIN)


def _filled(text: str, params: dict[str, object]) -> str:
    """Return `text.format(**params)`, without a space between two Chinese characters.

    Chinese has a space beside Latin words and figures and none between its own characters, and
    only here it is known which of them a field begins and ends with.
    """
    filled = ""
    formatter = string.Formatter()
    for literal, field, spec, conversion in formatter.parse(text):
        whole = "{" + (field or "") + (f"!{conversion}" if conversion else "")
        value = "" if field is None else formatter.vformat(f"{whole}:{spec}}}", (), params)
        for part in (literal, value):
            filled = _joined(filled, part)
    return filled


def _joined(begin: str, end: str) -> str:
    if _ENDS_CHINESE.search(begin) and _BEGINS_CHINESE.match(end):
        return begin.rstrip(" ") + end.lstrip(" ")
    return begin + end
