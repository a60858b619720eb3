"""A small exam server for the tests of the command line: the API of `assay.wire`, in memory.

It grades by a rule that a test can foresee: the points are the first byte of the
file, and a file that begins with `?` is refused. It can be told to misbehave.
The whole exam against the real server is in `cli/test_whole_exam.py`.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import re
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

import loopback

ALICE = "alices-token"
WEIGHTS = {"Category1": 40, "Category2": 60}
STARTER = "def solution_model():\n    ...  # TODO\n"
NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)


def problem(code: str, message: str, remedy: str = "Do otherwise.") -> dict[str, Any]:
    return {"code": code, "message": message, "remedy": remedy, "params": {}}


def plain_bundle(slot: str, **more: str) -> bytes:
    """The zip of a task's public files."""
    files = {
        "task.en.md": f"# The task of {slot}\n\nA model with input `(1,)` is asked for.\n",
        "task.zh-CN.md": f"# {slot} 的题目\n\n需要一个输入为 `(1,)` 的模型。\n",
        "starter.py": STARTER,
        "item.json": json.dumps({"title": {"en": slot}}),
        "data/train.csv": "x,y\n1,2\n",
        **more,
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def sealed_bundle(plain: bytes, key: bytes) -> bytes:
    nonce = os.urandom(12)
    return nonce + AESGCM(key).encrypt(nonce, plain, hashlib.sha256(plain).digest())


@dataclass
class FakeExam:
    """What the server knows, and how it misbehaves."""

    phase: str = "preparing"
    prepared: int = 0  # slots
    environment: list[str] = field(default_factory=list)
    duration: int = 18000  # seconds
    registered: bool = True
    obstacle: dict[str, Any] | None = None
    sitting_open: bool = False
    submissions: list[dict[str, Any]] = field(default_factory=list)
    credential: bool = True
    announcements: list[dict[str, Any]] = field(default_factory=list)  # see `announce`
    max_file_bytes: int = 1000
    grading: str = "at once"  # or "until cancelled", or "again": first fails by the platform

    # What comes of questions for a token, one after the other; `allow` gives Alice's.
    decisions: list[str] = field(default_factory=lambda: ["authorization_pending", "allow"])

    broken_downloads: int = 0  # so many answers hold a wrong byte
    busy: int = 0  # so many answers are 503
    hang_up: int = 0  # so many uploads are read, stored, and not answered

    requests: list[str] = field(default_factory=list)
    languages: set[str] = field(default_factory=set)
    keys: dict[str, bytes] = field(default_factory=dict)
    plain: dict[str, bytes] = field(default_factory=dict)
    sealed: dict[str, bytes] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        for slot in WEIGHTS:
            self.keys[slot] = os.urandom(32)
            self.plain[slot] = plain_bundle(slot)
            self.sealed[slot] = sealed_bundle(self.plain[slot], self.keys[slot])

    # -- shapes -----------------------------------------------------------------------------

    def exam(self) -> dict[str, Any]:
        return {
            "name": "developer",
            "title": "ML Developer",
            "slots": [
                {"name": slot, "title": f"Slot {slot[-1]}", "weight": weight}
                for slot, weight in WEIGHTS.items()
            ],
            "duration": self.duration,
            "pass_mark": 90.0,
            "environment": self.environment,
        }

    def best(self, slot: str) -> int | None:
        points = [
            s["points"] for s in self.submissions if s["slot"] == slot and s["points"] is not None
        ]
        return max(points, default=None)

    def total(self) -> float:
        return sum(weight * (self.best(slot) or 0) / 5 for slot, weight in WEIGHTS.items())

    def task(self, slot: str, place: int) -> dict[str, Any]:
        bundle = {
            "url": f"/api/sittings/s1/tasks/{slot}/bundle",
            "sha256": hashlib.sha256(self.sealed[slot]).hexdigest(),
            "plain_sha256": hashlib.sha256(self.plain[slot]).hexdigest(),
            "size": len(self.sealed[slot]),
        }
        return {
            "slot": slot,
            "title": f"Item {slot[-1]}" if self.phase == "running" else f"Slot {slot[-1]}",
            "weight": WEIGHTS[slot],
            "bundle": bundle if place < self.prepared else None,
            "best": self.best(slot),
            "tries": sum(s["slot"] == slot for s in self.submissions),
            "max_file_bytes": self.max_file_bytes,
        }

    def sitting(self) -> dict[str, Any]:
        started = self.phase not in {"preparing", "ready"}
        over = self.phase in {"closing", "closed"}
        return {
            "id": "s1",
            "registration": "r1",
            "exam": self.exam(),
            "phase": self.phase,
            "now": NOW.isoformat(),
            "started_at": (NOW - timedelta(minutes=1)).isoformat() if started else None,
            "deadline": (NOW + timedelta(hours=4, minutes=59)).isoformat() if started else None,
            "ended_at": NOW.isoformat() if over else None,
            "tasks": [self.task(slot, place) for place, slot in enumerate(WEIGHTS)],
            "total": self.total(),
            "announcements": self.announcements,
        }

    def announce(self, text: str) -> None:
        """Have the staff tell something to all who sit."""
        number = str(len(self.announcements) + 1)
        self.announcements.insert(0, {"id": number, "at": NOW.isoformat(), "text": text})

    def result(self) -> dict[str, Any]:
        passed = self.total() >= 90
        return {
            "sitting": "s1",
            "final": self.phase == "closed",
            "passed": passed,
            "total": self.total(),
            "pass_mark": 90.0,
            "slots": [
                {
                    "slot": slot,
                    "title": f"Item {slot[-1]}",
                    "weight": weight,
                    "points": self.best(slot) or 0,
                    "tries": sum(s["slot"] == slot for s in self.submissions),
                    "certainty": {"rule": "accuracy ≥ 0.95", "error": "± 0.003", "samples": 5000}
                    if self.phase == "closed" and slot == "Category1"
                    else None,
                }
                for slot, weight in WEIGHTS.items()
            ],
            "study": [{"title": "Stop early", "group": "Training", "points": 2.5}]
            if self.phase == "closed" and not passed
            else [],
            "ended_at": NOW.isoformat(),
            "retake_from": None if passed else (NOW + timedelta(days=14)).isoformat(),
            "credential": {"id": "c1", "url": "https://exam.example.org/verify/c1"}
            if passed and self.credential
            else None,
        }

    # -- what can be asked of it --------------------------------------------------------------

    def answer(self, method: str, path: str, query: dict[str, str], body: bytes) -> Any:
        """Return `(status, JSON)`, or bytes."""
        for pattern, handle in (
            (r"GET /api/health", self._health),
            (r"POST /api/device/code", self._device_code),
            (r"POST /api/device/token", self._device_token),
            (r"GET /api/me", self._me),
            (r"GET /api/registrations", self._registrations),
            (r"POST /api/registrations/r1/sitting", self._open),
            (r"GET /api/sittings/s1", self._sitting),
            (r"GET /api/sittings/s1/tasks/(\w+)/bundle", self._bundle),
            (r"POST /api/sittings/s1/start", self._start),
            (r"POST /api/sittings/s1/tasks/(\w+)/submissions", self._submit),
            (r"GET /api/sittings/s1/submissions", self._submissions),
            (r"GET /api/submissions/(\w+)", self._submission),
            (r"POST /api/submissions/(\w+)/cancel", self._cancel),
            (r"POST /api/sittings/s1/end", self._end),
            (r"GET /api/sittings/s1/result", self._result),
        ):
            found = re.fullmatch(pattern, f"{method} {path}")
            if found:
                return handle(*found.groups(), query=query, body=body)
        return 404, problem("not_found", f"There is no {path} here.")

    def _health(self, **_: Any) -> Any:
        return 200, {"status": "ok", "version": "0.1.0", "now": NOW.isoformat(), "graders": 1}

    def _device_code(self, *, query: dict[str, str], body: bytes) -> Any:
        return 200, {
            "device_code": "long-and-secret",
            "user_code": "CDFG-HJKM",
            "verification_uri": "http://exam.example/device/",
            "verification_uri_complete": "http://exam.example/device/?code=CDFG-HJKM",
            "expires_in": 900,
            "interval": 3,
        }

    def _device_token(self, *, query: dict[str, str], body: bytes) -> Any:
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        assert form["device_code"] == "long-and-secret"
        assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:device_code"
        decision = self.decisions.pop(0)
        if decision == "allow":
            return 200, {"access_token": ALICE, "token_type": "Bearer"}
        return 400, problem(decision, "Not so.") | {"error": decision, "error_description": "…"}

    def _me(self, **_: Any) -> Any:
        return 200, {"email": "alice@example.org", "name": "Alice Example", "language": "en"}

    def _registrations(self, **_: Any) -> Any:
        if not self.registered:
            return 200, []
        registration = {
            "id": "r1",
            "exam": self.exam(),
            "valid_until": (NOW + timedelta(days=180)).isoformat(),
            "obstacle": self.obstacle,
            "eligible_from": None,
            "sitting": "s1" if self.sitting_open else None,
        }
        return 200, [registration]

    def _open(self, **_: Any) -> Any:
        if self.obstacle:
            return 403, self.obstacle
        self.sitting_open = True
        return 200, self.sitting()

    def _sitting(self, *, query: dict[str, str], **_: Any) -> Any:
        if self.phase == "preparing" and "wait" in query:
            self.prepared += 1
            if self.prepared == len(WEIGHTS):
                self.phase = "ready"
        return 200, self.sitting()

    def _bundle(self, slot: str, **_: Any) -> Any:
        if self.broken_downloads:
            self.broken_downloads -= 1
            return b"x" * len(self.sealed[slot])
        return self.sealed[slot]

    def _start(self, **_: Any) -> Any:
        if self.phase not in {"ready", "running"}:
            return 403, problem("sitting_over", "This sitting ended.")
        self.phase = "running"
        keys = {slot: base64.b64encode(key).decode() for slot, key in self.keys.items()}
        return 200, {"sitting": self.sitting(), "keys": keys}

    def _submit(self, slot: str, *, query: dict[str, str], body: bytes) -> Any:
        if self.phase != "running":
            return 403, problem("not_started", "This sitting has not been started yet.")
        digest = hashlib.sha256(body).hexdigest()
        for earlier in self.submissions:
            if earlier["slot"] == slot and earlier["state"] == "grading":
                if earlier["sha256"] == digest:
                    return 201, earlier
                return 409, problem("submission_in_progress", "One is being graded.")
        submission: dict[str, Any] = {
            "id": f"sub{len(self.submissions) + 1}",
            "sitting": "s1",
            "slot": slot,
            "number": 1 + sum(s["slot"] == slot for s in self.submissions),
            "file_name": query["name"],
            "sha256": digest,
            "size": len(body),
            "arrived_at": NOW.isoformat(),
            "state": "grading",
            "attempt": 1,
            "points": None,
            "refusal": None,
            "notice": None,
            "best": self.best(slot),
            "total": self.total(),
        }
        self.submissions.append(submission)
        if body[:1] == b"?":
            refusal = problem("lambda_layer", "The layer dense_1 runs code.", "Use Rescaling.")
            submission |= {"state": "refused", "refusal": refusal}
        elif self.grading == "at once":
            self._grade(submission, int(body[:1]))
        elif self.grading == "again":
            submission |= {"notice": problem("grading_again", "It failed on our side.")}
            submission["will_earn"] = int(body[:1])
        return 201, submission

    def _grade(self, submission: dict[str, Any], points: int) -> None:
        submission |= {"state": "graded", "points": points, "notice": None}
        submission |= {"best": self.best(submission["slot"]), "total": self.total()}

    def _submissions(self, **_: Any) -> Any:
        return 200, self.submissions

    def _find(self, name: str) -> dict[str, Any]:
        return next(s for s in self.submissions if s["id"] == name)

    def _submission(self, name: str, **_: Any) -> Any:
        submission = self._find(name)
        answer = dict(submission)
        if "will_earn" in submission:
            self._grade(submission, submission.pop("will_earn"))
        elif submission["state"] == "grading":
            time.sleep(0.05)
        return 200, answer

    def _cancel(self, name: str, **_: Any) -> Any:
        submission = self._find(name)
        if submission["state"] == "grading":
            submission["state"] = "cancelled"
        return 200, submission

    def _end(self, **_: Any) -> Any:
        self.phase = "closing"
        return 200, self.sitting()

    def _result(self, *, query: dict[str, str], **_: Any) -> Any:
        if self.phase not in {"closing", "closed"}:
            return 409, problem("sitting_runs", "This sitting runs.")
        if "wait" in query:
            self.phase = "closed"
        return 200, self.result()


class _Handler(loopback.Handler):
    exam: FakeExam
    protocol_version = "HTTP/1.1"
    wbufsize = 65536  # one packet for each answer

    def get(self) -> None:
        self._handle("GET")

    def post(self) -> None:
        self._handle("POST")

    def _handle(self, method: str) -> None:
        exam = self.exam
        announced = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(announced)
        if len(body) < announced:  # the client has broken off
            self.close_connection = True
            return
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        with exam.lock:
            exam.requests.append(f"{method} {parts.path}")
            exam.languages.add(self.headers.get("Accept-Language", ""))
            if exam.busy:
                exam.busy -= 1
                self.reply(503, b"<html>come back later</html>", "text/html")
                return
            if self.headers.get("Authorization") != f"Bearer {ALICE}" and not any(
                open_to_all in self.path for open_to_all in ("health", "device")
            ):
                answer: Any = (401, problem("unauthenticated", "Your token is not valid."))
            else:
                digest = self.headers.get("X-Content-SHA256")
                assert digest is None or digest == hashlib.sha256(body).hexdigest()
                answer = exam.answer(method, parts.path, query, body)
            if exam.hang_up and parts.path.endswith("/submissions") and method == "POST":
                exam.hang_up -= 1
                self.close_connection = True
                return
        if isinstance(answer, bytes):
            self.reply(200, answer, "application/octet-stream")
        else:
            status, content = answer
            self.reply(status, json.dumps(content).encode(), "application/json")


@contextmanager
def serving(exam: FakeExam, port: int = 0) -> Iterator[str]:
    """Serve `exam` on the loopback interface; yield the address."""
    with loopback.serving(type("Handler", (_Handler,), {"exam": exam}), port) as address:
        yield address
