"""`staff_role`: what `assay staff role` runs."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from assay.server.accounts.models import User
from assay.server.staff.roles import Role, give, take


class Command(BaseCommand):
    """Gives a role of staff to somebody who has an account, or takes it."""

    help = "Give somebody who has an account a role of staff, or take it from them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("email")
        parser.add_argument("role", choices=[role.value for role in Role])
        parser.add_argument("--remove", action="store_true", help="take the role")

    def handle(self, *_: Any, **options: Any) -> None:
        """Give or take, and print what the person has now."""
        try:
            user = User.objects.get_by_natural_key(options["email"])
        except User.DoesNotExist:
            raise CommandError(f"{options['email']} has no account.") from None
        act = take if options["remove"] else give
        act(user, Role(options["role"]), by=None, now=timezone.now())
        groups = set(user.groups.values_list("name", flat=True))
        held = ", ".join(role.value for role in Role if role.group in groups)
        self.stdout.write(f"{user.email}: {held or '-'}")
