"""What else stands in the admin: rows to be read, and which of their columns are shown."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from assay.server.accounts.models import ApiToken
from assay.server.credentials.models import Credential, IssuerKey
from assay.server.enrolment.models import IdentityCheck, Reminder, StripeEvent
from assay.server.staff.models import AuditEntry
from assay.server.staff.records.shelving import Shelf, column, shelve


@shelve(AuditEntry, _("entry of the audit log"), _("audit log"))
class AuditShelf(Shelf):
    """The audit log, to be searched."""

    columns = (
        column("at", _("When (UTC)")),
        column("by__email", _("Who")),
        column("action", _("Action")),
        column("subject", _("What")),
        column("details", _("Details")),
    )
    list_select_related = ("by",)
    search_fields = ("subject", "action", "by__email")
    date_hierarchy = "at"


@shelve(ApiToken, _("signed-in program"), _("signed-in programs"))
class TokenShelf(Shelf):
    """Programs that act for somebody; of their tokens nothing is shown."""

    columns = (
        column("user__email", _("Account")),
        column("name", _("Program")),
        column("created_at", _("Since (UTC)")),
        column("last_used_at", _("Last used (UTC)")),
        column("revoked_at", _("Signed out (UTC)")),
    )
    list_select_related = ("user",)
    search_fields = ("user__email", "name")


@shelve(Credential, _("certificate"), _("certificates"))
class CredentialShelf(Shelf):
    """Certificates that were issued."""

    columns = (
        column("id", _("Number")),
        column("sitting__registration__candidate__email", _("Person")),
        column("sitting__registration__exam", _("Exam")),
        column("issued_at", _("Issued (UTC)")),
        column("valid_until", _("Good until (UTC)")),
        column("revoked_at", _("Revoked (UTC)")),
        column("key_id", _("Key")),
    )
    list_select_related = ("sitting__registration__candidate",)
    search_fields = ("id", "sitting__registration__candidate__email")
    date_hierarchy = "issued_at"


@shelve(IssuerKey, _("signing key"), _("signing keys"))
class KeyShelf(Shelf):
    """The public keys that certificates are checked with."""

    columns = (
        column("kid", _("Key")),
        column("first_used_at", _("First used (UTC)")),
        column("jwk", _("Public key")),
    )


@shelve(IdentityCheck, _("identity check"), _("identity checks"))
class CheckShelf(Shelf):
    """Identity checks and who decided on them; never the pictures."""

    columns = (
        column("registration__candidate__email", _("Person")),
        column("registration__exam", _("Exam")),
        column("state", _("State")),
        column("submitted_at", _("Sent (UTC)")),
        column("decided_at", _("Decided (UTC)")),
        column("decided_by__email", _("Decided by")),
        column("reason", _("Reason")),
    )
    list_select_related = ("registration__candidate", "decided_by")
    search_fields = ("registration__candidate__email",)


@shelve(Reminder, _("reminder"), _("reminders"))
class ReminderShelf(Shelf):
    """Reminders that were sent."""

    columns = (
        column("registration__candidate__email", _("Person")),
        column("registration__exam", _("Exam")),
        column("days", _("Days left")),
        column("sent_at", _("Sent (UTC)")),
    )
    list_select_related = ("registration__candidate",)
    search_fields = ("registration__candidate__email",)


@shelve(StripeEvent, _("event of Stripe"), _("events of Stripe"))
class EventShelf(Shelf):
    """News of Stripe's that were taken in."""

    columns = (
        column("id", _("Number")),
        column("kind", _("Kind")),
        column("received_at", _("Received (UTC)")),
    )
    search_fields = ("id", "kind")
    date_hierarchy = "received_at"
