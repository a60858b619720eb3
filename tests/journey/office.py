"""A member of the staff at a browser without a picture."""

from __future__ import annotations

import re

import httpx
from tree import PATIENCE, Tree

PASSWORD = "correct horse battery staple"
STAFF = f"""
from assay.server.accounts.models import User
User.objects.create_superuser("chen@example.org", "{PASSWORD}", name="Chen")
"""


class Chen:
    """A member of the staff in a browser without a picture."""

    def __init__(self, tree: Tree) -> None:
        tree.manage("shell", "-c", STAFF)
        self.browser = httpx.Client(base_url=tree.url, timeout=PATIENCE, follow_redirects=True)
        tree.clients.append(self.browser)
        self.send("/accounts/login/", login="chen@example.org", password=PASSWORD)

    def moved_to(self, url: str) -> None:
        """Go on with a server that has started again on another port."""
        self.browser.base_url = httpx.URL(url)

    def read(self, path: str) -> str:
        """Return what a page says, without its marks."""
        page = self.browser.get(path)

        assert page.status_code == 200, page.text

        main = page.text.partition("<main")[2].partition("</main>")[0]
        return " ".join(re.sub(r"<[^>]+>", " ", main).split())

    def send(self, path: str, *, form: str | None = None, **typed: str) -> str:
        """Open a page, fill its form in and send it; return what is shown then."""
        page = self.browser.get(form or path)
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
        assert token, page.text
        sent = {"csrfmiddlewaretoken": token[1], **typed}
        answer = self.browser.post(path, data=sent, headers={"Referer": str(page.url)})

        assert answer.status_code == 200, answer.text

        return answer.text
