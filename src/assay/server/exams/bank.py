"""The item bank as the server reads it: once in a process."""

from __future__ import annotations

import functools

from django.conf import settings

from assay.items import Bank, load_bank
from assay.items.blueprint import BlueprintYaml
from assay.server.exams.errors import UnknownExam


@functools.cache
def bank() -> Bank:
    """Return the deployment's bank."""
    return load_bank(settings.BANK)


def find_blueprint(exam: str) -> BlueprintYaml | None:
    """Return the plan of an exam; None if the bank has no blueprint of this name any more."""
    found = bank().blueprints.get(exam)
    return None if found is None else found.spec


def blueprint(exam: str) -> BlueprintYaml:
    """Return the plan of an exam.

    Raises:
        UnknownExam: The bank has no blueprint of this name.
    """
    found = find_blueprint(exam)
    if found is None:
        raise UnknownExam(exam=exam, known=", ".join(bank().blueprints))
    return found
