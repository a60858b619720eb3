"""Tables that an item draws after a real one, as the candidate and the hidden sets get them.

A real table that everybody can look up has too few rows for a fair exam. So `draw_rows` draws
new ones from what it says of each class, the mean and the covariance of its columns: they are
like the real ones, and none of them is one. `as_written` rounds them, so that the numbers of the
CSV and those of the hidden sets are the same, and `Table` deals them out.

For the same arguments all of this gives the same numbers and bytes in every version of Assay:
`calibration.json` names an item's own files, and would not notice if it did not. Only what
`plainly` and `Table.described` write, which no model sees, may change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from assay.items.variant import Split

DIGITS = 4  # that count, of every number that is written down
_TINY = 1e-9  # what is nearer to 0 is rounded as this is
_NOTHING = 1e-5  # the end of a range that is less than so much of the other end is told as 0
_TO = {"en": "to", "zh-CN": "到"}  # between the ends of a range

Floats = npt.NDArray[np.floating]
Labels = npt.NDArray[np.integer]


def draw_rows(
    rng: np.random.Generator,
    rows: Floats,
    classes: Labels,
    *,
    shares: Sequence[float],
    count: int,
    error: float,
    alike: float = 0.0,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Draw rows from the normal distributions that fit the classes of a real table.

    A column that is skewed is given, and drawn, in a scale where it is not: as a logarithm or a
    square root, which the caller takes back afterwards.

    Args:
        rng: What the rows are drawn from.
        rows: The real ones, `(real rows, columns)`, at least two columns.
        classes: Theirs, `(real rows,)`: numbers from 0 to k - 1, each at least twice.
        shares: How frequent each class is among the drawn rows, `k` numbers with the sum 1.
        count: How many rows to draw, `n`.
        error: Standard deviation of a measurement's error, which each number gets in addition;
            in standard deviations of its column over all the real rows.
        alike: How far each class's mean is moved to the mean of all the real rows, from 0 (not at
            all) to 1 (all classes have that one): makes a task harder that is too easy.

    Returns:
        The rows, `(n, columns)`, and their classes, `(n,)`, in random order.

    Raises:
        ValueError: A class has fewer than two real rows, or the shares are not one for each
            class with the sum 1.
    """
    real = np.bincount(classes, minlength=len(shares))
    if len(real) != len(shares) or real.min() < 2:  # noqa: PLR2004 - one has no covariance
        raise ValueError(
            f"expected two or more rows of each of {len(shares)} classes, received {real.tolist()}"
        )
    drawn = rng.choice(len(shares), count, p=shares).astype(np.int64)
    x = np.empty((count, rows.shape[1]))
    for kind in range(len(shares)):
        own, some = rows[classes == kind], drawn == kind
        x[some] = rng.multivariate_normal(
            (1 - alike) * own.mean(axis=0) + alike * rows.mean(axis=0),
            np.cov(own.T),
            int(some.sum()),
            check_valid="ignore",
            method="eigh",
        )
    x += rng.normal(0, error, x.shape) * rows.std(axis=0)
    return x, drawn


def as_written(x: Floats) -> npt.NDArray[np.float32]:
    """Return the numbers with the four digits that `Table.csv` writes, in the same shape."""
    digits = DIGITS - 1 - np.floor(np.log10(np.maximum(np.abs(x), _TINY)))
    scale = 10.0 ** np.abs(digits)  # never a fraction, which would not be exact
    large, small = np.round(x / scale) * scale, np.round(x * scale) / scale
    rounded: Floats = np.where(digits < 0, large, small)
    return rounded.astype(np.float32, order="C")


def plainly(number: float, digits: int = 3) -> str:
    """Return a number as people write it: 1,520 or 0.000011, never with an exponent.

    Args:
        number: Any number that is not infinite.
        digits: How many count; the others are rounded away.
    """
    return f"{Decimal(f'{number:.{digits}g}'):,f}"


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of numbers."""

    name: str  # in the first line of the CSV; no comma
    about: Mapping[str, Sequence[str]]
    # language → what a page says of it, a text for each cell: such as its meaning and its unit


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows of numbers, each with its class.

    `n` is the number of rows.
    """

    columns: Sequence[Column]
    values: npt.NDArray[np.float32]  # `(n, columns)`, as `as_written` returns them
    label: str  # the name of the column of classes, the last one of the CSV
    labels: npt.NDArray[np.int64]  # `(n,)`, class indices

    def deal(self, *sizes: int) -> list[Table]:
        """Return a table of so many rows for each of `sizes`, one after the other.

        Raises:
            ValueError: There are not as many rows.
        """
        if sum(sizes) > len(self.labels):
            raise ValueError(f"expected {sum(sizes)} rows or more, received {len(self.labels)}")
        ends = np.cumsum(sizes)
        parts = [slice(end - size, end) for size, end in zip(sizes, ends, strict=True)]
        return [replace(self, values=self.values[part], labels=self.labels[part]) for part in parts]

    def csv(self) -> bytes:
        """Return the table as the candidate gets it: a line of names, then one for each row."""
        lines = [",".join([*(column.name for column in self.columns), self.label])]
        lines += [
            ",".join([*(f"{value:.{DIGITS}g}" for value in row), str(label)])
            for row, label in zip(self.values.tolist(), self.labels.tolist(), strict=True)
        ]
        return ("\n".join(lines) + "\n").encode()

    def split(self, name: str) -> Split:
        """Return the rows as hidden or sealed samples.

        Args:
            name: Of the contract's input.
        """
        return Split(inputs={name: self.values}, labels=self.labels)

    def described(self, language: str) -> str:
        """Return a line of a page's table for each column, joined by line ends.

        Such a line has the column's name, what `Column.about` says of it, and its range here:
        ``| `ash` | ash | g/l | 1.36 to 3.23 |``.

        Args:
            language: `en` or `zh-CN`.
        """
        return "\n".join(
            " | ".join(
                (
                    f"| `{column.name}`",
                    *column.about[language],
                    f"{low} {_TO[language]} {high} |",
                )
            )
            for column, (low, high) in zip(
                self.columns, map(_reach, self.values.T.tolist()), strict=True
            )
        )


def _reach(numbers: Sequence[float]) -> tuple[str, str]:
    """Return the least and the greatest number; the one that is nothing to the other is 0."""
    low, high = min(numbers), max(numbers)
    least = max(abs(low), abs(high)) * _NOTHING
    return plainly(low if abs(low) >= least else 0), plainly(high if abs(high) >= least else 0)
