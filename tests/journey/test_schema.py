"""Whatever the OpenAPI schema allows, and what it does not: nothing makes the API fail."""

from __future__ import annotations

import contextlib
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error, response_schema_conformance
from schemathesis.schemas import APIOperation
from tree import Candidate, Tree, copy_of, environment, no_process_left

from small_bank import line_model

EXAMPLES = [
    8,
    pytest.param(40, marks=[pytest.mark.slow, pytest.mark.timeout(900)]),
]  # for each operation and mode
MOMENT = 0.2  # seconds that a request may wait for news
LAST = "/end"  # what cannot be undone is tried last


@pytest.fixture(scope="module")
def running(home: Path, fresh: Path, bank: Path) -> Iterator[Tree]:
    tree = Tree(copy_of(fresh, home), environment(ASSAY_BANK=str(bank)))
    with no_process_left(tree):
        yield tree.start()
    shutil.rmtree(tree.data.parent)


@pytest.fixture(scope="module")
def alice(running: Tree) -> Candidate:
    """Alice, who sits her exam and has submitted."""
    return running.candidate("alice@example.org")


@pytest.fixture(scope="module")
def hers(alice: Candidate) -> dict[str, str]:
    """The parameters of addresses with which there is something of Alice's."""
    submission = alice.submit(line_model())["id"]
    alice.verdict(submission)
    return {
        "registration_id": alice.registration,
        "sitting_id": alice.sitting,
        "slot": "Category1",
        "submission_id": submission,
    }


@pytest.fixture(scope="module")
def operations(running: Tree) -> list[APIOperation]:
    """All operations of the API."""
    schema = schemathesis.openapi.from_dict(httpx.get(f"{running.url}/api/openapi.json").json())
    schema.config.update(base_url=running.url)
    found = [each.ok() for each in schema.get_all_operations()]

    assert len(found) > 10

    return sorted(found, key=lambda operation: operation.path.endswith(LAST))


def attack(
    operation: APIOperation, mode: GenerationMode, examples: int, **fixed: Any
) -> Counter[int]:
    """Send what hypothesis thinks of, each time the same; count the statuses of the answers."""
    strategy = operation.as_strategy(generation_mode=mode, **fixed)
    statuses: Counter[int] = Counter()

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def send(case: schemathesis.Case) -> None:
        wait = case.query.get("wait") if case.query else None
        if isinstance(wait, float | int) and wait > MOMENT:
            case.query["wait"] = MOMENT
        answer = case.call(headers=fixed.get("headers"))
        statuses[answer.status_code] += 1
        case.validate_response(answer, checks=[not_a_server_error, response_schema_conformance])

    with contextlib.suppress(Unsatisfiable):  # what takes nothing cannot be sent wrong
        send()
    return statuses


@pytest.mark.parametrize("examples", EXAMPLES)
def test_nothing_that_a_stranger_sends_makes_it_fail(operations, examples):
    statuses: Counter[int] = Counter()
    for operation in operations:
        for mode in GenerationMode:
            statuses += attack(operation, mode, examples)

    assert statuses.keys() >= {200, 401, 422}


@pytest.mark.parametrize("examples", EXAMPLES)
def test_nothing_that_a_candidate_sends_makes_it_fail(operations, alice, hers, examples):
    headers = {"Authorization": alice.client.headers["Authorization"]}
    statuses: Counter[int] = Counter()
    for operation in operations:
        names = {each.name for each in operation.path_parameters}
        known = {name: hers[name] for name in names}
        for mode in GenerationMode:
            statuses += attack(operation, mode, examples, headers=headers)
            if known:
                statuses += attack(
                    operation, mode, examples, headers=headers, path_parameters=known
                )

    assert statuses.keys() >= {200, 404, 422}
    assert 401 not in statuses
