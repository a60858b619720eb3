"""Who uses the server, and how their programs prove it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

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
        """Make a member of staff who may do everything.

        Whoever can run commands on the server need not confirm an address by mail.
        """
        from allauth.account.models import EmailAddress  # noqa: PLC0415 - it needs the user model

        fields.setdefault("joined_at", timezone.now())
        user = self.create_user(email, password, is_staff=True, is_superuser=True, **fields)
        EmailAddress.objects.using(self._db).create(
            user=user, email=user.email, verified=True, primary=True
        )
        return user

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
    # When the person's data were deleted on their wish; the row stays for what refers to it.
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

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
    name = models.CharField(max_length=100, blank=True)  # what the program calls itself
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)  # to within some minutes
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.user} {self.digest[:8]}"


class DeviceGrant(models.Model):
    """A program waits until a person allows it to act for them (RFC 8628).

    The program holds the device code, of which only a digest is kept; the person
    types the user code. The program's token is made when it collects it.
    """

    class State(models.TextChoices):
        """Where the grant is; it is deleted once the token is collected."""

        WAITING = "waiting"
        ALLOWED = "allowed"
        REFUSED = "refused"

    digest = models.CharField(max_length=64, unique=True)  # of the device code
    user_code = models.CharField(max_length=8, unique=True)  # without its hyphen
    name = models.CharField(max_length=100, blank=True)  # what the program calls itself
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    polled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(state="allowed", user__isnull=False)
                | ~models.Q(state="allowed"),
                name="somebody_allowed_it",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.state}"


class OutgoingMail(models.Model):
    """A mail that waits for the mail server; deleted once it is sent.

    Jobs name it by its number, since what jobs are called with is logged, and some
    mails carry what signs in.
    """

    to = models.EmailField()
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField()
    written_at = models.DateTimeField()
    expires_at = models.DateTimeField()  # what it offers is worth nothing any more

    def __str__(self) -> str:
        return f"{self.to}: {self.subject}"


class Allowance(models.Model):
    """How much somebody has lately used of what is limited; see `limits`.

    The table is not logged by the database: after a crash everybody has a fresh allowance.
    """

    key = models.CharField(max_length=150, primary_key=True)
    spent_until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key
