"""Translation of everything that the core says to a person.

Message ids are English sentences with `str.format` fields. They are marked with
`N_` where they are written and translated at the edge, where the reader's
language is known: the command line's environment, a request's header, a
candidate's choice for mail.
"""

from __future__ import annotations

import functools
import gettext
from enum import StrEnum
from pathlib import Path

_LOCALES = Path(__file__).parent / "locale"
_DOMAIN = "assay"


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


@functools.cache
def _catalogue(language: Language) -> gettext.NullTranslations:
    return gettext.translation(_DOMAIN, _LOCALES, [language.locale], fallback=True)


def translate(message: str, language: Language, /, **params: object) -> str:
    """Return `message` in `language`, its fields filled in from `params`."""
    text = _catalogue(language).gettext(message) if message else ""
    return text.format(**params) if params else text
