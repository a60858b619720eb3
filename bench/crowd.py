"""Candidates that sit an exam at the same time, as programs and browsers of theirs would.

Each has a terminal (the API with a token) and a browser (the console's pages with a
session, the open page kept up to date by its long poll). They prepare, start together,
look at pages, submit model files at moments of their own, wait for verdicts, end, and
read their results. Whatever does not go as it should is a failure, and is kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import numpy as np

from assay.workspace.bundles import unseal

PATIENCE = 60.0  # seconds for one answer; longer is a failure
WAIT = 25.0  # seconds of a long poll
_AGAIN = 0.2  # seconds between two long polls of a page
_LAG = 0.05  # seconds between two looks at how late this process is itself
_SEEN = re.compile(r"\?seen=(\w+)")
_PUBLIC_ERROR = 300  # characters of an answer that are kept


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who sits the exam."""

    token: str
    session: str
    registration: str
    language: str


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """A submission as its candidate saw it; seconds since the epoch."""

    id: str
    sent: float  # the last byte had been given to the system
    answered: float  # the receipt was there
    shown: float  # the verdict was there
    state: str
    points: int | None


@dataclass
class Notes:
    """What the crowd saw."""

    pages: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))  # seconds
    calls: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))  # seconds
    polls: dict[str, int] = field(default_factory=lambda: defaultdict(int))  # long polls answered
    receipts: list[Receipt] = field(default_factory=list)
    ready: dict[str, float] = field(default_factory=dict)  # sitting → when its candidate knew
    final: int = 0  # results
    failures: list[str] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)  # seconds that this process is late by
    opened_at: float = 0.0  # seconds since the epoch
    started_at: float = 0.0  # 0: not yet
    ended_at: float = 0.0


class Stuck(Exception):
    """Something failed; the candidate goes home."""


class Candidate:
    """One candidate.

    Args:
        url: Of the server.
        cookie: Name of the session's cookie.
        person: Who it is.
        models: Endless model files, by slot.
        notes: Where to write down what happened.
        tls: Shared, since making one takes longer than a request.
    """

    def __init__(
        self,
        url: str,
        *,
        cookie: str,
        person: Person,
        models: Mapping[str, Iterator[bytes]],
        notes: Notes,
        tls: ssl.SSLContext,
    ) -> None:
        language = {"Accept-Language": person.language}
        common: dict[str, Any] = {"base_url": url, "timeout": PATIENCE, "verify": tls}
        self._terminal = httpx.AsyncClient(
            **common, headers=language | {"Authorization": f"Bearer {person.token}"}
        )
        self._browser = httpx.AsyncClient(
            **common, headers=language, cookies={cookie: person.session}
        )
        self._person = person
        self._models = models
        self._notes = notes
        self._sitting = ""

    async def prepare(self) -> None:
        """Look around, open the sitting, wait until it is ready and get the bundles."""
        await self._call("who am I", "/api/me")
        await self._call("registrations", "/api/registrations")
        await self._page("rules", f"/registrations/{self._person.registration}/")
        path = f"/api/registrations/{self._person.registration}/sitting"
        shape = await self._call("open the sitting", path, method="POST")
        self._sitting = shape["id"]
        while shape["phase"] == "preparing":
            shape = await self._poll("sitting", f"/api/sittings/{self._sitting}")
        self._notes.ready[self._sitting] = time.time()
        self._check(shape["phase"] == "ready", f"the sitting is {shape['phase']}")
        self._bundles = {task["slot"]: task["bundle"] for task in shape["tasks"]}
        self._sealed = {}
        for slot, bundle in self._bundles.items():
            self._sealed[slot] = await self._bytes("bundle", bundle["url"])
        await self._page("ready", f"/sittings/{self._sitting}/")

    async def sit(self, moments: Sequence[float]) -> None:
        """Start the clock, submit at `moments` (seconds from now), end, read the result."""
        begun = time.monotonic()
        started = await self._call("start", f"/api/sittings/{self._sitting}/start", method="POST")
        for slot, bundle in self._bundles.items():
            unseal(
                self._sealed[slot],
                key=started["keys"][slot],
                plain_sha256=bundle["plain_sha256"],
                slot=slot,
            )
        await self._page("console", f"/sittings/{self._sitting}/")
        slots = list(self._bundles)
        for number, moment in enumerate(moments):
            slot = slots[number % len(slots)]
            page = await self._page("task", f"/sittings/{self._sitting}/{slot}/")
            async with self._open_page(f"/sittings/{self._sitting}/{slot}/live/", page):
                await asyncio.sleep(max(0.0, begun + moment - time.monotonic()))
                await self._submit(slot)
            await self._page("console", f"/sittings/{self._sitting}/")
            await self._call("sitting", f"/api/sittings/{self._sitting}")
        await self._call("submissions", f"/api/sittings/{self._sitting}/submissions")
        await self._page("end?", f"/sittings/{self._sitting}/end/")
        await self._call("end", f"/api/sittings/{self._sitting}/end", method="POST")
        result = await self._poll("result", f"/api/sittings/{self._sitting}/result")
        self._check(result["final"], "the result is not final")
        tries = sum(slot["tries"] for slot in result["slots"])
        self._check(tries == len(moments), f"the result counts {tries} of {len(moments)} tries")
        self._notes.final += 1
        await self._page("result", f"/sittings/{self._sitting}/result/")

    async def leave(self) -> None:
        """Close the connections."""
        await self._terminal.aclose()
        await self._browser.aclose()

    async def _submit(self, slot: str) -> None:
        model = next(self._models[slot])
        sent = 0.0

        async def body() -> AsyncIterator[bytes]:
            nonlocal sent
            yield model
            sent = time.time()

        path = f"/api/sittings/{self._sitting}/tasks/{slot}/submissions"
        answer = await self._ask(
            self._terminal,
            "POST",
            path,
            params={"name": "mymodel.h5"},
            content=body(),
            headers={"Content-Length": str(len(model))},
        )
        answered = time.time()
        seen = answer.json()
        while seen["state"] in {"queued", "grading"}:
            seen = await self._poll("verdict", f"/api/submissions/{seen['id']}")
        self._check(seen["state"] == "graded", f"a submission is {seen['state']}")
        self._notes.receipts.append(
            Receipt(
                id=seen["id"],
                sent=sent,
                answered=answered,
                shown=time.time(),
                state=seen["state"],
                points=seen["points"],
            )
        )

    @contextlib.asynccontextmanager
    async def _open_page(self, live: str, page: str) -> AsyncIterator[None]:
        """Keep a page up to date, as its script does."""

        async def follow() -> None:
            found = _SEEN.search(page)
            while found is not None:
                await asyncio.sleep(_AGAIN)
                address = f"{live}?seen={found[1]}"
                answer = await self._ask(self._browser, "GET", address)
                self._notes.polls["live page"] += 1
                found = _SEEN.search(answer.text)

        following = asyncio.create_task(follow())
        try:
            yield
        finally:
            following.cancel()
            with contextlib.suppress(asyncio.CancelledError, Stuck):
                await following

    async def _call(self, name: str, path: str, method: str = "GET") -> Any:
        begun = time.perf_counter()
        answer = await self._ask(self._terminal, method, path)
        self._notes.calls[name].append(time.perf_counter() - begun)
        return answer.json()

    async def _bytes(self, name: str, path: str) -> bytes:
        begun = time.perf_counter()
        answer = await self._ask(self._terminal, "GET", path)
        self._notes.calls[name].append(time.perf_counter() - begun)
        return answer.content

    async def _poll(self, name: str, path: str) -> Any:
        answer = await self._ask(self._terminal, "GET", path, params={"wait": WAIT})
        self._notes.polls[name] += 1
        return answer.json()

    async def _page(self, name: str, path: str) -> str:
        begun = time.perf_counter()
        answer = await self._ask(self._browser, "GET", path)
        self._notes.pages[name].append(time.perf_counter() - begun)
        return answer.text

    async def _ask(
        self, client: httpx.AsyncClient, method: str, path: str, **rest: Any
    ) -> httpx.Response:
        try:
            answer = await client.request(method, path, **rest)
        except httpx.HTTPError as error:
            self._fail(f"{method} {_shape(path)}: {type(error).__name__} {error}")
        # A redirect too: it would be a page that the candidate should have seen.
        if answer.status_code not in {200, 201}:
            text = answer.text[:_PUBLIC_ERROR]
            self._fail(f"{method} {_shape(path)}: {answer.status_code} {text}")
        return answer

    def _check(self, fulfilled: bool, otherwise: str) -> None:  # noqa: FBT001 - an assertion
        if not fulfilled:
            self._fail(otherwise)

    def _fail(self, what: str) -> None:
        self._notes.failures.append(what)
        raise Stuck(what)


def _shape(path: str) -> str:
    """Return an address without what differs from candidate to candidate."""
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "…", path.split("?", maxsplit=1)[0])


async def run(
    candidates: Sequence[Candidate],
    *,
    submissions: int,
    seconds: float,
    limit: float,
    seed: int,
    notes: Notes,
) -> None:
    """Let the candidates prepare, start together and sit the exam.

    Args:
        candidates: The crowd.
        submissions: Of each.
        seconds: In which they are spread evenly; each candidate's at moments of their own.
        limit: Seconds after which all go home, wherever they are; that is a failure.
        seed: Of these moments.
        notes: Where it is written down.
    """
    watching = asyncio.create_task(_watch_lag(notes))
    try:
        async with asyncio.timeout(limit):
            await _go(candidates, submissions=submissions, seconds=seconds, seed=seed, notes=notes)
    except TimeoutError:
        where = "the sitting" if notes.started_at else "the preparation"
        notes.failures.append(f"{where} was not over after {limit:g} s")
    finally:
        notes.ended_at = time.time()
        watching.cancel()
        await asyncio.gather(*(one.leave() for one in candidates))


async def _go(
    candidates: Sequence[Candidate], *, submissions: int, seconds: float, seed: int, notes: Notes
) -> None:
    notes.opened_at = time.time()
    prepared = await asyncio.gather(*(_without_end(one.prepare()) for one in candidates))
    here = [one for one, well in zip(candidates, prepared, strict=True) if well]
    notes.started_at = time.time()
    print(f"{len(here)} are ready; they start together", flush=True)
    width = seconds / max(1, submissions)
    moments = np.random.default_rng(seed).random((len(here), submissions))
    plans = ((np.arange(submissions) + moments) * width).tolist()
    await asyncio.gather(
        *(_without_end(one.sit(plan)) for one, plan in zip(here, plans, strict=True))
    )


async def _without_end(way: Any) -> bool:
    """Go a candidate's way; return whether it was gone to its end."""
    try:
        await way
    except Stuck:
        return False
    return True


async def _watch_lag(notes: Notes) -> None:
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + _LAG
        await asyncio.sleep(_LAG)
        notes.lags.append(loop.time() - due)
