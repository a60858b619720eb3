"""Staff announce something on their page; the command line tells it to who sits, once."""

from __future__ import annotations

import re

import httpx
import pytest
from desk import Desk
from tree import PATIENCE, Tree

from small_bank import line_model

PASSWORD = "correct horse battery staple"
STAFF = f"""
from assay.server.accounts.models import User
User.objects.create_superuser("chen@example.org", "{PASSWORD}", name="Chen")
"""
ENGLISH, CHINESE = "Category2 is read again at noon.", "中午重新讲解第二类题目。"


class Chen:
    """A member of the staff in a browser without a picture."""

    def __init__(self, tree: Tree) -> None:
        tree.manage("shell", "-c", STAFF)
        self.browser = httpx.Client(base_url=tree.url, timeout=PATIENCE, follow_redirects=True)
        tree.clients.append(self.browser)
        self.send("/accounts/login/", login="chen@example.org", password=PASSWORD)

    def send(self, path: str, *, form: str | None = None, **typed: str) -> str:
        """Open a page, fill its form in and send it; return what is shown then."""
        page = self.browser.get(form or path)
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
        assert token, page.text
        sent = {"csrfmiddlewaretoken": token[1], **typed}
        answer = self.browser.post(path, data=sent, headers={"Referer": str(page.url)})

        assert answer.status_code == 200, answer.text

        return answer.text


@pytest.mark.slow
def test_an_announcement_reaches_the_command_line_once(tree, home):
    tree.start()
    chen = Chen(tree)
    alice = tree.registered("alice@example.org")
    place = home / "desk-of-alice"
    place.mkdir()
    config = str(place / "config")
    desk = Desk(place, {"ASSAY_CONFIG": config, "ASSAY_LANGUAGE": "en", "ASSAY_PATIENCE": "30"})
    token = alice.client.headers["Authorization"].removeprefix("Bearer ")
    desk("login", tree.url, "--token", token)
    desk("start", "exam", "--no-env", "--yes")
    desk.place /= "exam"

    assert "From the staff" not in desk("status")

    shown = chen.send(
        "/staff/announcements/write/",
        form="/staff/announcements/",
        text_en=ENGLISH,
        text_zh=CHINESE,
        hours="6",
        exam="",
    )

    assert "Announced; 1 person sits now." in shown

    desk.save(line_model())

    assert "5/5" in desk("submit", "1")
    assert ENGLISH in desk.err
    assert desk("submit", "1")
    assert ENGLISH not in desk.err
    # As long as it holds, `status` has it, in the reader's language.
    assert ENGLISH in desk("status")
    assert CHINESE in desk("status", "--language", "zh-CN")
    assert CHINESE in desk("status", ASSAY_LANGUAGE="zh-CN")
