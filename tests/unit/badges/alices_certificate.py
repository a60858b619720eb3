"""Addresses and times of the certificate that these tests are about."""

from __future__ import annotations

from datetime import UTC, datetime

from assay.badges import PublicKey, SigningKey

ORIGIN = "https://exam.example.org"
NUMBER = "6f1b54fb-8a3f-4d39-9c56-9c2f3d8a0b11"
PAGE = f"{ORIGIN}/verify/{NUMBER}"
ISSUED = datetime(2026, 3, 31, 12, 0, 30, 250_000, tzinfo=UTC)
NOW = datetime(2027, 1, 1, tzinfo=UTC)


def key_url(key: SigningKey | PublicKey, origin: str = ORIGIN) -> str:
    public = key.public if isinstance(key, SigningKey) else key
    return f"{origin}/keys/{public.kid}"
