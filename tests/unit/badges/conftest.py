"""Alice's certificate, and the keys around it."""

from __future__ import annotations

from typing import Any

import pytest
from alices_certificate import ISSUED, NUMBER, ORIGIN, PAGE, key_url

from assay.badges import (
    Achievement,
    Holder,
    Issuer,
    Mark,
    Outcome,
    SigningKey,
    Slot,
    build_credential,
    sign,
)


@pytest.fixture(scope="session")
def key() -> SigningKey:
    return SigningKey.create(bits=2048)


@pytest.fixture(scope="session")
def forgers_key() -> SigningKey:
    return SigningKey.create(bits=2048)


@pytest.fixture
def achievement() -> Achievement:
    return Achievement(
        id=f"{ORIGIN}/achievements/developer",
        name="Machine Learning Developer",
        description="Five hands-on tasks in five hours.",
        criteria="At least 90 % of the weighted total.",
        pass_mark=90,
        slots=(
            Slot(name="Category1", title="Regression", weight=10),
            Slot(name="Category3", title="Images", weight=90),
        ),
        skills=("Train a model", "Prevent overfitting"),
    )


@pytest.fixture
def credential(achievement: Achievement) -> dict[str, Any]:
    return build_credential(
        id=PAGE,
        number=NUMBER,
        issuer=Issuer(id=f"{ORIGIN}/issuer", name="Example Institute", url=ORIGIN),
        achievement=achievement,
        holder=Holder(name="Alice Example 艾丽丝", email="Alice@Example.org ", salt="pepper"),
        outcome=Outcome(
            total=97.5,
            marks=(
                Mark(slot="Category1", points=5, item="A curve"),
                Mark(slot="Category3", points=4, item="Road signs", skills=("CNNs", "Dropout")),
            ),
        ),
        issued_at=ISSUED,
        valid_months=36,
    )


@pytest.fixture
def token(credential: dict[str, Any], key: SigningKey) -> str:
    return sign(credential, key, key_url=key_url(key))
