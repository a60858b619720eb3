"""Tables that are drawn after a real one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.items.tables import Column, Table, as_written, draw_rows, plainly

# Two classes of four rows, around (0, 0) and (10, 20); no column tells of the other.
CROSS = np.array([(1.0, 0.0), (-1.0, 0.0), (0.0, 2.0), (0.0, -2.0)])
ROWS = np.concatenate([CROSS, 3 * CROSS + (10, 20)])
CLASSES = np.repeat([0, 1], 4)
EVEN = (0.5, 0.5)


def draw(seed=1, rows=ROWS, classes=CLASSES, shares=EVEN, count=20_000, error=0.0, **more):
    rng = np.random.default_rng(seed)
    return draw_rows(rng, rows, classes, shares=shares, count=count, error=error, **more)


def table(*rows, about=None):
    names = ["height", "width"]
    return Table(
        columns=[Column(name=name, about=about or {"en": (), "zh-CN": ()}) for name in names],
        values=as_written(np.array([row[:2] for row in rows], float).reshape(-1, 2)),
        label="kind",
        labels=np.array([row[2] for row in rows], np.int64),
    )


# Drawing


def test_each_class_has_the_mean_and_the_covariance_of_its_real_rows():
    turned = ROWS @ np.array([(0.8, -0.6), (0.6, 0.8)])

    x, drawn = draw(rows=turned)

    for kind in (0, 1):
        real, own = turned[kind == CLASSES], x[drawn == kind]
        assert own.mean(axis=0) == pytest.approx(real.mean(axis=0), abs=0.15)
        assert np.cov(own.T) == pytest.approx(np.cov(real.T), rel=0.05, abs=0.3)


def test_no_row_is_a_real_one():
    x, _ = draw()

    assert not set(map(tuple, x)) & set(map(tuple, ROWS))


def test_classes_are_as_frequent_as_their_shares():
    _, drawn = draw(shares=(0.25, 0.75))

    assert np.bincount(drawn) / len(drawn) == pytest.approx([0.25, 0.75], abs=0.01)


def test_an_error_is_as_large_as_its_share_of_the_column_s_spread():
    exact, _ = draw(error=0.0)
    measured, _ = draw(error=0.1)

    assert (measured - exact).std(axis=0) == pytest.approx(0.1 * ROWS.std(axis=0), rel=0.03)


@pytest.mark.parametrize(
    ("alike", "means"),
    [
        (0.0, [(0, 0), (10, 20)]),
        (0.5, [(2.5, 5), (7.5, 15)]),
        (1.0, [(5, 10), (5, 10)]),
    ],
)
def test_classes_can_be_made_as_alike_as_a_task_wants_them(alike, means):
    x, drawn = draw(alike=alike)

    for kind in (0, 1):
        assert x[drawn == kind].mean(axis=0) == pytest.approx(means[kind], abs=0.2)


def test_the_same_arguments_give_the_same_rows_in_every_version():
    """If this fails, the evidence of items that draw tables is of other data."""
    x, drawn = draw(count=3, shares=(0.3, 0.7), error=0.1, alike=0.2)

    expected = [(10.247634, 15.399287), (10.710142, 19.013633), (-0.14945412, 2.9727889)]
    assert drawn.tolist() == [1, 1, 0]
    np.testing.assert_allclose(x, expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("classes", "shares", "received"),
    [
        ([0, 0, 0, 0, 0, 0, 0, 1], EVEN, "[7, 1]"),
        ([0, 0, 0, 0, 2, 2, 2, 2], (0.3, 0.3, 0.4), "[4, 0, 4]"),
        ([0, 0, 0, 0, 1, 1, 2, 2], EVEN, "[4, 2, 2]"),
    ],
)
def test_it_refuses_classes_that_nothing_can_be_told_of(classes, shares, received):
    with pytest.raises(ValueError, match="two or more rows of each") as refused:
        draw(classes=np.array(classes), shares=shares)

    assert received in str(refused.value)


def test_it_refuses_shares_that_do_not_add_up_to_one():
    with pytest.raises(ValueError, match="sum to 1"):
        draw(shares=(0.5, 0.4))


# Writing


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (3.14159, 3.142),
        (-3.14159, -3.142),
        (0.000123456, 0.0001235),
        (9999.7, 10_000),
        (123_456, 123_500),
        (0, 0),
    ],
)
def test_four_digits_count(number, written):
    assert as_written(np.array([number])) == np.float32(written)


@given(number=st.floats(1e-6, 1e9) | st.floats(-1e9, -1e-6) | st.just(0.0))
def test_what_the_candidate_reads_is_what_the_grader_has(number):
    written = table((number, 1, 0))

    _, line = written.csv().decode().splitlines()

    assert np.float32(line.split(",")[0]) == written.values[0, 0]


def test_a_csv_has_names_then_rows_then_an_end():
    written = table((1.5, 20_000, 2), (0.12346, -7, 0)).csv()

    assert written == b"height,width,kind\n1.5,2e+04,2\n0.1235,-7,0\n"


# Dealing


def test_each_row_is_dealt_to_one_set_with_its_class():
    whole = table(*((i, -i, i % 3) for i in range(10)))

    first, second, third = whole.deal(5, 3, 1)

    assert first.values[:, 0].tolist() == [0, 1, 2, 3, 4]
    assert second.values.tolist() == [[5, -5], [6, -6], [7, -7]]
    assert second.labels.tolist() == [2, 0, 1]
    assert third.values[:, 0].tolist() == [8]
    assert {first.columns[0].name, third.columns[0].name} == {"height"}


def test_it_does_not_deal_more_than_there_is():
    with pytest.raises(ValueError, match="expected 4 rows or more, received 3"):
        table((1, 1, 0), (2, 2, 0), (3, 3, 1)).deal(2, 2)


def test_a_split_has_the_rows_as_the_named_input():
    rows = table((1.5, 2.5, 1), (3, 4, 0))

    split = rows.split("leaf")

    assert split.inputs["leaf"].dtype == np.float32
    assert split.inputs["leaf"].tolist() == [[1.5, 2.5], [3, 4]]
    assert split.labels.tolist() == [1, 0]


# Telling


def test_a_page_tells_of_each_column_what_it_is_and_how_far_it_reaches():
    about = {"en": ("of a leaf", "cm"), "zh-CN": ("叶片", "厘米")}
    rows = table((1.5, 20, 0), (0.5, 12345, 1), about=about)

    assert rows.described("en").splitlines() == [
        "| `height` | of a leaf | cm | 0.5 to 1.5 |",
        "| `width` | of a leaf | cm | 20 to 12,300 |",
    ]
    assert rows.described("zh-CN").startswith("| `height` | 叶片 | 厘米 | 0.5 到 1.5 |\n")


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (np.float32(1523), "1,520"),
        (7100.0, "7,100"),
        (np.float32(1.1e-5), "0.000011"),
        (1_400_000, "1,400,000"),
        (-12_345.6, "-12,300"),
        (0.0, "0"),
        (1.0, "1"),
        (20, "20"),
        (0.3999999, "0.4"),
    ],
)
def test_a_number_is_written_as_people_write_it(number, written):
    assert plainly(number) == written


def test_a_number_keeps_the_digits_that_count():
    assert plainly(7149, digits=2) == "7,100"
    assert plainly(0.00021499, digits=4) == "0.000215"


def test_an_end_of_a_range_that_is_nothing_to_the_other_is_told_as_0():
    rows = table((0.0000000515, 0.000011, 0), (0.203, 0.35, 1))

    assert rows.described("en").splitlines() == [
        "| `height` | 0 to 0.203 |",
        "| `width` | 0.000011 to 0.35 |",
    ]


def test_a_column_of_which_nothing_is_said_has_a_name_and_a_range():
    assert table((1, 2, 0)).described("en").startswith("| `height` | 1 to 1 |\n")
