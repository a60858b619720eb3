"""What goes wrong between a command, its server and its user.

UsageError
├── NoSuchCommand         there is no command of this name
├── BadServer             that is no address of a server
├── NewerSettings         accounts.json was written by a newer Assay
├── DamagedSettings       accounts.json cannot be read
├── WhichExam             there are several registrations to choose from
├── NoSuchExam            no registration for the exam that was named
├── FileChanged           a file was written to while it was being sent
├── TaskSealed            the task is not opened yet
├── PictureNowhere        that is no place for a picture
└── ExtraMissing          this command needs more packages

Unauthenticated
├── NoServer              no exam server is known yet
├── NotSignedIn           no token for this server
└── CodeExpired           nobody allowed the sign-in in a browser

NotFound
├── NoRegistration        nothing was registered
├── NothingOpen           no sitting is going on
└── NothingToCancel       no submission is unfinished

Unreachable
├── NothingListens        nobody answers at that address
│   └── PracticeStopped     and it is one's own practice server
├── NameUnknown           the name of the server cannot be found
├── NotTrusted            its TLS certificate cannot be checked
├── TooSlow               it did not answer in time
├── ConnectionLost        the connection broke
├── ProxyRefused          a proxy stands in between
├── NotAssay              something answers, but no Assay
└── AnswerNotUnderstood   an Assay answers, but in another form

PlatformFault
├── PracticeDidNotStart   the practice server ended before it was ready
└── ServerBusy            the server asks to come back later

AssayError
└── NotConfirmed          the question was answered with no, or could not be asked

What the server itself says of an error is in `assay.cli.told`.
"""

from __future__ import annotations

from assay.errors import (
    AssayError,
    NotFound,
    PlatformFault,
    Unauthenticated,
    Unreachable,
    UsageError,
)
from assay.messages import N_

_TRY_LATER = N_("Check your connection and try again. Nothing is lost.")


class NoSuchCommand(UsageError):
    """There is no command of this name."""

    code = "no_such_command"
    message = N_("There is no command “{received}”. Did you mean one of these: {closest}?")
    remedy = N_("See all commands with: assay --help")


class BadServer(UsageError):
    """That is no address of a server."""

    code = "bad_server"
    message = N_("The address of an exam server was expected, received “{received}”.")
    remedy = N_("Type it as in your invitation: assay login https://exam.example.org --token TOKEN")


class NewerSettings(UsageError):
    """The settings were written by a newer Assay."""

    code = "newer_settings"
    message = N_(
        "{file} has format version {received}, but this version of Assay reads it up to {expected}."
    )
    remedy = N_("Upgrade first: pip install --upgrade assay")


class DamagedSettings(UsageError):
    """The settings cannot be read."""

    code = "damaged_settings"
    message = N_("{file} cannot be read: {reason}.")
    remedy = N_("Delete it and sign in again: assay login SERVER")


class WhichExam(UsageError):
    """There are several registrations to choose from."""

    code = "which_exam"
    message = N_("You are registered for several exams: {exams}.")
    remedy = N_("Say which: assay start --exam NAME")


class NoSuchExam(UsageError):
    """No registration for the exam that was named."""

    code = "no_such_exam"
    message = N_("You are not registered for an exam named “{received}”, only for: {exams}.")
    remedy = N_("See your registrations with: assay status")


class TaskSealed(UsageError):
    """The task cannot be read yet, or no longer."""

    code = "task_sealed"
    message = N_("The task of {slot} is not in its folder: it is opened when the clock starts.")
    remedy = N_("Start, or bring back a deleted file, with: assay start")


class NothingToCancel(NotFound):
    """No submission of the category is unfinished."""

    code = "nothing_to_cancel"
    message = N_("{slot} has no submission that is still being graded.")
    remedy = N_("See how things stand with: assay status")


class PictureNowhere(UsageError):
    """That is no place for a picture."""

    code = "picture_nowhere"
    message = N_(
        "A name that ends in .png, in a folder that exists, was expected; received {file}."
    )
    remedy = N_("Name another one: --out FILE.png")


class ExtraMissing(UsageError):
    """This command needs more packages."""

    code = "extra_missing"
    message = N_("This command needs packages that are not installed ({missing}).")
    remedy = N_('Install them first: pip install "assay[{extra}]"')


class FileChanged(UsageError):
    """The file was written to while it was being sent."""

    code = "file_changed"
    message = N_("{file} changed while it was being sent. Nothing was submitted.")
    remedy = N_("Wait until your program has saved the model, then submit again.")


class NoServer(Unauthenticated):
    """No exam server is known yet."""

    code = "no_server"
    message = N_("You are not signed in to an exam server yet.")
    remedy = N_(
        "Sign in as your invitation says: assay login SERVER. "
        "To practise on your own machine: assay practice"
    )


class NotSignedIn(Unauthenticated):
    """No token for this server."""

    code = "not_signed_in"
    message = N_("You are not signed in to {server}.")
    remedy = N_("Sign in with: assay login {server}")


class CodeExpired(Unauthenticated):
    """Nobody allowed the sign-in in a browser."""

    code = "code_expired"
    message = N_("Nobody has allowed it in time; the code has expired.")
    remedy = N_("Begin again with: assay login SERVER")


class NoRegistration(NotFound):
    """Nothing was registered."""

    code = "no_registration"
    message = N_("{email} is not registered for any exam on {server}.")
    remedy = N_("Ask the certifying body to register you; to practise, type: assay practice")


class NothingOpen(NotFound):
    """No sitting is going on."""

    code = "nothing_open"
    message = N_("You have no sitting on {server} yet.")
    remedy = N_("Begin with: assay start")


class NotConfirmed(AssayError):
    """The question was answered with no, or could not be asked."""

    code = "not_confirmed"
    message = N_("It was not confirmed, so it was not done.")
    remedy = N_("When you are ready, type: {command}")


class NothingListens(Unreachable):
    """Nobody answers at that address."""

    code = "connection_refused"
    message = N_("Nothing answers at {server}.")
    remedy = N_("Check the address, or wait until the server is up again. Nothing is lost.")


class PracticeStopped(NothingListens):
    """The server at that address is one's own, and does not run."""

    code = "practice_stopped"
    message = N_("Your practice server ({server}) is not running.")
    remedy = N_("Start it again with: assay practice")


class PracticeDidNotStart(PlatformFault):
    """The practice server ended before it was ready."""

    code = "practice_did_not_start"
    message = N_("The practice server did not start (exit code {exit_code}). It said:\n{said}")
    remedy = N_("Its log is {log}.")


class NameUnknown(Unreachable):
    """The name of the server cannot be found."""

    code = "name_unknown"
    message = N_("The name {host} cannot be found.")
    remedy = N_("Check the spelling, your internet connection, and a VPN if you use one.")


class NotTrusted(Unreachable):
    """The server's TLS certificate cannot be checked."""

    code = "tls"
    message = N_("The connection to {server} is not safe: {reason}.")
    remedy = N_(
        "Check the date and the time of this machine. If your organisation inspects encrypted "
        "traffic, name its certificate file: SSL_CERT_FILE=FILE"
    )


class TooSlow(Unreachable):
    """The server did not answer in time."""

    code = "timeout"
    message = N_("{server} did not answer in time.")
    remedy = _TRY_LATER


class ConnectionLost(Unreachable):
    """The connection broke."""

    code = "connection_lost"
    message = N_("The connection to {server} broke ({reason}).")
    remedy = _TRY_LATER


class ProxyRefused(Unreachable):
    """A proxy stands in between and says no."""

    code = "proxy"
    message = N_("The proxy between here and {server} says no: {reason}.")
    remedy = N_("Check HTTPS_PROXY, or leave the proxy out for this server: NO_PROXY={host}")


class NotAssay(Unreachable):
    """Something answers at that address, but no Assay."""

    code = "not_assay"
    message = N_("{server} answers, but not as an exam server does ({reason}).")
    remedy = N_("Check the address; behind a hotel or campus network, sign in to that first.")


class AnswerNotUnderstood(Unreachable):
    """The server's answer has another form than this version knows."""

    code = "answer_not_understood"
    message = N_("The answer of {server} was not understood: {reason}.")
    remedy = N_("Upgrade first: pip install --upgrade assay")


# Trying again cannot mend these.
LASTING: tuple[type[Unreachable], ...] = (NotTrusted, NotAssay, AnswerNotUnderstood, ProxyRefused)


class ServerBusy(PlatformFault):
    """The server, or what stands before it, asks to come back later."""

    code = "server_busy"
    message = N_("{server} cannot answer just now (status {status}).")
    remedy = N_("Try again in a minute. Nothing is lost.")
