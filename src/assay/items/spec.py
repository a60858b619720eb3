"""The format of `item.yaml`, version 1, and what it shares with that of a blueprint."""

from __future__ import annotations

import re
from enum import StrEnum
from math import inf
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from assay.items.contract import Contract, InputSpec, Limits, OutputKind, OutputSpec
from assay.items.skills import SKILLS
from assay.messages import N_, Language, Words

FORMAT_VERSION = 1
_CHINESE = r"\u3000-\u303f\u4e00-\u9fff\uff00-\uffef"  # characters and punctuation


class Spec(BaseModel):
    """Base of everything read from the bank's YAML: immutable, no unknown keys.

    The docstrings below the fields are their descriptions: in the JSON schema, and in the
    pages that tools/item_format_page.py writes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Text(Spec):
    """One text in every language that Assay speaks."""

    en: str = Field(min_length=1)
    """English."""
    zh_cn: str = Field(min_length=1, alias="zh-CN")
    """Simplified Chinese."""

    @field_validator("zh_cn")
    @classmethod
    def _chinese_has_no_spaces(cls, text: str) -> str:
        # YAML joins the lines of a folded text by a space, which Chinese does not have.
        return re.sub(rf"(?<=[{_CHINESE}])\s+(?=[{_CHINESE}])", "", text)

    def in_language(self, language: Language) -> str:
        """Return the text in `language`."""
        return {Language.ENGLISH: self.en, Language.CHINESE: self.zh_cn}[language]


class Category(StrEnum):
    """The categories of tasks; the developer exam asks the first five."""

    REGRESSION = "regression"
    CLASSIC = "classic"
    IMAGE = "image"
    TEXT = "text"
    SERIES = "series"
    TABULAR = "tabular"


class InputYaml(Spec):
    """One input of the model."""

    name: str = "input"
    """The key of its array in the hidden inputs."""
    shape: list[Annotated[int, Field(gt=0)] | None]
    """Of one sample, without the batch; null: any size."""
    dtype: Literal["float32", "int32"] = "float32"
    """Of the hidden inputs."""
    low: float | None = None
    """The smallest value that occurs."""
    high: float | None = None
    """The largest value that occurs; for token ids, the size of the vocabulary - 1."""
    meaning: Text
    """What the numbers are, with their unit."""

    @model_validator(mode="after")
    def _range_is_one(self) -> InputYaml:
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(Words(N_("`low` must not be above `high`")))
        return self


class OutputYaml(Spec):
    """What must come out of the model."""

    shape: list[Annotated[int, Field(gt=0)]]
    """Of one sample, without the batch."""
    kind: OutputKind
    """Class probabilities (rows add up to 1), the probability of the positive class, or a
    value."""
    meaning: Text
    """What the numbers are, with their unit."""


class ContractYaml(Spec):
    """What goes into the model and what must come out."""

    inputs: Annotated[list[InputYaml], Field(min_length=1)]
    """One or more inputs."""
    output: OutputYaml
    """The one output."""

    def to_contract(self) -> Contract:
        """Return the contract as the grader uses it."""
        return Contract(
            inputs=tuple(
                InputSpec(name=i.name, shape=tuple(i.shape), dtype=i.dtype, low=i.low, high=i.high)
                for i in self.inputs
            ),
            output=OutputSpec(shape=tuple(self.output.shape), kind=self.output.kind),
        )


class MetricName(StrEnum):
    """How predictions are measured against labels."""

    ACCURACY = "accuracy"  # share of right classes
    MACRO_F1 = "macro_f1"  # mean F1 over the classes
    MAE = "mae"  # mean absolute error, in the unit of the output
    RMSE = "rmse"  # root mean squared error, in the unit of the output
    MAE_RATIO = "mae_ratio"  # MAE over the MAE of the naive forecast
    R2 = "r2"  # coefficient of determination


HIGHER_IS_BETTER = frozenset({MetricName.ACCURACY, MetricName.MACRO_F1, MetricName.R2})
_OF_CLASSES = frozenset({MetricName.ACCURACY, MetricName.MACRO_F1})


class MetricYaml(Spec):
    """The measure, and the five cuts that earn 1 to 5 points."""

    name: MetricName
    """How predictions are measured against labels."""
    cuts: Annotated[list[float], Field(min_length=5, max_length=5)]
    """What must be reached for 1, 2, 3, 4 and 5 points; each harder than the one before."""

    def points(self, value: float) -> int:
        """Return how many of the cuts `value` reaches; a cut itself counts.

        Args:
            value: What was measured; not a number reaches nothing.
        """
        if self.name in HIGHER_IS_BETTER:
            return sum(value >= cut for cut in self.cuts)
        return sum(value <= cut for cut in self.cuts)

    @model_validator(mode="after")
    def _cuts_get_harder(self) -> MetricYaml:
        harder = sorted(self.cuts, reverse=self.name not in HIGHER_IS_BETTER)
        if self.cuts != harder or len(set(self.cuts)) != len(self.cuts):
            demand = N_("cuts of {metric} must get harder from 1 to 5 points")
            raise ValueError(Words(demand, metric=self.name.value))
        return self

    @model_validator(mode="after")
    def _cuts_can_be_reached(self) -> MetricYaml:
        low = -inf if self.name is MetricName.R2 else 0
        high = 1 if self.name in HIGHER_IS_BETTER else inf
        beyond = [cut for cut in self.cuts if not low <= cut <= high]
        if beyond:
            demand = N_("{metric} never reaches the cut {cut}")
            raise ValueError(Words(demand, metric=self.name.value, cut=f"{beyond[0]:g}"))
        return self


class LimitsYaml(Spec):
    """What a submission may cost."""

    file_mb: float = Field(gt=0, le=500)
    """Size of the model file in megabytes (1,000,000 bytes)."""
    parameters: int = Field(gt=0)
    """Weights of the model, trainable or not."""
    multiply_adds: int = Field(gt=0)
    """Of one sample's inference."""
    memory_mb: float = Field(default=3000, gt=0)
    """Address space of the process that runs the model, in megabytes."""
    seconds: float = Field(default=20, gt=0)
    """Wall clock for reading the file and for inference on the whole hidden set."""

    def to_limits(self) -> Limits:
        """Return the limits as the grader uses them."""
        return Limits(
            file_bytes=int(self.file_mb * 1e6),
            parameters=self.parameters,
            multiply_adds=self.multiply_adds,
            memory_bytes=int(self.memory_mb * 1e6),
            seconds=self.seconds,
        )


_Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class FileYaml(Spec):
    """A file of a data set, or a folder of files, pinned by its digest."""

    name: str
    """As data.py asks for it and as a mirror has it; may hold "/"."""
    url: str = Field(pattern="^https?://")
    """Where it comes from: the file itself, or an archive with it."""
    sha256: _Digest | None = None
    """SHA-256 of the bytes at `url`; may be left out only with `tree`."""
    bytes: int = Field(gt=0)
    """Size of what is at `url`; with `tree`, of all files together."""
    member: str | None = None
    """If `url` is a ZIP or tar archive: the file, or the folder, inside it."""
    also: list[_Digest] = []
    """SHA-256 of other bytes with the same content that data.py reads as well; with `member`,
    of the unpacked file."""
    tree: _Digest | None = None
    """For a folder: SHA-256 of its files' list, as `sha256sum` prints it, sorted by name."""

    @property
    def accepted(self) -> frozenset[str]:
        """Digests of the file itself, unpacked."""
        own = [self.sha256] if self.sha256 and self.member is None else []
        return frozenset([*own, *self.also])

    @field_validator("name", "member")
    @classmethod
    def _names_stay_inside(cls, name: str | None) -> str | None:
        parts = (name or "x").split("/")
        if any(part in {"", ".", ".."} or "\\" in part or ":" in part for part in parts):
            raise ValueError(Words(N_("a relative name is needed, with / and without ..")))
        return name

    @model_validator(mode="after")
    def _something_is_pinned(self) -> FileYaml:
        if self.tree and (self.member is None or self.also):
            raise ValueError(
                Words(N_("`tree` needs `member`, the folder in the archive, and no `also`"))
            )
        if not self.tree and self.sha256 is None:
            raise ValueError(Words(N_("`sha256` is needed")))
        if self.member and not self.tree and not self.also:
            raise ValueError(Words(N_("`member` needs the unpacked file's digest in `also`")))
        return self


class DataYaml(Spec):
    """Where the samples come from."""

    source: Literal["bundled", "generated", "download"]
    """With a dependency, made by the item's own code, or downloaded by URL."""
    licence: str
    """Licence of the data."""
    citation: str
    """Whom to thank, and where to read about the data."""
    folder: str | None = Field(default=None, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    """For downloads: the data set's folder in the cache and in a mirror."""
    files: list[FileYaml] = []
    """For downloads: every file that data.py asks for."""

    @model_validator(mode="after")
    def _downloads_name_their_files(self) -> DataYaml:
        if self.source == "download" and not (self.folder and self.files):
            raise ValueError(Words(N_("a download needs `folder` and `files`")))
        if self.source != "download" and (self.folder or self.files):
            raise ValueError(Words(N_("`folder` and `files` are for downloads only")))
        names = [file.name for file in self.files]
        if len(set(names)) != len(names):
            raise ValueError(Words(N_("every file needs a name of its own")))
        return self


class ItemYaml(Spec):
    """One task family of the bank."""

    format_version: Literal[1]
    """The version of this format; a newer one is refused with "upgrade first"."""
    uuid: UUID
    """The item's identity; survives renames."""
    category: Category
    """The name of the folder that the item is in."""
    title: Text
    """The item's name."""
    summary: Text
    """One sentence, for lists."""
    skills: Annotated[list[str], Field(min_length=1)]
    """What the item asks for: identifiers of the skill checklist (below)."""
    contract: ContractYaml
    """What goes into the model and what must come out."""
    metric: MetricYaml
    """How the predictions are measured, and what earns 1 to 5 points."""
    limits: LimitsYaml
    """What a submission may cost."""
    data: DataYaml
    """Where the samples come from."""
    public_files: list[str]
    """The data files that a variant draws for the candidate."""
    hidden_size: int = Field(ge=200)
    """Samples in each of the hidden and the sealed set."""
    classic_form: bool = False
    """Whether the item has the contract of a task of the original exam."""
    transfer: Literal["differs"] | Text = "differs"
    """`differs`: a model made for one variant falls short of 5/5 on another. Else a text that
    says why the same model may serve every variant."""
    certainty: Text | None = None
    """Where fewer hidden samples than usual are to be had: what that does to the points. For
    authors and staff."""
    unmeasured: Text | None = None
    """Why nothing shows yet that the item is fair, such as data that are not to be had. `bank
    check --evidence` lets the item through and says so. Only without `calibration.json`."""

    @field_validator("skills")
    @classmethod
    def _skills_are_on_the_checklist(cls, skills: list[str]) -> list[str]:
        unknown = sorted(set(skills) - SKILLS.keys())
        if unknown:
            demand = N_("the skill checklist has no {unknown}; it has {known}")
            raise ValueError(Words(demand, unknown=", ".join(unknown), known=", ".join(SKILLS)))
        return skills

    @field_validator("public_files")
    @classmethod
    def _public_files_are_plain_names(cls, names: list[str]) -> list[str]:
        private = {"item.yaml", "data.py", "reference.py", "README.md", "calibration.json"}
        taken = private | {"item.json", "starter.py", "task.en.md", "task.zh-CN.md"}
        for name in names:
            if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name) or name in taken:
                demand = N_("a plain file name of its own is needed, not {name}")
                raise ValueError(Words(demand, name=name))
        return names

    @field_validator("transfer", mode="before")
    @classmethod
    def _transfer_is_a_word_or_a_text(cls, transfer: object) -> object:
        if isinstance(transfer, dict):  # whose own faults are then all that is told
            return Text.model_validate(transfer)
        if transfer != "differs" and not isinstance(transfer, Text):
            raise ValueError(Words(N_("`differs` or a text in both languages is needed")))
        return transfer

    @model_validator(mode="after")
    def _metric_measures_the_output(self) -> ItemYaml:
        kind = self.contract.output.kind
        if (self.metric.name in _OF_CLASSES) == (kind is OutputKind.VALUE):
            demand = N_("the metric {metric} does not measure an output of the kind {kind}")
            raise ValueError(Words(demand, metric=self.metric.name.value, kind=kind.value))
        return self

    @property
    def offline(self) -> bool:
        """Whether a variant can be drawn without a network."""
        return self.data.source != "download"

    def to_contract(self) -> Contract:
        """Return the contract as the grader uses it."""
        return self.contract.to_contract()

    def to_limits(self) -> Limits:
        """Return the limits as the grader uses them."""
        return self.limits.to_limits()
