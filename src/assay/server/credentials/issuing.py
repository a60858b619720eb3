"""Issue the certificate of a passed sitting."""

from __future__ import annotations

import functools
import secrets
import uuid
from datetime import datetime

from django.conf import settings

from assay import badges
from assay.items.skills import SKILLS
from assay.server.credentials import addresses
from assay.server.credentials.achievements import achievement_of
from assay.server.credentials.models import Credential, IssuerKey
from assay.server.exams.bank import bank
from assay.server.exams.models import Sitting
from assay.server.submissions.services.standing import standing
from assay.wire import CredentialRef

KEY_FILE = "secrets/certificates.pem"  # in the data folder
_SALT_BYTES = 16  # makes it hopeless to try all addresses of all certificates at once


@functools.cache
def signing_key() -> badges.SigningKey:
    """Return the deployment's key, made and stored with mode 600 at the first call ever."""
    return badges.load_or_create_key(settings.DATA / KEY_FILE)


def published_keys() -> list[badges.PublicKey]:
    """Return all keys that a certificate of this server may be signed with, the current one first."""
    current = signing_key().public
    others = IssuerKey.objects.exclude(kid=current.kid).order_by("-first_used_at")
    return [current, *(key.public for key in others)]


def issuer() -> badges.Issuer:
    """Return who issues certificates here."""
    return badges.Issuer(id=addresses.issuer(), name=settings.ISSUER_NAME, url=settings.URL)


def issue(sitting: Sitting, now: datetime) -> None:
    """Issue the certificate of a passed sitting; one that was revoked is good again.

    Nothing is done to one that stands.

    Runs in the transaction that closes the sitting, so that a passed sitting without
    a certificate never exists.

    Args:
        sitting: Closed and passed; its blueprint says that it certifies.
        now: When it was closed: the certificate is valid from then on.
    """
    if Credential.objects.filter(sitting=sitting).exists():
        Credential.objects.filter(sitting=sitting).update(revoked_at=None)
        return
    plan = sitting.plan
    registration = sitting.registration
    number = uuid.uuid4()
    credential = badges.build_credential(
        id=addresses.page(number),
        number=str(number),
        issuer=issuer(),
        achievement=achievement_of(registration.exam, plan, bank()),
        holder=badges.Holder(
            name=registration.candidate.name,
            email=registration.candidate.email,
            salt=secrets.token_hex(_SALT_BYTES),
        ),
        outcome=_outcome(sitting),
        issued_at=now,
        valid_months=plan.certificate_valid_months,
    )
    key = signing_key()
    record, _ = IssuerKey.objects.get_or_create(
        kid=key.public.kid, defaults={"jwk": key.public.jwk, "first_used_at": now}
    )
    Credential.objects.create(
        id=number,
        sitting=sitting,
        key=record,
        jwt=badges.sign(credential, key, key_url=addresses.key(key.public.kid)),
        issued_at=now,
        valid_until=badges.add_months(now, plan.certificate_valid_months),
    )


def revoke(sitting: Sitting, now: datetime) -> None:
    """Take back the certificate of a sitting, if it has one; whoever checks it is told so.

    Args:
        sitting: It was annulled, or turned out not to be passed.
        now: When.
    """
    Credential.objects.filter(sitting=sitting, revoked_at__isnull=True).update(revoked_at=now)


def reference(sitting: Sitting) -> CredentialRef | None:
    """Return where the sitting's certificate is; None if it has none."""
    credential = Credential.objects.filter(sitting=sitting).only("id").first()
    if credential is None:
        return None
    return CredentialRef(id=str(credential.id), url=addresses.page(credential.id))


def _outcome(sitting: Sitting) -> badges.Outcome:
    reached = standing(sitting)
    items = {task.slot: task.item_yaml for task in sitting.tasks.all()}  # as they were drawn
    return badges.Outcome(
        total=reached.total,
        marks=tuple(
            badges.Mark(
                slot=slot,
                points=stands.best or 0,
                item=items[slot].title.en,
                skills=tuple(SKILLS[skill].en for skill in items[slot].skills if skill in SKILLS),
            )
            for slot, stands in reached.slots.items()
        ),
    )
