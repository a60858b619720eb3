"""Staff announce something on their page; the command line tells it to who sits, once."""

from __future__ import annotations

import pytest
from desk import Desk
from office import Chen

from small_bank import line_model

ENGLISH, CHINESE = "Category2 is read again at noon.", "中午重新讲解第二类题目。"


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
