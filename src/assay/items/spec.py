"""The format of `item.yaml` and of a blueprint, version 1."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from assay.items.contract import Contract, InputSpec, Limits, OutputKind, OutputSpec
from assay.messages import Language

FORMAT_VERSION = 1


class Spec(BaseModel):
    """Base of everything read from the bank's YAML: immutable, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(Spec):
    """One text in every language that Assay speaks."""

    en: str = Field(min_length=1)
    zh_cn: str = Field(min_length=1, alias="zh-CN")

    def in_language(self, language: Language) -> str:
        """Return the text in `language`."""
        return {Language.ENGLISH: self.en, Language.CHINESE: self.zh_cn}[language]


class Category(StrEnum):
    """The five categories of tasks."""

    REGRESSION = "regression"
    CLASSIC = "classic"
    IMAGE = "image"
    TEXT = "text"
    SERIES = "series"


class InputYaml(Spec):
    """`contract.inputs[]`: one input of the model."""

    name: str = "input"
    shape: list[int | None]  # of one sample, without the batch
    dtype: Literal["float32", "int32"] = "float32"
    low: float | None = None  # smallest value that occurs
    high: float | None = None  # largest value that occurs
    meaning: Text


class OutputYaml(Spec):
    """`contract.output`: what must come out."""

    shape: list[int]  # of one sample, without the batch
    kind: OutputKind
    meaning: Text


class ContractYaml(Spec):
    """`contract`: what goes in and what must come out."""

    inputs: Annotated[list[InputYaml], Field(min_length=1)]
    output: OutputYaml


class MetricName(StrEnum):
    """How predictions are measured against labels."""

    ACCURACY = "accuracy"  # share of right classes
    MACRO_F1 = "macro_f1"  # mean F1 over the classes
    MAE = "mae"  # mean absolute error, in the unit of the output
    RMSE = "rmse"  # root mean squared error, in the unit of the output
    MAE_RATIO = "mae_ratio"  # MAE over the MAE of the naive forecast
    R2 = "r2"  # coefficient of determination


HIGHER_IS_BETTER = frozenset({MetricName.ACCURACY, MetricName.MACRO_F1, MetricName.R2})


class MetricYaml(Spec):
    """`metric`: the measure and the five cuts that earn 1 to 5 points."""

    name: MetricName
    cuts: Annotated[list[float], Field(min_length=5, max_length=5)]  # from 1 point to 5 points

    @model_validator(mode="after")
    def _cuts_get_harder(self) -> MetricYaml:
        harder = sorted(self.cuts, reverse=self.name not in HIGHER_IS_BETTER)
        if self.cuts != harder or len(set(self.cuts)) != len(self.cuts):
            raise ValueError(
                f"cuts of {self.name} must get harder from 1 to 5 points, received {self.cuts}"
            )
        return self


class LimitsYaml(Spec):
    """`limits`: what a submission may cost."""

    file_mb: float = Field(gt=0, le=500)  # megabytes, 10^6 bytes
    parameters: int = Field(gt=0)
    multiply_adds: int = Field(gt=0)  # of one sample's inference
    memory_mb: float = Field(default=3000, gt=0)  # address space of the grading child
    seconds: float = Field(default=20, gt=0)  # wall clock, reading and inference


class DataYaml(Spec):
    """`data`: where the samples come from."""

    source: Literal["bundled", "generated", "download"]
    licence: str
    citation: str
    url: str | None = None  # for downloads
    sha256: str | None = None  # for downloads


class ItemYaml(Spec):
    """`item.yaml`: one task family of the bank."""

    format_version: Literal[1]
    uuid: UUID  # survives renames
    category: Category
    title: Text
    summary: Text  # one sentence, for lists
    skills: Annotated[list[str], Field(min_length=1)]  # identifiers of the skill checklist
    contract: ContractYaml
    metric: MetricYaml
    limits: LimitsYaml
    data: DataYaml
    public_files: list[str]  # the data files that a variant draws for the candidate
    hidden_size: int = Field(ge=200)  # samples in each of the hidden and the sealed set
    classic_form: bool = False  # has the contract of a task of the original exam

    def to_contract(self) -> Contract:
        """Return the contract as the grader uses it."""
        return Contract(
            inputs=tuple(
                InputSpec(
                    name=i.name, shape=tuple(i.shape), dtype=i.dtype, low=i.low, high=i.high
                )
                for i in self.contract.inputs
            ),
            output=OutputSpec(
                shape=tuple(self.contract.output.shape), kind=self.contract.output.kind
            ),
        )

    def to_limits(self) -> Limits:
        """Return the limits as the grader uses them."""
        return Limits(
            file_bytes=int(self.limits.file_mb * 1e6),
            parameters=self.limits.parameters,
            multiply_adds=self.limits.multiply_adds,
            memory_bytes=int(self.limits.memory_mb * 1e6),
            seconds=self.limits.seconds,
        )


class WaitYaml(Spec):
    """A wait in calendar units."""

    days: int = 0
    months: int = 0
    years: int = 0


class FeeYaml(Spec):
    """The price of one registration."""

    amount: int = Field(ge=0)  # in the currency's smallest unit
    currency: str = Field(pattern="^[A-Z]{3}$")


class SlotYaml(Spec):
    """`slots[]`: one place of the exam."""

    name: str = Field(pattern=r"^Category\d+$")
    title: Text
    weight: int = Field(gt=0, le=100)  # per cent
    pool: Annotated[list[str], Field(min_length=1)]  # items, as `category/name`


class BlueprintYaml(Spec):
    """A blueprint: an exam's plan."""

    format_version: Literal[1]
    uuid: UUID
    title: Text
    slots: Annotated[list[SlotYaml], Field(min_length=1)]
    duration_minutes: float = Field(gt=0)
    pass_mark: float = Field(gt=0, le=100)  # per cent of the weighted total
    upload_grace_seconds: float = Field(ge=0)  # after the deadline, for the last byte to arrive
    retake_waits: list[WaitYaml]  # after the 1st, 2nd, … failure; the last one repeats
    registration_valid_days: int = Field(gt=0)
    fee: FeeYaml
    certificate: bool = True  # False: practice, no certificate is issued
    certificate_valid_months: int = Field(default=36, gt=0)
    environment: list[str]  # pinned requirements of the candidate's environment

    @model_validator(mode="after")
    def _weights_add_up(self) -> BlueprintYaml:
        total = sum(slot.weight for slot in self.slots)
        if total != 100:  # noqa: PLR2004 - per cent
            raise ValueError(f"the slots' weights must add up to 100, received {total}")
        return self
