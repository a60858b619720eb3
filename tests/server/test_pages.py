"""What holds for every page: language, one heading, nothing inline, headers, no lost English."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404
from django.test import override_settings
from django.urls import path

from assay.server import urls
from assay.server.pages.middleware import CONTENT_SECURITY_POLICY

PAGES = ["/", "/verify/", "/issuer", "/achievements/small", "/achievements/rehearsal"]
ERRORS = {"/fail/400": 400, "/fail/403": 403, "/fail/404": 404, "/fail/500": 500}
LANGUAGES = {"en": "en", "zh-CN": "zh-hans"}  # asked for → of the page
VOID = {"meta", "link", "img", "br", "wbr", "input", "hr", "path", "circle"}
_INLINE_HANDLER = re.compile(r"^on[a-z]+$")


def fail(request, status):
    raise {
        400: SuspiciousOperation,
        403: PermissionDenied,
        404: Http404,
        500: RuntimeError,
    }[status]


urlpatterns = [*urls.urlpatterns, path("fail/<int:status>", fail)]
handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500


class Page(HTMLParser):
    """A page, as far as these tests look at it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []  # what is read, aloud or by eye
        self._open: list[tuple[str, str]] = []  # tag and language
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        values = {name: value or "" for name, value in attrs}
        self.tags.append((tag, values))
        self.texts += [values[name] for name in ("alt", "aria-label", "title") if name in values]
        if tag == "meta" and values.get("name") == "description":
            self.texts.append(values["content"])
        if tag not in VOID:
            language = values.get("lang") or (self._open[-1][1] if self._open else "")
            self._open.append((tag, language))

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self._open[-1][0] == tag, f"<{self._open[-1][0]}> is closed by </{tag}>"
            self._open.pop()

    def handle_data(self, data):
        inside = {tag for tag, _ in self._open}
        foreign = bool(self._open) and self._open[-1][1] != self.language
        if data.strip() and not inside & {"code", "style", "script"} and not foreign:
            self.texts.append(" ".join(data.split()))

    @property
    def language(self) -> str:
        return next(values.get("lang", "") for tag, values in self.tags if tag == "html")

    def all(self, tag: str) -> list[dict[str, str]]:
        return [values for name, values in self.tags if name == tag]


@pytest.fixture
def get(client, db, small_bank):
    """Fetch a page: `get("/", "zh-CN")`."""

    def act(address, language="en", **headers):
        return client.get(address, headers={"accept_language": language, **headers})

    client.raise_request_exception = False
    with override_settings(ROOT_URLCONF=__name__):
        yield act


@pytest.fixture(params=LANGUAGES)
def language(request):
    return request.param


@pytest.fixture(params=[*PAGES, *ERRORS, "certificate", "expired", "refused"])
def page(request, language, get):
    """Each kind of page in each language: its answer and what is on it."""
    if request.param in {"certificate", "expired"}:
        row = request.getfixturevalue("certificate")
        if request.param == "expired":
            from assay.server.credentials import views  # noqa: PLC0415

            clock = request.getfixturevalue("monkeypatch")
            clock.setattr(views.timezone, "now", lambda: row.valid_until)
        answer = get(f"/verify/{row.id}", language)
    elif request.param == "refused":
        client = request.getfixturevalue("client")
        answer = client.post(
            "/verify/", {"certificate": "?"}, headers={"accept_language": language}
        )
    else:
        answer = get(request.param, language)
    return answer, Page(answer.content.decode())


@pytest.fixture
def certificate(running_sitting, mark, alice, now):
    """Alice's certificate; her name is the only thing on it that has no translation."""
    from datetime import timedelta  # noqa: PLC0415

    from assay.server.credentials.models import Credential  # noqa: PLC0415
    from assay.server.submissions.services.closing import close_if_due  # noqa: PLC0415

    sitting = running_sitting(alice)
    for slot in ("Category1", "Category2"):
        mark(sitting, slot, points=5)
    assert close_if_due(sitting.pk, now + timedelta(hours=2))
    return Credential.objects.get()


def test_it_is_there(get, language):
    for address in PAGES:
        assert get(address, language).status_code == 200, address
    for address, status in ERRORS.items():
        assert get(address, language).status_code == status, address


def test_it_says_its_language(page, language):
    answer, seen = page

    assert seen.language == LANGUAGES[language]
    assert answer.headers["Content-Language"] == LANGUAGES[language]


def test_it_has_one_heading_of_the_first_level(page):
    _, seen = page

    assert len(seen.all("h1")) == 1


def test_it_has_nothing_inline(page):
    _, seen = page

    for script in seen.all("script"):
        assert script["src"].startswith("/static/")
    assert seen.all("style") == []
    for tag, values in seen.tags:
        assert "style" not in values, tag
        assert not [name for name in values if _INLINE_HANDLER.match(name)], tag


def test_it_loads_nothing_from_elsewhere(page):
    _, seen = page

    for values in seen.all("img"):
        assert values["src"].startswith("/static/")
        assert "alt" in values
    for values in seen.all("link"):
        if values["rel"] in {"stylesheet", "icon"}:
            assert values["href"].startswith("/static/")


def test_its_parts_have_names_of_their_own(page):
    _, seen = page
    names = [values["id"] for _, values in seen.tags if "id" in values]

    assert len(names) == len(set(names))
    for values in seen.all("label"):
        assert values["for"] in names
    for values in seen.all("a"):
        if values.get("href", "").startswith("#"):
            assert values["href"][1:] in names


def test_it_is_protected(page):
    answer, _ = page

    assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "geolocation=()" in answer.headers["Permissions-Policy"]


def test_it_sets_no_cookie(page):
    answer, _ = page

    assert answer.cookies == {}


def test_the_policy_allows_only_our_own_files():
    policy = dict(part.strip().split(" ", 1) for part in CONTENT_SECURITY_POLICY.split(";"))

    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert "unsafe" not in CONTENT_SECURITY_POLICY


# What is the same in both languages: names, numbers, addresses, standards.
SAME = re.compile(
    r"""
    Assay(\ at\ testserver)?(\ [\d.]+)? | Alice\ Example | API | LinkedIn | JSON | Python | UTC
    | English | 简体中文 | Open\ Badges\ 3\.0 | W3C\ Verifiable\ Credential | VC-JWT | RSA | RS256
    | https?://\S+ | /\.well-known/\S+ | testserver\S* | RFC\ 7638 | --key\ FILE | \.jwt | \.json
    | [A-Za-z0-9_-]{43} | [0-9a-f]{8}-[0-9a-f-]{27} | HTTP
    """,
    re.VERBOSE,
)


def test_no_english_is_left_on_the_chinese_page(get, certificate):
    for address in [*PAGES, *ERRORS, f"/verify/{certificate.id}"]:
        english, chinese = (
            Page(get(address, language).content.decode()).texts for language in LANGUAGES
        )
        # Compared with the English page: what stands on both in words was not translated.
        left = {SAME.sub("", text) for text in set(english) & set(chinese)}

        assert not [text for text in left if re.search(r"[A-Za-z]{2}", text)], address


def test_nothing_on_the_chinese_page_reads_as_an_english_sentence(get, certificate):
    for address in [*PAGES, *ERRORS, f"/verify/{certificate.id}"]:
        for text in Page(get(address, "zh-CN").content.decode()).texts:
            bare = SAME.sub("", text)

            assert not re.search(r"[A-Za-z]{2,} [a-z]{2,}", bare), (address, text)


def test_no_chinese_is_left_on_the_english_page(get, certificate):
    for address in [*PAGES, *ERRORS, f"/verify/{certificate.id}"]:
        for text in Page(get(address).content.decode()).texts:
            assert not re.search(r"[\u4e00-\u9fff]", text), (address, text)


# Languages ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accepted", "spoken"),
    [
        ("zh", "zh-hans"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-hans"),
        ("zh-Hans-SG", "zh-hans"),
        ("de-DE,zh;q=0.5", "zh-hans"),
        ("en-GB", "en"),
        ("fr", "en"),
        ("", "en"),
    ],
)
def test_the_browser_s_language_is_spoken(get, accepted, spoken):
    assert get("/", accepted).headers["Content-Language"] == spoken


def test_a_link_switches_the_language_and_it_stays(get, client):
    first = get("/verify/?lang=zh-hans", "en")

    assert first.headers["Content-Language"] == "zh-hans"
    assert get("/", "en").headers["Content-Language"] == "zh-hans"
    assert get("/?lang=en", "zh-CN").headers["Content-Language"] == "en"


def test_the_switch_leads_to_the_same_page_and_never_to_another_server(get):
    for address in ("/achievements/small", "//other.example/x"):
        switch = [
            values["href"]
            for values in Page(get(address).content.decode()).all("a")
            if "lang=" in values.get("href", "")
        ]

        assert switch == ["?lang=en", "?lang=zh-hans"]


@pytest.mark.parametrize("nonsense", ["xx", "../../etc", "zh-hans%0d%0aX: y", "%F0%9F%92%A9", ""])
def test_an_unknown_language_changes_nothing(get, nonsense):
    answer = get(f"/?lang={nonsense}", "zh-CN")

    assert answer.status_code == 200
    assert answer.headers["Content-Language"] == "zh-hans"
    assert answer.cookies == {}


# Particular pages -----------------------------------------------------------------------------


def test_the_first_page_leads_to_the_exams_the_form_and_the_api(get):
    targets = [values.get("href") for values in Page(get("/").content.decode()).all("a")]

    for target in ("/exams/small/", "/exams/rehearsal/", "/verify/", "/api/docs"):
        assert target in targets


def test_practice_stands_after_the_exam_and_is_called_so(get):
    html = get("/").content.decode()

    assert html.index("Small exam") < html.index("Rehearsal")
    assert html.count("For practice, without a certificate") == 1


def test_an_exam_s_page_says_its_rules(get):
    html = get("/achievements/small").content.decode()

    for rule in (
        "Lines",
        "40 %",
        "Steps",
        "60 %",
        "90 %",
        "2 hands-on tasks, 1 hour, open",
        "36 months",
    ):
        assert rule in html, rule


def test_the_style_sheet_and_the_pictures_are_served(get):
    for name in ("assay.css", "mark.svg", "card.png"):
        answer = get(f"/static/pages/{name}")

        assert answer.status_code == 200
        assert b"".join(answer.streaming_content)
        answer.close()


def test_no_page_may_run_or_paint_what_is_not_a_file_of_ours(get):
    for address in ("/", "/api/docs", "/accounts/login/"):
        answer = get(address)

        assert answer.status_code == 200
        assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_an_error_page_needs_no_database(client, small_bank):
    """Without the fixture `db` every query is an error."""
    with override_settings(ROOT_URLCONF=__name__):
        client.raise_request_exception = False
        answer = client.get("/fail/500")

    assert answer.status_code == 500
    assert "Something failed on our side" in answer.content.decode()
