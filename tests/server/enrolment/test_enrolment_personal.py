"""A copy of one's data, and their deletion, as far as orders and identity go."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from assay.server.accounts import personal
from assay.server.enrolment.errors import PaymentUnderWay
from assay.server.enrolment.models import IdentityCheck, IdentityPicture, Order, OrderState
from assay.server.enrolment.services import identity, payments, reminders

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(order, alice, picture, now):
    """Alice's pictures wait for staff."""
    registration = order(exam="guarded").registration
    return identity.submit(alice, registration.pk, document=picture(), photo=picture(), now=now)


def test_the_copy_has_orders_and_payments(order, stripe, tell, alice, now):
    placed = order()
    payments.begin(placed.pk, now)
    tell(stripe.pay(stripe.latest))

    (copy,) = personal.export_of(alice)["orders"]

    assert (copy["exam"], copy["state"], copy["due"]) == ("paid", "complete", 10000)
    assert copy["payments"][0]["state"] == "paid"
    json.dumps(copy, default=str)


def test_the_copy_has_identity_checks_and_no_pictures(sent, alice):
    (copy,) = personal.export_of(alice)["identity_checks"]

    assert (copy["name"], copy["state"]) == ("Alice Example", "waiting")
    assert "sealed" not in str(copy)


def test_bobs_copy_has_nothing_of_alice(sent, bob):
    copy = personal.export_of(bob)

    assert copy["orders"] == copy["identity_checks"] == []


def test_deletion_takes_pictures_and_names_and_leaves_the_books(sent, order, alice, now):
    waiting = order()

    personal.erase(alice, now)

    assert not IdentityPicture.objects.exists()
    assert IdentityCheck.objects.get().name == ""
    assert Order.objects.get(pk=waiting.pk).state == OrderState.CANCELLED
    assert Order.objects.count() == 2


def test_nobody_is_deleted_who_may_be_paying(order, stripe, alice, now):
    placed = order()
    payments.begin(placed.pk, now)

    with pytest.raises(PaymentUnderWay, match=placed.number):
        personal.erase(alice, now)
    personal.erase(alice, now + payments.PAGE_OPEN)


def test_nobody_writes_to_who_is_deleted(order, alice, letters, now):
    registration = order(exam="small").registration
    personal.erase(alice, now)

    reminders.send_due(registration.valid_until - timedelta(days=7))

    assert letters() == []
