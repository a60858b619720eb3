"""Keys that are derived from the deployment's secret, one for each use."""

from __future__ import annotations

import base64

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def key(use: str) -> bytes:
    """Return the key of a use: 32 bytes in URL-safe base64, as Fernet wants it.

    Reference: RFC 5869.
    """
    derived = HKDF(
        algorithm=hashes.SHA256(), length=32, salt=None, info=f"assay {use}".encode()
    ).derive(settings.SECRET_KEY.encode())
    return base64.urlsafe_b64encode(derived)
