"""Accounts in the admin: superusers give roles here, and close accounts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assay.server.accounts.models import User
from assay.server.accounts.views.signed import signed_in
from assay.server.staff.audit import record
from assay.server.staff.records.shelving import Shelf, column, shelve
from assay.server.staff.roles import Role, give, take

ROLES = (
    (Role.REGISTRAR.value, _("registrar")),
    (Role.IDENTITY_CHECKER.value, _("identity checker")),
    (Role.EXAMINER.value, _("examiner")),
    (Role.AUDITOR.value, _("auditor")),
)


class RolesForm(forms.ModelForm):  # type: ignore[type-arg]
    """An account's roles, and whether it is open."""

    is_active = forms.BooleanField(
        label=_("The account is open"),
        help_text=_("Whoever owns a closed one cannot sign in."),
        required=False,
    )
    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=ROLES, widget=forms.CheckboxSelectMultiple, required=False
    )

    class Meta:
        model = User
        fields = ("is_active",)

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.initial["roles"] = held(self.instance)


def held(user: User) -> list[str]:
    """Return the names of somebody's roles."""
    groups = {group.name for group in user.groups.all()}
    return [role.value for role in Role if role.group in groups]


@admin.display(description=_("Roles"), empty_value="–")
def roles_of(user: User) -> str:
    """Return somebody's roles in words."""
    words = dict(ROLES)
    return ", ".join(str(words[role]) for role in held(user))


class RoleFilter(admin.SimpleListFilter):
    """Accounts by role."""

    title = _("role")
    parameter_name = "role"

    def lookups(self, *_: Any) -> Any:
        """Return what can be chosen."""
        return ROLES

    def queryset(self, _request: HttpRequest, queryset: models.QuerySet[User]) -> Any:
        """Return the accounts with the chosen role."""
        chosen = self.value()
        if chosen not in {role.value for role in Role}:
            return queryset
        return queryset.filter(groups__name=Role(chosen).group)


@shelve(User, _("account"), _("accounts"))
class UserShelf(Shelf):
    """Accounts; superusers give roles here and close accounts."""

    form = RolesForm
    columns = (
        column("email", _("E-mail address")),
        column("name", _("Name")),
        column("language", _("Language")),
        column("joined_at", _("Since (UTC)")),
        column("last_login", _("Last signed in (UTC)")),
        column("erased_at", _("Deleted (UTC)")),
        roles_of,
    )
    search_fields = ("email", "name")
    list_filter = (RoleFilter,)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let superusers change others' accounts, not their own."""
        user = signed_in(request)
        return user.is_superuser and (obj is None or obj.pk != user.pk)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show the columns, and below them what can be changed."""
        if not self._may(request, obj):
            return self.columns
        return (*(each for each in self.columns if each is not roles_of), "is_active", "roles")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[User]:
        """Return all accounts, their roles read at once."""
        return super().get_queryset(request).prefetch_related("groups")

    def _may(self, request: HttpRequest, obj: User | None) -> bool:
        return obj is not None and self.has_change_permission(request, obj)

    def get_form(self, request: HttpRequest, obj: Any = None, *arguments: Any, **named: Any) -> Any:
        """Return the form; its field `roles` is none of the model's."""
        wanted = ["is_active"] if self._may(request, obj) else []
        return super().get_form(request, obj, *arguments, **{**named, "fields": wanted})

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: User, form: Any, *_args: Any) -> None:
        """Give and take roles, open and close, each through what writes it down."""
        by, now = signed_in(request), timezone.now()
        before, after = set(held(obj)), set(form.cleaned_data["roles"])
        for role in Role:
            if role.value in after - before:
                give(obj, role, by=by, now=now)
            elif role.value in before - after:
                take(obj, role, by=by, now=now)
        if "is_active" in form.changed_data:
            obj.save(update_fields=["is_active"])
            act = "user.open" if obj.is_active else "user.close"
            record(act, by=by, subject=f"user {obj.pk}", now=now)
