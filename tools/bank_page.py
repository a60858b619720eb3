"""Keep the page about the bank's items and their evidence in step with the bank.

    python tools/bank_page.py write | check

Writes `docs/authors/bank.md` and `docs/authors/bank.zh-CN.md` from each item's `item.yaml` and
`calibration.json`, or fails when they are stale.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from assay.items import Item, load_bank
from assay.items.calibration import evidence as files
from assay.items.calibration.evidence import Evidence, RunRecord
from assay.items.calibration.rules import (
    agreement,
    check_evidence,
    deviations,
    errors_at_cuts,
    training_seconds,
)
from assay.items.ladder import SKILLED, Role, role_of
from assay.items.spec import Text
from assay.messages import Language

ROOT = Path(__file__).resolve().parent.parent
BANK = ROOT / "bank"
EN, ZH = Language.ENGLISH, Language.CHINESE

PROSE: Mapping[Language, str] = {
    EN: """# The open bank

<!-- Written by tools/bank_page.py from the bank. Do not edit. -->

[中文](bank.zh-CN.md). {count} items, {classic} of them with the contract of a task of the original exam (classic form). The evidence is measured by `assay bank calibrate`, kept beside each item as `calibration.json`, and held against its rules by `assay bank check --evidence`; [what the rules are](calibration.en.md). Without evidence are {unmeasured} of them; each says why.

{table}

- **points**: lowest to highest over all recipes of the group and all seeds, of 5. Competent recipes include the reference.
- **error**: standard error of the metric at the cut for 5 points, and how many of its own standard errors the nearest competent model is away from that cut.
- **spread**: how far the mean over the recipes is from the item's on the variant where it is farthest, on a scale from 0 to 1.
- **same points**: share of models that get the same points on hidden and sealed samples.
- **other variant**: points of the reference's model on the next seed's variant.
- **training**: median seconds of the slowest recipe, on the machine that the evidence names; by the wall clock or by processor time, whichever is less, so that other work beside it does not count.

{items}
""",
    ZH: """# 公开题库

<!-- 本页由 tools/bank_page.py 根据题库生成，请勿手工修改。 -->

[English](bank.md)。共 {count} 道题，其中 {classic} 道的输入输出约定与原考试的某道题相同（经典形式）。实测依据由 `assay bank calibrate` 得出，以 `calibration.json` 存放在各题旁边，并由 `assay bank check --evidence` 按规则核对；[规则说明](calibration.zh-CN.md)。其中 {unmeasured} 道没有实测依据，各自说明了原因。

{table}

- **分数**：该组所有解法在所有种子上的最低到最高分，满分 5。合格解法包括参考解。
- **误差**：指标在 5 分线处的标准误，以及最接近该线的合格模型离它有多少个自身的标准误。
- **差异**：各解法的平均表现在偏离最大的变体上与全题平均相差多少，量纲为 0 到 1。
- **同分**：在隐藏集和封存集上得分相同的模型所占比例。
- **换变体**：参考解的模型在下一个种子的变体上的得分。
- **训练**：最慢的解法所用秒数的中位数，机器见实测依据；取实际用时与处理器时间中较小的一个，这样机器上同时进行的其他工作不会计入。

{items}
""",
}

HEAD: Mapping[Language, Sequence[str]] = {
    EN: (
        "item", "title", "data", "classic form", "contract", "metric and cuts", "seeds",
        "naive", "fair", "competent", "error", "spread", "same points", "other variant", "training",
    ),
    ZH: (
        "题目", "名称", "数据", "经典形式", "输入输出约定", "指标与分数线", "种子数",
        "朴素", "中等", "合格", "误差", "差异", "同分", "换变体", "训练",
    ),
}  # fmt: skip

WORDS: Mapping[str, Mapping[Language, str]] = {
    "yes": {EN: "yes", ZH: "是"},
    "no": {EN: "no", ZH: "否"},
    "bundled": {EN: "bundled", ZH: "随依赖附带"},
    "generated": {EN: "generated", ZH: "生成"},
    "download": {EN: "download", ZH: "下载"},
    "range": {EN: "{} to {}", ZH: "{} 至 {}"},
    "seconds": {EN: "{} s", ZH: "{} 秒"},
    "errors": {EN: "Standard error at the cuts: {}.", ZH: "各分数线处的标准误：{}。"},
    "certainty": {EN: "Certainty: {}", ZH: "可信程度：{}"},
    "transfer": {EN: "Why a model may serve every variant: {}", ZH: "为何同一模型可用于所有变体：{}"},
    "measured": {EN: "Measured on: {}.", ZH: "测量环境：{}。"},
    "picture": {EN: "Points of each recipe by seed, and values", ZH: "各解法在各种子上的得分与指标值"},
    "unmeasured": {EN: "**Not measured:** {}", ZH: "**未经实测：** {}"},
    "none": {EN: "Not measured yet.", ZH: "尚未测量。"},
    "broken": {EN: "**Not shown yet:** {}", ZH: "**尚未证明：** {}"},
    "licence": {EN: "Data: {}. {}", ZH: "数据：{}。{}"},
}  # fmt: skip


def page_of(language: Language, root: Path = ROOT) -> Path:
    """Return where the page in `language` is kept."""
    name = {EN: "bank.md", ZH: "bank.zh-CN.md"}[language]
    return root / "docs" / "authors" / name


def page(language: Language, bank: Path = BANK) -> str:
    """Return the page in `language`, as Markdown."""
    items = list(load_bank(bank).items.values())
    known = {item.key: files.current(item, files.read(item)) for item in items}
    rows = [_row(item, known[item.key], language) for item in items]
    return PROSE[language].format(
        count=len(items),
        classic=sum(item.spec.classic_form for item in items),
        unmeasured=sum(item.spec.unmeasured is not None for item in items),
        table=_table(HEAD[language], rows),
        items="\n\n".join(_section(item, known[item.key], language) for item in items),
    )


def stale() -> list[Path]:
    """Return the pages that are not what the bank says."""
    return [
        path
        for language in Language
        if not (path := page_of(language)).is_file()
        or path.read_text(encoding="utf-8") != page(language)
    ]


def _row(item: Item, evidence: Evidence, language: Language) -> list[str]:
    spec, runs = item.spec, evidence.runs
    contract = spec.contract
    inputs = ", ".join(f"{_shape(i.shape)} {i.dtype}" for i in contract.inputs)
    return [
        f"[`{item.key}`](../../bank/{item.key}/README.md)",
        spec.title.in_language(language),
        WORDS[spec.data.source][language],
        WORDS["yes" if spec.classic_form else "no"][language],
        f"{inputs} → {_shape(contract.output.shape)} {contract.output.kind}",
        f"`{spec.metric.name}` {' '.join(f'{cut:g}' for cut in spec.metric.cuts)}",
        str(len(deviations(item, runs))),
        _points([run for run in runs if role_of(run.recipe) is Role.NAIVE], language),
        _points([run for run in runs if role_of(run.recipe) is Role.FAIR], language),
        _points([run for run in runs if role_of(run.recipe) in SKILLED], language),
        _error(item, runs),
        f"{max(map(abs, deviations(item, runs).values()), default=0):.3f}" if runs else "-",
        f"{agreement(runs):.0%}" if runs else "-",
        _interval([run.transfer.points for run in runs if run.transfer], language),
        _slowest(runs, language),
    ]


def _shape(shape: Sequence[int | None]) -> str:
    inner = ", ".join("?" if size is None else str(size) for size in shape)
    return f"({inner}{',' if len(shape) == 1 else ''})"


def _points(runs: Sequence[RunRecord], language: Language) -> str:
    return _interval([run.hidden.points for run in runs], language)


def _interval(points: Sequence[int], language: Language) -> str:
    if not points:
        return "-"
    low, high = min(points), max(points)
    return str(low) if low == high else WORDS["range"][language].format(low, high)


def _error(item: Item, runs: Sequence[RunRecord]) -> str:
    skilled = [run for run in runs if role_of(run.recipe) in SKILLED]
    at_top = errors_at_cuts(item, runs)[-1]
    if at_top is None or not skilled:
        return "-"
    cut = item.spec.metric.cuts[-1]
    away = min(abs(run.hidden.value - cut) / max(run.standard_error, 1e-9) for run in skilled)
    return f"{at_top:.2g} ({min(away, 99):.0f})"


def _slowest(runs: Sequence[RunRecord], language: Language) -> str:
    times = training_seconds(runs).values()
    return WORDS["seconds"][language].format(f"{max(times):.0f}") if times else "-"


def _section(item: Item, evidence: Evidence, language: Language) -> str:
    return "\n\n".join(_paragraphs(item, evidence, language))


def _paragraphs(item: Item, evidence: Evidence, language: Language) -> Iterator[str]:
    spec = item.spec
    yield f"## {item.key}"
    yield spec.summary.in_language(language)
    citation = " ".join(spec.data.citation.split())
    yield WORDS["licence"][language].format(spec.data.licence, citation)
    if isinstance(spec.transfer, Text):
        yield WORDS["transfer"][language].format(spec.transfer.in_language(language))
    if spec.certainty is not None:
        yield WORDS["certainty"][language].format(spec.certainty.in_language(language))
    if spec.unmeasured is not None:
        yield WORDS["unmeasured"][language].format(spec.unmeasured.in_language(language))
        return
    if not evidence.runs:
        yield WORDS["none"][language]
        return
    errors = [
        f"{cut:g} ± {error:.2g}"
        for cut, error in zip(spec.metric.cuts, errors_at_cuts(item, evidence.runs), strict=True)
        if error is not None
    ]
    stop = {EN: ", ", ZH: "、"}[language]
    yield WORDS["errors"][language].format(stop.join(errors))
    for problem in check_evidence(item):
        yield WORDS["broken"][language].format(problem.render(language).message)
    alt = WORDS["picture"][language]
    yield f"![{alt}](../../bank/{item.key}/{files.PICTURE})"
    machines = sorted({evidence.machines[run.machine] for run in evidence.runs})
    yield WORDS["measured"][language].format("; ".join(machines))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in lines
    )


def main(words: Sequence[str]) -> int:
    """Run the tool; return its exit code."""
    if list(words) == ["write"]:
        for language in Language:
            page_of(language).write_text(page(language), encoding="utf-8")
        return 0
    if list(words) == ["check"]:
        for path in stale():
            print(f"{path.relative_to(ROOT)} is stale: python tools/bank_page.py write")
        return 1 if stale() else 0
    print(__doc__)
    return 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
