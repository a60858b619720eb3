"""The item bank as the server reads it: once in a process."""

from __future__ import annotations

import functools

from django.conf import settings

from assay.items import Bank, load_bank
from assay.items.spec import BlueprintYaml
from assay.server.exams.errors import UnknownExam


@functools.cache
def bank() -> Bank:
    """Return the deployment's bank."""
    return load_bank(settings.BANK)


def blueprint(exam: str) -> BlueprintYaml:
    """Return the plan of an exam.

    Raises:
        UnknownExam: The bank has no blueprint of this name.
    """
    try:
        return bank().blueprints[exam].spec
    except KeyError:
        raise UnknownExam(exam=exam, known=", ".join(bank().blueprints)) from None
