"""How rows are shown in the admin: who may look, and that nothing can be changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assay.server.accounts.models import User
from assay.server.accounts.views.signed import signed_in
from assay.server.staff.audit import record
from assay.server.staff.roles import Action, actions_of

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
