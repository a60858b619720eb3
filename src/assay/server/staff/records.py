"""Django's admin at /admin/: looking up what no other page of the staff shows.

It is for auditors, who read, and for superusers, who also give roles and close accounts.
All else is read-only: whatever changes goes through the services, so that rules hold, mails
are sent and the audit log knows. Secrets (digests, keys, pictures, tokens) are shown nowhere.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assay.server.accounts.models import ApiToken, User
from assay.server.accounts.views.signed import signed_in
from assay.server.credentials.models import Credential, IssuerKey
from assay.server.enrolment.models import IdentityCheck, Reminder, StripeEvent
from assay.server.staff.audit import record
from assay.server.staff.models import AuditEntry
from assay.server.staff.roles import Action, Role, actions_of, give, take

ROLES = (
    (Role.REGISTRAR.value, _("registrar")),
    (Role.IDENTITY_CHECKER.value, _("identity checker")),
    (Role.EXAMINER.value, _("examiner")),
    (Role.AUDITOR.value, _("auditor")),
)
# Signing in, out and passwords are the accounts' own, with their second factors; what the
# others serve is not used here.
_LEFT_OUT = {
    "login",
    "logout",
    "password_change",
    "password_change_done",
    "autocomplete",
    "view_on_site",
}
_APPS = {
    "accounts": _("Accounts"),
    "credentials": _("Certificates"),
    "enrolment": _("Registration"),
    "staff": _("Staff"),
}


class Records(admin.AdminSite):
    """The site: behind the same gate as all pages of the staff."""

    site_header = site_title = _("Records")
    index_title = _("What is kept")
    site_url = "/staff/"
    enable_nav_sidebar = False
    final_catch_all_view = False

    def has_permission(self, request: HttpRequest) -> bool:
        """Return whether somebody may look things up."""
        user = request.user
        return isinstance(user, User) and user.is_active and Action.READ_RECORDS in actions_of(user)

    def admin_view(self, view: Any, *arguments: Any, **named: Any) -> Any:
        """Let only those in who may, and write down each look."""
        inner: Callable[..., HttpResponseBase] = super().admin_view(view, *arguments, **named)

        @wraps(view)
        def gate(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            user = signed_in(request)
            if not user.is_staff:
                raise Http404
            if not self.has_permission(request):
                raise PermissionDenied
            if request.method != "POST":
                subject = f"page {request.path}"
                record("page.look", by=user, subject=subject[:200], now=timezone.now())
            return inner(request, *arguments, **named)

        return gate

    def get_urls(self) -> list[URLResolver | URLPattern]:
        """Return the addresses that are used."""
        return [each for each in super().get_urls() if getattr(each, "name", None) not in _LEFT_OUT]


site = Records()


def column(source: str, label: Any) -> Callable[[Any], Any]:
    """Return a column for Django's admin.

    Args:
        source: A field, or a way to one of a related row, such as `by__email`.
        label: Its heading, a text or one that waits for the reader's language.
    """

    def value(row: Any) -> Any:
        for name in source.split("__"):
            row = getattr(row, name, None)
        if isinstance(row, datetime):
            return f"{row:%Y-%m-%d %H:%M:%S}"
        if isinstance(row, dict):
            return "; ".join(f"{name}: {each}" for name, each in row.items()) or "–"
        return "–" if row is None else row

    value.__name__ = source
    shown: Callable[[Any], Any] = admin.display(description=label, ordering=source)(value)
    return shown


class Shelf(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows of one kind, to be read."""

    columns: tuple[Callable[[Any], Any], ...] = ()
    actions = None
    list_per_page = 50
    show_full_result_count = False

    def get_list_display(self, *_args: Any, **_named: Any) -> Any:
        """Show all columns in the list."""
        return self.columns

    def get_fields(self, *_args: Any, **_named: Any) -> Any:
        """Show the same of one row."""
        return self.columns

    def get_readonly_fields(self, *_args: Any, **_named: Any) -> Any:
        """Let nothing be typed."""
        return self.columns

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Say yes: the site's gate has decided."""
        return site.has_permission(request)

    def has_view_permission(self, request: HttpRequest, *_args: Any, **_named: Any) -> bool:
        """Say yes: the site's gate has decided."""
        return site.has_permission(request)

    def has_add_permission(self, *_args: Any, **_named: Any) -> bool:
        """Say no."""
        return False

    def has_change_permission(self, *_args: Any, **_named: Any) -> bool:
        """Say no."""
        return False

    def has_delete_permission(self, *_args: Any, **_named: Any) -> bool:
        """Say no."""
        return False


def shelve(model: type[models.Model], one: Any, many: Any) -> Callable[[Any], Any]:
    """Put a model on the site under a name in the reader's language."""

    def register(shelf: Any) -> Any:
        # Set here and not in the model's Meta: words for these pages need no migration.
        app = apps.get_app_config(model._meta.app_label)  # noqa: SLF001
        app.verbose_name = _APPS[app.label]
        model._meta.verbose_name, model._meta.verbose_name_plural = one, many  # noqa: SLF001
        site.register(model, shelf)
        return shelf

    return register


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
