from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from assay.cli import failures
from assay.cli.api import Api
from assay.cli.failures import AnswerNotUnderstood, NotAssay, ServerBusy
from assay.cli.http import Connection, Upload
from assay.cli.told import ToldConflict, ToldFault, ToldNotAllowed, ToldUsage
from assay.errors import Conflict, NotAllowed, PlatformFault, Unreachable, UsageError
from assay.messages import Language

Handler = Callable[[httpx.Request], httpx.Response]
SERVER = "https://exam.example.org"


@pytest.fixture(autouse=True)
def no_long_pauses() -> None:
    """Time does not pass here: the pauses are as in earnest."""


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


def connection(handler: Handler, time: Time | None = None, patience: float = 10) -> Connection:
    time = time or Time()
    return Connection(
        SERVER,
        token="secret",
        language=Language.CHINESE,
        patience=patience,
        transport=httpx.MockTransport(handler),
        sleep=time.sleep,
        clock=time.clock,
    )


def failing(error: Exception) -> Handler:
    def handler(request: httpx.Request) -> httpx.Response:
        raise error

    return handler


def after(failures: int, error: Exception | httpx.Response) -> Handler:
    """Fail so many times, then answer."""
    count = 0

    def handler(request: httpx.Request) -> httpx.Response:
        nonlocal count
        count += 1
        if count > failures:
            return httpx.Response(200, json={"count": count})
        if isinstance(error, Exception):
            raise error
        return error

    return handler


def test_it_says_who_asks_and_in_which_language():
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=dict(request.headers))

    headers = connection(handler).request("GET", "/api/me")

    assert headers["authorization"] == "Bearer secret"
    assert headers["accept-language"] == "zh-CN"
    assert headers["user-agent"].startswith("assay/")


def test_it_tries_again_with_growing_pauses():
    time = Time()
    answer = connection(after(4, httpx.ConnectError("refused")), time).request("GET", "/")

    assert answer == {"count": 5}
    assert time.pauses == [0.5, 1.0, 2.0, 4.0]


def test_it_gives_up_when_the_patience_is_over():
    time = Time()
    with pytest.raises(failures.NothingListens):
        connection(failing(httpx.ConnectError("refused")), time, patience=5).request("GET", "/")

    assert sum(time.pauses) <= 5


def test_it_tells_of_each_pause():
    told: list[tuple[str, float]] = []
    line = connection(after(1, httpx.ReadTimeout("slow")))
    line._on_retry = lambda error, pause: told.append((error.code, pause))
    line.request("GET", "/")

    assert told == [("timeout", 0.5)]


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_server_is_asked_again(status: int):
    answer = connection(after(1, httpx.Response(status, html="<h1>later</h1>"))).request("GET", "/")

    assert answer == {"count": 2}


def test_a_server_that_stays_busy_is_a_fault_of_the_platform():
    line = connection(lambda _: httpx.Response(503), patience=1)
    with pytest.raises(ServerBusy):
        line.request("GET", "/")


def test_what_the_server_has_given_up_is_not_asked_for_again():
    time = Time()
    said = {"code": "preparation_failed", "message": "It failed.", "remedy": "Later."}
    with pytest.raises(ToldFault):
        connection(lambda _: httpx.Response(503, json=said), time).request("GET", "/")

    assert time.pauses == []


def cause(error: Exception, inner: Exception) -> Exception:
    error.__cause__ = inner
    return error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (httpx.ConnectError("refused"), "connection_refused"),
        (cause(httpx.ConnectError("x"), socket.gaierror(-2, "unknown")), "name_unknown"),
        (cause(httpx.ConnectError("x"), ssl.SSLCertVerificationError("self-signed")), "tls"),
        (httpx.ConnectTimeout("slow"), "timeout"),
        (httpx.ReadTimeout("slow"), "timeout"),
        (httpx.RemoteProtocolError("closed"), "connection_lost"),
        (httpx.ReadError("reset"), "connection_lost"),
        (httpx.ProxyError("407"), "proxy"),
    ],
)
def test_a_failed_connection_is_explained(error: Exception, code: str):
    with pytest.raises(Unreachable) as caught:
        connection(failing(error), patience=0).request("GET", "/")

    assert caught.value.code == code
    assert caught.value.render().remedy


def test_a_certificate_that_cannot_be_checked_is_not_tried_again():
    time = Time()
    error = cause(httpx.ConnectError("x"), ssl.SSLCertVerificationError("self-signed"))
    with pytest.raises(failures.NotTrusted):
        connection(failing(error), time).request("GET", "/")

    assert time.pauses == []


@pytest.mark.parametrize(
    ("status", "kind", "parent"),
    [
        (403, ToldNotAllowed, NotAllowed),
        (409, ToldConflict, Conflict),
        (413, ToldUsage, UsageError),
        (422, ToldUsage, UsageError),
        (500, ToldFault, PlatformFault),
    ],
)
def test_what_the_server_says_is_told_in_its_words(status: int, kind: type, parent: type):
    said = {"code": "some_code", "message": "出了问题。", "remedy": "这样做。"}
    with pytest.raises(kind) as caught:
        connection(lambda _: httpx.Response(status, json=said)).request("GET", "/")

    assert isinstance(caught.value, parent)
    assert caught.value.render(Language.CHINESE).message == "出了问题。"


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(200, html="<h1>Welcome to the hotel</h1>"),
        httpx.Response(302, headers={"Location": "https://portal.example.org"}),
        httpx.Response(404, html="<h1>nothing</h1>"),
    ],
)
def test_what_is_no_exam_server_is_said_so(response: httpx.Response):
    with pytest.raises(NotAssay):
        connection(lambda _: response).request("GET", "/")


def test_an_answer_of_another_form_asks_to_upgrade():
    api = Api(connection(lambda _: httpx.Response(200, json={"email": 5})))
    with pytest.raises(AnswerNotUnderstood) as caught:
        api.me()

    assert "email" in str(caught.value)


def test_an_upload_is_streamed_with_its_size_its_digest_and_its_progress(tmp_path: Path):
    path = tmp_path / "mymodel.h5"
    path.write_bytes(b"x" * 150_000)
    upload = Upload.of(path)
    seen: list[int] = []

    def handler(request: httpx.Request) -> httpx.Response:
        body = request.read()
        return httpx.Response(201, json={"size": len(body), "headers": dict(request.headers)})

    answer = connection(handler).upload("/", upload, params={}, on_progress=seen.append)

    assert answer["size"] == 150_000
    assert answer["headers"]["content-length"] == "150000"
    assert "transfer-encoding" not in answer["headers"]
    assert answer["headers"]["x-content-sha256"] == upload.sha256
    assert seen == [0, 65536, 131072, 150_000]


def test_an_upload_that_failed_begins_again(tmp_path: Path):
    path = tmp_path / "mymodel.h5"
    path.write_bytes(b"abc")
    bodies: list[bytes] = []

    def handler(request: httpx.Request) -> httpx.Response:
        bodies.append(request.read())
        if len(bodies) == 1:
            raise httpx.WriteError("reset")
        return httpx.Response(201, json={})

    seen: list[int] = []
    connection(handler).upload("/", Upload.of(path), params={}, on_progress=seen.append)

    assert bodies == [b"abc", b"abc"]
    assert seen == [0, 3, 0, 3]


def test_an_empty_file_can_be_sent(tmp_path: Path):
    path = tmp_path / "mymodel.h5"
    path.write_bytes(b"")

    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"size": len(request.read())})

    answer = connection(handler).upload("/", Upload.of(path), params={}, on_progress=lambda _: None)

    assert answer == {"size": 0}


def test_a_download_appears_only_when_it_is_whole(tmp_path: Path):
    target = tmp_path / "sealed" / "Category1.bundle"

    def broken():
        yield b"half"
        raise httpx.ReadError("reset")

    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=broken())

    with pytest.raises(Unreachable):
        connection(handler, patience=0).download("/x", target, on_progress=lambda _: None)

    assert list(target.parent.iterdir()) == []


def test_a_long_poll_may_take_longer_than_an_answer():
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(
            200, json={"wait": request.url.params["wait"], **request.extensions["timeout"]}
        )

    answer = connection(handler).request("GET", "/", wait=20)

    assert answer["wait"] == "20"
    assert answer["read"] > 40


def test_the_token_is_in_no_error_and_no_representation():
    line = connection(failing(httpx.ConnectError("refused")), patience=0)
    with pytest.raises(Unreachable) as caught:
        line.request("GET", "/")

    assert "secret" not in json.dumps(str(caught.value))


@pytest.fixture
def self_signed(tmp_path: Path) -> ssl.SSLContext:
    """A server's context with a certificate that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "server.pem"
    pem.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + certificate.public_bytes(Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


def test_a_self_signed_certificate_is_refused_with_the_reason(self_signed: ssl.SSLContext):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def accept() -> None:
            client, _ = listener.accept()
            with client, suppress(OSError):
                self_signed.wrap_socket(client, server_side=True)

        thread = threading.Thread(target=accept)
        thread.start()
        with pytest.raises(failures.NotTrusted) as caught:
            Connection(f"https://127.0.0.1:{port}", patience=5).request("GET", "/")
        thread.join()

    assert "self-signed certificate" in str(caught.value)
    assert "SSL_CERT_FILE" in str(caught.value)


def test_a_name_that_does_not_exist_is_refused_with_the_name(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NO_PROXY", "*")
    with pytest.raises(failures.NameUnknown) as caught:
        Connection("https://exam.invalid", patience=0).request("GET", "/")

    assert "exam.invalid" in str(caught.value)


def test_a_server_that_takes_the_request_and_says_nothing_is_too_slow(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("assay.cli.http._ANSWER_TIMEOUT", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(failures.TooSlow):
            Connection(f"http://127.0.0.1:{port}", patience=0).request("GET", "/")
