"""Somebody at a browser: what they read, press and type, and how each page is looked at."""

from __future__ import annotations

import functools
import gettext
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    expect,
)
from playwright.sync_api import TimeoutError as PlaywrightTimeout

import assay

PATIENCE = 30.0  # seconds; only a failing test waits so long
STOPS = 80  # presses of Tab, after which somebody gives a page up
ENGLISH, CHINESE = "en-US", "zh-CN"
DESK, PHONE = (1280, 800), (390, 844)  # CSS pixels

expect.set_options(timeout=1000 * PATIENCE)

_KEEPS_PICTURES = "ASSAY_SCREENSHOTS" in os.environ  # they take a third of the time
# Without preloading: that writes a style into the page, which our policy forbids.
_AXE = {"resultTypes": ["violations"], "preload": False}
# Whether the focus can be seen: an outline of the element, or of the label that stands for it.
_FOCUS = """target => {
  const focused = document.activeElement;
  if (!focused || focused === document.body) return [false, ""];
  const seen = (element) => {
    const style = getComputedStyle(element);
    const drawn = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    return drawn && parseFloat(style.opacity) > 0;
  };
  const label = focused.closest("label");
  const invisible = !seen(focused) && (label === null || !seen(label));
  return [focused === target, invisible ? focused.outerHTML.slice(0, 200) : ""];
}"""


@functools.cache
def _chinese() -> gettext.NullTranslations:
    locale = Path(assay.__file__).parent / "locale"
    return gettext.translation("django", locale, languages=["zh_Hans"])


class Mouse:
    """Uses a page by pointing and typing."""

    def press(self, target: Locator) -> None:
        """Press a button or a link, or tick a box."""
        target.click()

    def write(self, target: Locator, text: str) -> None:
        """Fill a field in."""
        target.fill(text)

    def choose(self, target: Locator, file: Path) -> None:
        """Choose a file for a field."""
        target.set_input_files(file)


class Keyboard(Mouse):
    """Uses a page by Tab, Enter, Space and typing alone, and sees where the focus is."""

    def press(self, target: Locator) -> None:
        """Go to a button, a link or a box, and press it."""
        self._reach(target)
        is_box = target.evaluate("element => element.type === 'checkbox'")
        target.page.keyboard.press("Space" if is_box else "Enter")

    def write(self, target: Locator, text: str) -> None:
        """Go to a field and type."""
        self._reach(target)
        target.page.keyboard.type(text)

    def choose(self, target: Locator, file: Path) -> None:
        """Go to a field for a file, and open the system's dialogue."""
        self._reach(target)
        for patience in (5_000, 10_000, 30_000):  # milliseconds
            # Chromium forgets a key now and then while it is busy with a new page. A person
            # who sees no dialogue presses again.
            with suppress(PlaywrightTimeout):
                with target.page.expect_file_chooser(timeout=patience) as dialogue:
                    target.page.keyboard.press("Space")
                dialogue.value.set_files(file)
                return
        raise AssertionError(f"no dialogue for files opens on {target.page.url}")

    @staticmethod
    def _reach(target: Locator) -> None:
        expect(target).to_be_visible()
        page = target.page
        for _ in range(STOPS):
            page.keyboard.press("Tab")

            reached, invisible = target.evaluate(_FOCUS)

            assert not invisible, f"nobody sees the focus on {invisible}"

            if reached:
                return
        raise AssertionError(f"{target} cannot be reached with the keyboard on {page.url}")


@dataclass
class Visitor:
    """A person with a browser of their own."""

    page: Page
    server: str  # its address
    album: Path  # a folder for screenshots
    is_chinese: bool
    hands: Mouse
    has_scripts: bool
    is_thorough: bool = True  # looks at each page with axe
    complaints: list[str] = field(default_factory=list)  # about our pages; see `visiting`
    _shots: int = field(default=0, init=False)

    def say(self, english: str, **values: str) -> str:
        """Return a text of the pages in this person's language."""
        text = _chinese().gettext(english) if self.is_chinese else english

        assert not self.is_chinese or text != english, f"not translated: {english}"

        return text % values if values else text

    # -- hands ------------------------------------------------------------------------------

    def go(self, path: str) -> None:
        """Type an address."""
        self.page.goto(f"{self.server}{path}")

    def button(self, english: str, within: str = "main") -> Locator:
        """Find a button of the page by its words."""
        scope = self.page.locator(within)
        return scope.get_by_role("button", name=self.say(english), exact=True)

    def link(self, english: str, within: str = "main") -> Locator:
        """Find the first link of the page with these words at its beginning."""
        words = re.compile(f"^{re.escape(self.say(english))}")
        return self.page.locator(within).get_by_role("link", name=words).first

    def press(self, target: Locator) -> None:
        """Press a button or a link, or tick a box."""
        self.hands.press(target)

    def write(self, field_id: str, text: str) -> None:
        """Fill in the field with this id."""
        self.hands.write(self.page.locator(f"#{field_id}"), text)

    # -- eyes -------------------------------------------------------------------------------

    def reads(self, english: str, **values: str) -> None:
        """Wait until the page says something."""
        words = self.page.get_by_text(self.say(english, **values))
        expect(words.first).to_be_visible()

    def sees(self, path: str) -> None:
        """Wait until the page is the one at an address, a regular expression."""
        expect(self.page).to_have_url(re.compile(path))

    def look(self, name: str) -> None:
        """Keep a picture of the page if they are asked for; note if somebody cannot use it, or if it does not fit."""
        self.page.wait_for_load_state()
        self._shots += 1
        self.album.mkdir(parents=True, exist_ok=True)
        picture = self.album / f"{self._shots:02}-{name}.png"
        if _KEEPS_PICTURES:
            self.page.screenshot(path=picture, full_page=True)
        too_wide = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if too_wide > 0:
            self.complaints.append(f"{picture.name}: {too_wide} pixels too wide")
        if self.is_thorough:
            found = Axe().run(self.page, options=_AXE)
            if found.violations_count:
                self.complaints.append(f"{picture.name}: {found.generate_report()}")

        assert self.page.locator("h1").count() == 1
        assert self.page.locator("html").get_attribute("lang") == (
            "zh-hans" if self.is_chinese else "en"
        )

    def forgives(self, *words: str) -> None:
        """Drop complaints that have one of some words in them."""
        self.complaints = [
            each for each in self.complaints if not any(word in each for word in words)
        ]

    def hear(self, message: ConsoleMessage) -> None:
        """Note what the browser complains about."""
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{self.page.url}: {message.text}")


@contextmanager
def visiting(
    browser: Browser,
    server: str,
    album: Path,
    *,
    locale: str = ENGLISH,
    size: tuple[int, int] = DESK,
    hands: Mouse | None = None,
    has_scripts: bool = True,
    is_dark: bool = False,
    is_thorough: bool = True,
) -> Iterator[Visitor]:
    """Give somebody a browser; fail at the end if there is something to complain about.

    That is what axe finds on a page, a page that is wider than the window, and every
    error that the browser writes to its console, such as a breach of the policy for scripts.

    Args:
        browser: Of all visitors.
        server: The address of the server.
        album: A folder for screenshots.
        locale: The browser's language.
        size: The window's width and height in pixels.
        hands: How pages are used (default: with a mouse).
        has_scripts: False: JavaScript is switched off.
        is_dark: The system is in its dark mode.
        is_thorough: axe looks at each page, too.
    """
    context: BrowserContext = browser.new_context(
        locale=locale,
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if is_dark else "light",
        java_script_enabled=has_scripts,
        reduced_motion="reduce",
    )
    context.set_default_timeout(1000 * PATIENCE)
    visitor = Visitor(
        page=context.new_page(),
        server=server,
        album=album,
        is_chinese=locale == CHINESE,
        hands=hands or Mouse(),
        has_scripts=has_scripts,
        is_thorough=is_thorough,
    )
    visitor.page.on("console", visitor.hear)
    visitor.page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
    try:
        yield visitor
    except BaseException:
        album.mkdir(parents=True, exist_ok=True)
        visitor.page.screenshot(path=album / "99-failed.png", full_page=True)
        raise
    finally:
        context.close()

    assert not visitor.complaints, "\n".join(visitor.complaints)
