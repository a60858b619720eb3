"""Who of the staff may do what: the one table that every staff page asks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from django.contrib.auth.models import Group
from django.db import transaction

from assay.server.accounts.models import User
from assay.server.staff.audit import record


class Role(StrEnum):
    """A role; it is kept as a group of Django's with the name `staff: <role>`."""

    REGISTRAR = "registrar"
    IDENTITY_CHECKER = "identity-checker"
    EXAMINER = "examiner"
    AUDITOR = "auditor"

    @property
    def group(self) -> str:
        """The group's name."""
        return f"staff: {self.value}"


class Action(StrEnum):
    """What a page lets somebody do."""

    OVERVIEW = "overview"
    CHECK_IDENTITY = "identity"
    WATCH_SITTINGS = "sittings.watch"
    RULE_CLOCK = "clock"
    READ_AUDIT = "audit"
    READ_REGISTRATIONS = "registrations"
    REGISTER = "registrations.change"
    VOID = "void"
    READ_VOUCHERS = "vouchers"
    MAKE_VOUCHERS = "vouchers.change"
    READ_ORDERS = "orders"
    REFUND = "orders.refund"
    READ_SUBMISSIONS = "submissions"
    DOWNLOAD_SUBMISSIONS = "submissions.download"
    REGRADE = "submissions.regrade"
    READ_APPEALS = "appeals"
    ANSWER_APPEALS = "appeals.answer"
    READ_STATISTICS = "statistics"
    READ_ANNOUNCEMENTS = "announcements"
    ANNOUNCE = "announcements.change"
    READ_RECORDS = "records"


ACCESS: Mapping[Role, frozenset[Action]] = MappingProxyType(
    {
        Role.REGISTRAR: frozenset(
            {
                Action.OVERVIEW,
                Action.WATCH_SITTINGS,
                Action.READ_REGISTRATIONS,
                Action.REGISTER,
                Action.READ_VOUCHERS,
                Action.MAKE_VOUCHERS,
                Action.READ_ORDERS,
                Action.REFUND,
            }
        ),
        Role.IDENTITY_CHECKER: frozenset({Action.OVERVIEW, Action.CHECK_IDENTITY}),
        Role.EXAMINER: frozenset(
            {
                Action.OVERVIEW,
                Action.WATCH_SITTINGS,
                Action.RULE_CLOCK,
                Action.READ_REGISTRATIONS,
                Action.VOID,
                Action.READ_SUBMISSIONS,
                Action.DOWNLOAD_SUBMISSIONS,
                Action.REGRADE,
                Action.READ_APPEALS,
                Action.ANSWER_APPEALS,
                Action.READ_STATISTICS,
                Action.READ_ANNOUNCEMENTS,
                Action.ANNOUNCE,
            }
        ),
        Role.AUDITOR: frozenset(
            {
                Action.OVERVIEW,
                Action.WATCH_SITTINGS,
                Action.READ_AUDIT,
                Action.READ_RECORDS,
                Action.READ_REGISTRATIONS,
                Action.READ_SUBMISSIONS,
                Action.READ_APPEALS,
                Action.READ_STATISTICS,
                Action.READ_VOUCHERS,
                Action.READ_ORDERS,
                Action.READ_ANNOUNCEMENTS,
            }
        ),
    }
)


def actions_of(user: User) -> frozenset[Action]:
    """Return all that a member of staff may do; superusers may do everything."""
    if not user.is_staff:
        return frozenset()
    if user.is_superuser:
        return frozenset(Action)
    groups = set(user.groups.values_list("name", flat=True))
    return frozenset().union(*(ACCESS[role] for role in Role if role.group in groups))


@transaction.atomic
def give(user: User, role: Role, *, by: User | None, now: datetime) -> None:
    """Give somebody a role; they are staff from then on."""
    group, _ = Group.objects.get_or_create(name=role.group)
    user.groups.add(group)
    user.is_staff = True
    user.save(update_fields=["is_staff"])
    record("role.give", by=by, subject=f"user {user.pk}", now=now, role=role.value)


@transaction.atomic
def take(user: User, role: Role, *, by: User | None, now: datetime) -> None:
    """Take a role from somebody; without any, they are not staff any more."""
    user.groups.remove(*Group.objects.filter(name=role.group))
    groups = {each.group for each in Role}
    if not user.is_superuser and not user.groups.filter(name__in=groups).exists():
        user.is_staff = False
        user.save(update_fields=["is_staff"])
    record("role.take", by=by, subject=f"user {user.pk}", now=now, role=role.value)
