"""Amounts of money: whole numbers of a currency's smallest unit.

Where a currency's smallest unit is not a hundredth: ISO 4217. Where Stripe counts in
another unit than that: https://docs.stripe.com/currencies#special-cases
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from babel.numbers import format_currency
from django.utils.translation import get_language, gettext, to_locale

_WHOLE = frozenset(
    "BIF CLP DJF GNF ISK JPY KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF".split()  # noqa: SIM905
)
_THOUSANDTHS = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))
# Stripe keeps two places for these, which have none any more.
_STRIPE_HUNDREDTHS = frozenset(("ISK", "UGX"))


@dataclass(frozen=True, kw_only=True)
class Money:
    """An amount in a currency."""

    amount: int  # in the currency's smallest unit
    currency: str  # ISO 4217, capitals

    @property
    def places(self) -> int:
        """Decimal places of the currency."""
        if self.currency in _WHOLE:
            return 0
        return 3 if self.currency in _THOUSANDTHS else 2

    @property
    def value(self) -> Decimal:
        """The amount in the currency's main unit."""
        return Decimal(self.amount).scaleb(-self.places)

    @property
    def for_stripe(self) -> int:
        """The amount as Stripe counts it."""
        return self.amount * (100 if self.currency in _STRIPE_HUNDREDTHS else 1)

    @classmethod
    def from_stripe(cls, amount: int, currency: str) -> Money:
        """Return what Stripe means by an amount; its currency may be in small letters."""
        own = currency.upper()
        return cls(amount=amount // 100 if own in _STRIPE_HUNDREDTHS else amount, currency=own)

    def reduced(self, per_cent: int) -> Money:
        """Return what is left when `per_cent` of it are taken off, rounded in favour of the payer."""
        return Money(amount=self.amount * (100 - per_cent) // 100, currency=self.currency)

    def __str__(self) -> str:
        """The amount in the language of the page or mail that is being made; 0 is "Free"."""
        if self.amount == 0:
            return gettext("Free")
        locale = to_locale(get_language() or "en")
        text = format_currency(self.value, self.currency, locale=locale, decimal_quantization=False)
        # CLDR asks for it where a currency has no sign but its letters; Babel leaves it out.
        return re.sub(r"(?<=[A-Za-z])(?=\d)", "\u00a0", text)
