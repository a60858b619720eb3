"""Alice registers: exams with a fee, a check of identity, or neither; a Stripe on loopback.

To the small exam these tests add `paid` (100 US dollars), `guarded` (free, with an
identity check) and `yen` (9,900 yen, with an identity check).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import yaml

import fake_stripe

EXTRA = {
    "paid": {
        "uuid": "6b1d3c1e-0000-4000-8000-000000000011",
        "title": {"en": "Paid exam", "zh-CN": "收费考试"},
        "fee": {"amount": 10000, "currency": "USD"},
    },
    "guarded": {
        "uuid": "6b1d3c1e-0000-4000-8000-000000000012",
        "title": {"en": "Guarded exam", "zh-CN": "核验考试"},
        "identity": "required",
    },
    "yen": {
        "uuid": "6b1d3c1e-0000-4000-8000-000000000013",
        "title": {"en": "Exam in yen", "zh-CN": "日元考试"},
        "fee": {"amount": 9900, "currency": "JPY"},
        "identity": "required",
    },
}


@pytest.fixture(scope="session")
def fuller_bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small bank with more blueprints."""
    folder = tmp_path_factory.mktemp("bank") / "bank"
    shutil.copytree(Path(__file__).parents[1] / "bank", folder)
    blueprints = folder / "blueprints"
    small = yaml.safe_load((blueprints / "small.yaml").read_text(encoding="utf-8"))
    for name, more in EXTRA.items():
        text = yaml.safe_dump(small | more, allow_unicode=True)
        (blueprints / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def small_bank(small_bank: Path, fuller_bank: Path, settings: Any) -> Path:
    """The fuller bank takes the place of the small one."""
    from assay.server.exams import bank  # noqa: PLC0415

    settings.BANK = fuller_bank
    bank.bank.cache_clear()
    return fuller_bank


@pytest.fixture(autouse=True)
def _bank(small_bank: Path) -> None:
    """Every page here shows exams."""


@pytest.fixture
def stripe(settings: Any) -> Iterator[fake_stripe.FakeStripe]:
    """A Stripe on loopback, and a deployment that has its keys."""
    with fake_stripe.running() as fake:
        settings.STRIPE_SECRET_KEY = fake_stripe.KEY
        settings.STRIPE_WEBHOOK_SECRETS = [fake_stripe.SECRET]
        settings.STRIPE_API = fake.address
        settings.STRIPE_CHECKOUT = fake.address
        yield fake


@pytest.fixture
def tell(client: Any) -> Callable[..., Any]:
    """Deliver an event as Stripe does: `tell(stripe.pay(session))`."""

    def act(event: dict[str, Any], **how: Any) -> Any:
        body, signature = fake_stripe.signed(event, **how)
        return client.post(
            "/enrolment/stripe/webhook",
            body,
            content_type="application/json",
            headers={"stripe-signature": signature},
        )

    return act


@pytest.fixture
def order(alice: Any, now: Any) -> Callable[..., Any]:
    """Place an order: `order(alice, "paid")`."""
    from assay.server.enrolment.services import orders  # noqa: PLC0415

    def act(candidate: Any = alice, exam: str = "paid", at: Any = now, **more: Any) -> Any:
        return orders.place(candidate, exam, at, **more)

    return act


@pytest.fixture
def chen(db: None, now: Any) -> Any:
    """A member of staff."""
    from assay.server.accounts.models import User  # noqa: PLC0415

    return User.objects.create_user(
        "chen@example.org", name="Chen", language="en", joined_at=now, is_staff=True
    )


@pytest.fixture
def letters(settings: Any) -> Callable[[], list[Any]]:
    """Send the letters that wait in the queue; return the mails, oldest first."""
    from django.core import mail  # noqa: PLC0415
    from procrastinate.contrib.django.models import ProcrastinateJob  # noqa: PLC0415

    from assay.server.enrolment.tasks import send_letter  # noqa: PLC0415

    sent: set[int] = set()

    def act() -> list[Any]:
        waiting = ProcrastinateJob.objects.filter(task_name="enrolment.send_letter")
        for job in waiting.exclude(id__in=sent).order_by("id"):
            sent.add(job.id)
            send_letter(**job.args)
        return mail.outbox

    return act


@pytest.fixture
def to_staff() -> Callable[[], list[str]]:
    """What staff are told, as `subject: text`."""
    from procrastinate.contrib.django.models import ProcrastinateJob  # noqa: PLC0415

    def act() -> list[str]:
        jobs = ProcrastinateJob.objects.filter(task_name="accounts.send_staff_mail")
        return [f"{job.args['subject']}: {job.args['text']}" for job in jobs.order_by("id")]

    return act


def picture(kind: str = "JPEG", size: tuple[int, int] = (640, 480), **options: Any) -> bytes:
    from PIL import Image  # noqa: PLC0415

    buffer = BytesIO()
    Image.effect_mandelbrot(size, (-2, -1, 1, 1), 20).convert("RGB").save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.fixture(name="picture")
def picture_fixture() -> Callable[..., bytes]:
    """Make a picture file: `picture("PNG")`."""
    return picture


@pytest.fixture
def audited() -> Iterator[list[tuple[str, str]]]:
    """What the audit log gets: action and subject."""
    from assay.server.enrolment import auditing  # noqa: PLC0415

    seen: list[tuple[str, str]] = []

    class Log:
        def record(self, action: str, *, subject: str, **_: Any) -> None:
            seen.append((action, subject))

    before = list(auditing._registered)
    auditing.register(Log())
    yield seen
    auditing._registered[:] = before
