"""What we ask of a person. django-allauth builds its sign-up form on `PersonForm`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from assay.server.accounts.models import User
from assay.server.language import LANGUAGES, active_language


class PersonForm(forms.Form):
    """Name and language; part of signing up, by password or by a provider."""

    name = forms.CharField(
        label=_("Name"),
        max_length=200,
        help_text=_("As on your identity document. Your certificate will carry it."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=LANGUAGES, help_text=_("Of our mails to you.")
    )

    field_order = ("name", "email", "language", "password1", "password2")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["language"].initial = active_language().value

    def clean_name(self) -> str:
        """Return the name with single spaces."""
        return " ".join(self.cleaned_data["name"].split())

    def signup(self, request: HttpRequest, user: User) -> None:  # noqa: ARG002 - allauth's
        """Take the answers over; allauth calls it for a new user."""
        user.name = self.cleaned_data["name"]
        user.language = self.cleaned_data["language"]
        user.save(update_fields=["name", "language"])


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]  # Django's own takes none
    """Name and language of somebody who has an account."""

    class Meta:
        model = User
        fields: ClassVar = ["name", "language"]

    name = forms.CharField(
        label=_("Name"),
        max_length=200,
        help_text=_("As on your identity document. Certificates that exist keep the old name."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=LANGUAGES, help_text=_("Of pages and mails.")
    )

    def __init__(self, *args: Any, fixed: Sequence[str] = (), **options: Any) -> None:
        """Make the form; `fixed` says why the name cannot be changed at present."""
        super().__init__(*args, **options)
        self._fixed = fixed

    def clean_name(self) -> str:
        """Return the name with single spaces."""
        name = " ".join(self.cleaned_data["name"].split())
        if self._fixed and name != self.initial["name"]:
            raise forms.ValidationError(list(self._fixed))
        return name


class DeletionForm(forms.Form):
    """Shows that it is the person: by the password, or by the address if there is none."""

    def __init__(self, user: User, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._user = user
        if user.has_usable_password():
            self.fields["password"] = forms.CharField(
                label=_("Password"),
                strip=False,
                widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
            )
        else:
            self.fields["email"] = forms.EmailField(
                label=_("E-mail address"), help_text=_("Type the address of your account.")
            )

    def clean_password(self) -> str:
        """Refuse a wrong password."""
        password: str = self.cleaned_data["password"]
        if not self._user.check_password(password):
            raise forms.ValidationError(_("That is not your password."))
        return password

    def clean_email(self) -> str:
        """Refuse another address."""
        email: str = self.cleaned_data["email"]
        if email.strip().lower() != self._user.email:
            raise forms.ValidationError(_("That is not the address of your account."))
        return email
