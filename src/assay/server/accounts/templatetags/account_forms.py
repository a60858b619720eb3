"""How the forms of this app are drawn: every field with its label, help and errors."""

from __future__ import annotations

import json as json_format
from typing import Any

from django import template
from django.forms import BaseForm
from django.utils.translation import gettext_lazy as _

from assay.server.accounts.agents import browser_of

register = template.Library()

# allauth's fields in our words; a field that is ours has its own label.
_LABELS = {
    "code": _("Code"),
    "email": _("E-mail address"),
    "login": _("E-mail address"),
    "oldpassword": _("Present password"),
    "passwordless": _("Sign in without a password, too"),
    "remember": _("Stay signed in on this device"),
}
_NAME = _("Name of the passkey")
_HELP = {
    "passwordless": _("Your device then asks for your finger, face or PIN."),
}


@register.inclusion_tag("accounts/_fields.html")
def fields(form: BaseForm) -> dict[str, Any]:
    """Draw all fields of `form`, without its `<form>` and buttons."""
    for bound in form:
        # A placeholder repeats the label in grey and is gone when one types.
        bound.field.widget.attrs.pop("placeholder", None)
        if bound.name in _LABELS:
            bound.label = _LABELS[bound.name]
        elif bound.name == "name" and not bound.field.label:
            bound.label = _NAME
        bound.help_text = _HELP.get(bound.name, bound.help_text)
    return {"form": form}


@register.filter
def json(value: Any) -> str:
    """Return `value` as JSON, for an attribute that a script reads."""
    return json_format.dumps(value)


@register.filter
def browser(user_agent: str) -> str:
    """Return a browser by the name that people know."""
    return browser_of(user_agent)
