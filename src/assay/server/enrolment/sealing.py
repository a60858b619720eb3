"""Pictures at rest: AES-256-GCM under a key that is not in the database.

Whoever gets hold of the database alone, or of a copy of it, cannot see them.
"""

from __future__ import annotations

import functools
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from assay.errors import PlatformFault
from assay.messages import N_

_NONCE_BYTES = 12
_KEY_BYTES = 32
_PURPOSE = b"assay identity pictures, version 1"


class SealBroken(PlatformFault):
    """The bytes were changed, or sealed with another deployment's secret."""

    code = "seal_broken"
    message = N_("A stored picture cannot be opened with this deployment's secret `identity`.")
    remedy = N_("Put the secret back from the backup; else refuse, so that it is sent again.")


@functools.lru_cache(maxsize=2)
def _cipher(secret: str) -> AESGCM:
    # The secret is a text with more than enough entropy; HKDF gives it the cipher's form.
    kdf = HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=_PURPOSE)
    return AESGCM(kdf.derive(secret.encode()))


def seal(data: bytes, bound_to: str) -> bytes:
    """Return `data` sealed, as `nonce (12) ‖ ciphertext ‖ tag (16)`.

    Args:
        data: What nobody is to read.
        bound_to: The place of the bytes, such as `<check>:document`; they open at no other.
    """
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + _cipher(settings.IDENTITY_SECRET).encrypt(nonce, data, bound_to.encode())


def unseal(sealed: bytes, bound_to: str) -> bytes:
    """Return what was sealed.

    Raises:
        SealBroken: The bytes, their place or the deployment's secret are not the same.
    """
    nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        return _cipher(settings.IDENTITY_SECRET).decrypt(nonce, rest, bound_to.encode())
    except InvalidTag:
        raise SealBroken from None
