"""Draws a network of eight stations from the Mauna Loa record of carbon dioxide.

The record (1958 to 2001, weekly) comes with statsmodels. One record has too few windows that
do not overlap, and everybody can look it up, so each variant makes eight stations of it: the
trend of Mauna Loa a little later, its season wider or narrower and shifted, and weather of
their own, resampled in blocks from the record's residuals of the same years.
"""

import functools

import numpy as np
from statsmodels.datasets import co2
from statsmodels.tsa.seasonal import STL

from assay.items.variant import Split, Variant

STATIONS = 8
WINDOW = 78  # weeks that the model sees: a year and a half
HORIZON = 13  # weeks to forecast: a quarter
YEAR = 52  # weeks
LAG = 40  # weeks that a station's trend may follow Mauna Loa's at the most
BLOCK = 26  # weeks: the residuals are correlated for about eight
HIDDEN = 2000  # windows in each of the hidden and the sealed set
GAPS = 0.04  # share of weeks that a station misses, beside those of Mauna Loa
# Weeks from … to. The years get harder with the distance from the training, so each era is hidden
# at every other station and sealed at the rest, and the next era the other way round.
TRAIN = (0, 1300)
LATER = ((1300, 1536), (1536, 1772), (1772, 2008), (2008, 2244))
ERAS = (TRAIN, *LATER)


@functools.cache
def mauna_loa():
    """Return dates, trend, season, residual (ppm, by week) and where a week is missing."""
    record = co2.load_pandas().data["co2"]
    parts = STL(record.interpolate(), period=YEAR, seasonal=35, trend=105, robust=True).fit()
    return (
        record.index.strftime("%Y-%m-%d").to_numpy(),
        parts.trend.to_numpy(),
        parts.seasonal.to_numpy(),
        parts.resid.to_numpy(),
        record.isna().to_numpy(),
    )


def variant(seed: int) -> Variant:
    rng = np.random.default_rng(seed)
    dates, _, _, _, missing = mauna_loa()
    weeks = ERAS[-1][1]
    complete = np.stack([station(rng, weeks) for _ in range(STATIONS)])
    gaps = (rng.uniform(size=complete.shape) < GAPS) | missing[:weeks]
    seen = np.where(gaps, np.nan, complete)

    end = TRAIN[1]
    header = "week," + ",".join(f"station_{i + 1}" for i in range(STATIONS))
    rows = [
        ",".join([date, *("" if np.isnan(v) else f"{v:.2f}" for v in values)])
        for date, values in zip(dates[:end], seen[:, :end].T, strict=True)
    ]
    numbers = {
        "weeks": f"{end:,}",
        "first": dates[0],
        "last": dates[end - 1],
        "low": f"{np.nanmin(seen[:, :end]):.1f}",
        "high": f"{np.nanmax(seen[:, :end]):.1f}",
        "missing": f"{100 * np.isnan(seen[:, :end]).mean():.0f}",
    }
    return Variant(
        files={"stations.csv": ("\n".join([header, *rows]) + "\n").encode()},
        hidden=windows(rng, complete, seen, turn=0),
        sealed=windows(rng, complete, seen, turn=1),
        texts={"en": numbers, "zh-CN": numbers},
        train={"window": every_window(seen[:, :end])},
    )


def station(rng, weeks):
    """Return a complete record in ppm, rounded as it is published."""
    _, trend, season, residual, _ = mauna_loa()
    lag, shift = rng.integers(0, LAG + 1), rng.integers(-6, 7)
    width, noise = rng.uniform(0.6, 1.5), rng.uniform(0.8, 1.2)
    week = np.arange(weeks)
    weather = np.concatenate([blocks(rng, residual[begin:end]) for begin, end in ERAS])
    values = (
        trend[np.clip(week - lag, 0, None)]
        + width * season[np.clip(week + shift, 0, len(season) - 1)]
        + noise * weather[:weeks]
    )
    return np.round(values, 2)


def blocks(rng, residual):
    """Return as many residuals, put together from blocks of consecutive ones."""
    starts = rng.integers(0, len(residual) - BLOCK, len(residual) // BLOCK + 1)
    return np.concatenate([residual[s : s + BLOCK] for s in starts])[: len(residual)]


def eras_of(station, turn):
    """Return every other era at a station: the hidden (turn 0) or the sealed ones (turn 1)."""
    return LATER[(station + turn) % 2 :: 2]


def windows(rng, complete, seen, turn) -> Split:
    """Return windows that lie, with the weeks to forecast, in one of a station's eras altogether."""
    pairs = np.array(
        [
            (s, w)
            for s in range(STATIONS)
            for begin, end in eras_of(s, turn)
            for w in range(begin, end - WINDOW - HORIZON + 1)
        ]
    )
    chosen = pairs[np.sort(rng.choice(len(pairs), HIDDEN, replace=False))]
    inputs = np.stack([filled(seen[s, w : w + WINDOW]) for s, w in chosen])
    labels = np.stack([complete[s, w + WINDOW : w + WINDOW + HORIZON] for s, w in chosen])
    return Split(
        inputs={"window": inputs[..., None].astype(np.float32)},
        labels=labels.astype(np.float32),
        baseline=naive(inputs).astype(np.float32),
    )


def naive(inputs):
    """Return the same weeks of last year, plus what a year has added by now, `(n, 13)`."""
    last_year = inputs[:, WINDOW - YEAR : WINDOW - YEAR + HORIZON]
    growth = inputs[:, -1:] - inputs[:, -1 - YEAR : -YEAR]
    return last_year + growth


def filled(values):
    """Return `values` with gaps filled on a straight line; nothing from outside is used."""
    week, known = np.arange(len(values)), ~np.isnan(values)
    return np.interp(week, week[known], values[known])


def every_window(seen):
    """Return the training windows in the form of the hidden ones, to prove that none is shared."""
    return np.stack(
        [
            filled(values[w : w + WINDOW])[:, None].astype(np.float32)
            for values in seen
            for w in range(len(values) - WINDOW - HORIZON + 1)
        ]
    )
