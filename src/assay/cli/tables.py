"""Tables as the commands show them."""

from __future__ import annotations

from rich.table import Table

from assay.cli.talk import Talk
from assay.messages import N_


def bare_table(*, style: str = "none") -> Table:
    """Return an empty table without lines, its headings faint."""
    return Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim", style=style)


def table_of_tasks(talk: Talk, earned: str) -> Table:
    """Return an empty table for the tasks of a sitting.

    Args:
        talk: For the language.
        earned: The heading of the points, a message.

    Returns:
        A table for rows of category, title, weight, points and number of submissions.
    """
    words = talk.in_words
    table = bare_table()
    table.add_column(words(N_("Category")))
    table.add_column(words(N_("Task")))
    table.add_column(words(N_("Weight")), justify="right")
    table.add_column(words(earned), no_wrap=True)
    table.add_column(words(N_("Tries")), justify="right")
    return table
