"""The language that a page or a mail is being made in."""

from __future__ import annotations

from django.utils.translation import get_language

from assay.messages import Language


def active_language() -> Language:
    """Return the language that is active: the visitor's, or that of a mail's reader."""
    return Language.closest(get_language())
