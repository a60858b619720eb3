"""Which language a command speaks.

Decided once, by `resolve`, and published in the process's environment, where the
parts of this program and its child processes find it.
"""

from __future__ import annotations

import locale
import os
import sys
from collections.abc import Mapping, Sequence

from assay.errors import AssayError
from assay.messages import Language, lend

OPTION = "--language"
_OWN_OPTION = {"staff"}  # these commands' --language is the candidate's


def take_option(arguments: Sequence[str]) -> tuple[str | None, list[str]]:
    """Split `--language TAG` (or `--language=TAG`) off, wherever it stands.

    Returns:
        The tag, or None, and the other arguments.
    """
    tag, rest, words = None, [], iter(arguments)
    for word in words:
        if word == "--" or word in _OWN_OPTION:
            rest += [word, *words]
        elif word == OPTION:
            tag = next(words, "")
        elif word.startswith(f"{OPTION}="):
            tag = word.partition("=")[2]
        else:
            rest.append(word)
    return tag, rest


def resolve(option: str | None, environment: Mapping[str, str]) -> Language:
    """Return the language: the option, ASSAY_LANGUAGE, the stored choice, the system's."""
    named = option or environment.get("ASSAY_LANGUAGE")
    if named:
        return Language.closest(named)
    return _stored() or Language.closest(_of_system(environment))


def publish(language: Language) -> None:
    """Make `language` that of this process and of those it starts."""
    os.environ["ASSAY_LANGUAGE"] = language
    lend(language)


def current() -> Language:
    """Return the language that was published."""
    return Language.closest(os.environ.get("ASSAY_LANGUAGE"))


def _stored() -> Language | None:
    from assay.cli import accounts  # noqa: PLC0415 - only where nothing was named

    try:
        return accounts.load(accounts.path()).language
    except AssayError:
        return None  # the command that needs the accounts says what is wrong with them


def _of_system(environment: Mapping[str, str]) -> str | None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(name):
            return environment[name]
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - Windows only

        return locale.windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage())
    return None
