"""The format of a blueprint, version 1."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, model_validator

from assay.items.spec import Spec, Text
from assay.messages import N_, Words


class WaitYaml(Spec):
    """A wait in calendar units, added up."""

    days: int = 0
    """Days."""
    months: int = 0
    """Calendar months."""
    years: int = 0
    """Calendar years."""


class FeeYaml(Spec):
    """The price of one registration."""

    amount: int = Field(ge=0)
    """In the currency's smallest unit."""
    currency: str = Field(pattern="^[A-Z]{3}$")
    """ISO 4217 code, such as USD."""


class SlotYaml(Spec):
    """One place of the exam."""

    name: str = Field(pattern=r"^Category\d+$")
    """The slot's folder in the candidate's workspace."""
    title: Text
    """What the candidate reads before Start."""
    weight: int = Field(gt=0, le=100)
    """Per cent of the total; the slots' weights add up to 100."""
    pool: Annotated[list[str], Field(min_length=1)]
    """The items that the slot draws one from, as `category/name`."""


class BlueprintYaml(Spec):
    """A blueprint: an exam's plan."""

    format_version: Literal[1]
    """The version of this format; a newer one is refused with "upgrade first"."""
    uuid: UUID
    """The exam's identity; survives renames."""
    title: Text
    """The exam's name, as on the certificate."""
    slots: Annotated[list[SlotYaml], Field(min_length=1)]
    """The exam's places, in order."""
    duration_minutes: float = Field(gt=0)
    """From Start to the deadline, without accommodations."""
    pass_mark: float = Field(gt=0, le=100)
    """Per cent of the weighted total that passes."""
    upload_grace_seconds: float = Field(ge=0)
    """After the deadline, for an upload's last byte to arrive."""
    retake_waits: list[WaitYaml]
    """After the first, second, … failure; the last one repeats."""
    registration_valid_days: int = Field(gt=0)
    """How long a registration can be used."""
    fee: FeeYaml
    """The price of one registration."""
    identity: Literal["none", "required"] = "none"
    """`required`: staff compare an identity document with a photo before Start is possible."""
    certificate: bool = True
    """False: practice, no certificate is issued."""
    certificate_valid_months: int = Field(default=36, gt=0)
    """Calendar months."""
    offline_only: bool = True
    """Leave items that download their data out of the draw, so that no sitting depends on a
    network."""
    environment: list[str]
    """Pinned requirements of the candidate's environment."""

    @model_validator(mode="after")
    def _weights_add_up(self) -> BlueprintYaml:
        total = sum(slot.weight for slot in self.slots)
        if total != 100:  # noqa: PLR2004 - per cent
            demand = N_("the slots' weights must add up to 100, not to {total}")
            raise ValueError(Words(demand, total=total))
        return self
