"""Who uses the server, and how their programs prove it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower

from assay.messages import Language


class UserManager(BaseUserManager["User"]):
    """Makes users; the address is kept in small letters, so that it is found again."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Make a user; without a password, only tokens sign in."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Make a member of staff who may do everything."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        """Return the user with this e-mail address, however it is capitalised."""
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A candidate or a member of staff."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)  # as on the identity document
    language = models.CharField(
        max_length=8,
        choices=[(language.value, language.name) for language in Language],
        default=Language.ENGLISH.value,
    )
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField()

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name", "joined_at"]

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="email_in_small_letters"
            )
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def locale(self) -> str:
        """The name that Django gives to the user's language."""
        return {Language.ENGLISH: "en", Language.CHINESE: "zh-hans"}[Language(self.language)]


class ApiToken(models.Model):
    """A candidate's program may act for the candidate.

    Only a digest is kept: whoever reads the database cannot use it to sign in.
    The token has 256 random bits, so the digest needs neither salt nor stretching.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    digest = models.CharField(max_length=64, unique=True)  # SHA-256, hexadecimal
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.user} {self.digest[:8]}"
