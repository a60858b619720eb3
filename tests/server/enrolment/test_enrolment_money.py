from __future__ import annotations

import pytest
from django.utils import translation

from assay.server.enrolment.money import Money


@pytest.mark.parametrize(
    ("amount", "currency", "english", "chinese"),
    [
        (10000, "USD", "$100.00", "US$100.00"),
        (9900, "EUR", "€99.00", "€99.00"),
        (68000, "CNY", "CN¥680.00", "¥680.00"),
        (9900, "JPY", "¥9,900", "JP¥9,900"),
        (12500, "KWD", "KWD\u00a012.500", "KWD\u00a012.500"),
        (123456789, "USD", "$1,234,567.89", "US$1,234,567.89"),
    ],
)
def test_an_amount_is_written_as_its_reader_writes_it(amount, currency, english, chinese):
    money = Money(amount=amount, currency=currency)

    with translation.override("en"):
        assert str(money) == english
    with translation.override("zh-hans"):
        assert str(money) == chinese


def test_nothing_is_free():
    with translation.override("en"):
        assert str(Money(amount=0, currency="USD")) == "Free"


@pytest.mark.parametrize(
    ("amount", "per_cent", "left"), [(10000, 20, 8000), (999, 50, 499), (10000, 100, 0), (1, 1, 0)]
)
def test_a_reduction_is_rounded_in_favour_of_the_payer(amount, per_cent, left):
    assert Money(amount=amount, currency="USD").reduced(per_cent).amount == left


@pytest.mark.parametrize(
    ("amount", "currency", "stripes"),
    [(10000, "USD", 10000), (9900, "JPY", 9900), (5000, "ISK", 500000), (12500, "KWD", 12500)],
)
def test_stripe_gets_the_amount_in_its_own_unit(amount, currency, stripes):
    money = Money(amount=amount, currency=currency)

    assert money.for_stripe == stripes
    assert Money.from_stripe(stripes, currency.lower()) == money
