"""`staff_role`: what `assay staff role` runs."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _

from assay.server.accounts.models import User
from assay.server.staff.errors import NoAccount, NoSuchRole
from assay.server.staff.roles import Role, give, take


class Command(BaseCommand):
    """Gives a role of staff to somebody who has an account, or takes it."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.description = _(
            "Give somebody who has an account a role of staff, or take it from them."
        )
        parser.add_argument("email")
        parser.add_argument("role", help=", ".join(Role))
        parser.add_argument("--remove", action="store_true", help=_("take the role"))

    def handle(self, *_args: Any, **options: Any) -> None:
        """Give or take, and print what the person has now.

        Raises:
            NoSuchRole: There is no such role.
            NoAccount: The person has none.
        """
        if options["role"] not in list(Role):
            raise NoSuchRole(received=options["role"], roles=", ".join(Role))
        try:
            user = User.objects.get_by_natural_key(options["email"])
        except User.DoesNotExist:
            raise NoAccount(email=options["email"]) from None
        act = take if options["remove"] else give
        act(user, Role(options["role"]), by=None, now=timezone.now())
        groups = set(user.groups.values_list("name", flat=True))
        # By the names that are typed, in either language.
        held = ", ".join(role.value for role in Role if role.group in groups)
        said = _("Roles of %(email)s: %(roles)s") if held else _("%(email)s has no role of staff.")
        self.stdout.write(said % {"email": user.email, "roles": held})
