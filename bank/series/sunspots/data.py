"""Draws a survey of twelve suns whose spots come and go as those of our own.

The yearly sunspot numbers (1700 to 2008) come with statsmodels. One record of 309 years has too
few windows, and everybody can look it up, so it is cut at its minima into cycles, and each sun
runs through them in an order, at a pace and with a brightness of its own.
"""

import functools
import itertools

import numpy as np
from scipy.interpolate import PchipInterpolator
from statsmodels.datasets import sunspots

from assay.items.variant import Split, Variant

SUNS = 12
WINDOW = 30  # years that the model sees
HIDDEN = 2000  # windows in each of the hidden and the sealed set
TRAIN = 600  # years
# Years from … to, after the training. Each is hidden at every other sun and sealed at the rest.
LATER = ((600, 800), (800, 1000))
SHORTEST = 7  # years of a cycle: a minimum sooner than that is a dent
SMOOTHING = (0.1, 0.25, 0.3, 0.25, 0.1)  # of the years around one, to find the minima
PACE = (0.85, 1.25)  # years of a sun's cycle for each year of the sun's
BRIGHTNESS = (0.7, 1.4)
ALIKE = (0.9, 1.1)  # how much a sun's own cycles differ in height
NOISE = (1.0, 0.03)  # of a year's number: so much, and so much of the number


@functools.cache
def cycles():
    """Return the record from minimum to minimum, yearly sunspot numbers each."""
    record = sunspots.load_pandas().data["SUNACTIVITY"].to_numpy()
    smooth = np.convolve(np.pad(record, 2, mode="edge"), SMOOTHING, "valid")
    minima = [i for i in range(3, len(smooth) - 3) if smooth[i] == smooth[i - 3 : i + 4].min()]
    cuts = minima[:1]
    for minimum in minima[1:]:
        if minimum - cuts[-1] >= SHORTEST:
            cuts.append(minimum)
    return [record[begin:end] for begin, end in itertools.pairwise(cuts)]


def variant(seed: int) -> Variant:
    rng = np.random.default_rng(seed)
    years = LATER[-1][1]
    # Spread evenly, so that no survey has only slow or only pale suns.
    paces, brightnesses = evenly(rng, *PACE), np.exp(evenly(rng, *np.log(BRIGHTNESS)))
    suns = np.stack([sun(rng, *each, years) for each in zip(paces, brightnesses, strict=True)])

    header = "year," + ",".join(f"sun_{i + 1}" for i in range(SUNS))
    rows = [f"{year + 1}," + ",".join(f"{v:.1f}" for v in suns[:, year]) for year in range(TRAIN)]
    numbers = {"years": str(TRAIN), "high": f"{suns[:, :TRAIN].max():.0f}"}
    return Variant(
        files={"suns.csv": ("\n".join([header, *rows]) + "\n").encode()},
        hidden=windows(rng, suns, turn=0),
        sealed=windows(rng, suns, turn=1),
        texts={"en": numbers, "zh-CN": numbers},
        train={"window": every_window(suns[:, :TRAIN])},
    )


def evenly(rng, low, high):
    """Return a number for each sun, one from each of as many equal parts of the range."""
    return low + (high - low) * (rng.permutation(SUNS) + rng.uniform(size=SUNS)) / SUNS


def sun(rng, pace, brightness, years):
    """Return a record of yearly numbers, rounded as ours is published."""
    ages, numbers, age = [], [], 0.0
    while age < years + 20:
        for i in rng.permutation(len(cycles())):
            cycle = cycles()[i]
            ages.extend(age + pace * np.arange(len(cycle)))
            numbers.extend(brightness * rng.uniform(*ALIKE) * cycle)
            age += pace * len(cycle)
    values = PchipInterpolator(ages, numbers)(rng.uniform(0, 15) + np.arange(years))
    values = values + rng.normal(size=years) * (NOISE[0] + NOISE[1] * values)
    return np.round(np.clip(values, 0, None), 1)


def eras_of(sun_, turn):
    """Return the years after the training that are hidden (turn 0) or sealed (turn 1) at a sun."""
    return LATER[(sun_ + turn) % 2 :: 2]


def windows(rng, suns, turn) -> Split:
    """Return windows that lie, with the year to forecast, in one of a sun's eras altogether."""
    pairs = np.array(
        [
            (s, y)
            for s in range(SUNS)
            for begin, end in eras_of(s, turn)
            for y in range(begin, end - WINDOW)
        ]
    )
    chosen = pairs[np.sort(rng.choice(len(pairs), HIDDEN, replace=False))]
    inputs = np.stack([suns[s, y : y + WINDOW] for s, y in chosen])
    labels = np.stack([suns[s, y + WINDOW : y + WINDOW + 1] for s, y in chosen])
    return Split(
        inputs={"window": inputs[..., None].astype(np.float32)},
        labels=labels.astype(np.float32),
        baseline=inputs[:, -1:].astype(np.float32),  # next year as this one
    )


def every_window(suns):
    """Return the training windows in the form of the hidden ones, to prove that none is shared."""
    cut = np.lib.stride_tricks.sliding_window_view(suns, WINDOW + 1, axis=1)[..., :WINDOW]
    return cut.reshape(-1, WINDOW, 1).astype(np.float32)
