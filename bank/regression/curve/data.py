"""Draws an instrument, the curve that it follows, and noisy readings of it."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from assay.items.variant import Split, Variant

READINGS = 400  # training points
HIDDEN = 5000  # points in each of the hidden and the sealed set
NOISE = 0.15  # standard deviation of a reading's error, in standard deviations of the curve

Curve = Callable[[np.ndarray], np.ndarray]  # of t, 0 to 1, in no unit


@dataclass(frozen=True, kw_only=True)
class Instrument:
    """What is measured: a family of curves with a story and plausible units."""

    curve: Callable[[np.random.Generator, float, float], Curve]  # of rng, first x, span of x
    begin: tuple[float, float]  # range of the first x, in the unit of x
    length: tuple[float, float]  # range of the span of x
    level: tuple[float, float]  # range of the mean of y, in the unit of y
    spread: tuple[float, float]  # range of the standard deviation of y
    texts: dict[str, dict[str, str]]


def bridge(rng, _begin, _length):
    """A damped oscillation."""
    cycles, decay, phase = rng.uniform(2.6, 3.2), rng.uniform(1.0, 1.8), rng.uniform(0, math.tau)
    return lambda t: np.exp(-decay * t) * np.cos(math.tau * cycles * t + phase)


def forks(rng, _begin, _length):
    """A beat: the product of a fast and a slow oscillation."""
    fast, slow = rng.uniform(2.5, 3.0), rng.uniform(0.5, 0.8)
    first, second = rng.uniform(0, math.tau, 2)
    return lambda t: np.sin(math.tau * fast * t + first) * np.cos(math.tau * slow * t + second)


def greenhouse(rng, begin, length):
    """A curved drift, and days that are warmest in the afternoon."""
    warmest, depth = rng.uniform(0.55, 0.7), rng.uniform(0.6, 0.8)  # part of the day; amplitude
    middle, bend = rng.uniform(0.4, 0.6), rng.choice([-1.0, 1.0]) * rng.uniform(2.5, 4.0)

    def curve(t):
        day = begin + length * t - warmest
        return bend * (t - middle) ** 2 + depth * np.cos(math.tau * day)

    return curve


def turbine(rng, _begin, _length):
    """An oscillation that gets faster."""
    first, gain, phase = rng.uniform(1.2, 1.6), rng.uniform(1.4, 1.8), rng.uniform(0, math.tau)
    return lambda t: np.sin(math.tau * (first * t + gain * t**2) + phase)


def lamp(rng, _begin, _length):
    """Four bell-shaped peaks of different height and width on a slope."""
    centres = (np.arange(4) + rng.uniform(0.3, 0.7, 4)) / 4
    heights, widths = rng.uniform(0.7, 1.4, 4), rng.uniform(0.055, 0.075, 4)
    slope = rng.uniform(-0.3, 0.3)

    def curve(t):
        bells = heights * np.exp(-0.5 * ((t[:, None] - centres) / widths) ** 2)
        return bells.sum(axis=1) + slope * t

    return curve


INSTRUMENTS = (
    Instrument(
        curve=bridge,
        begin=(0, 0),
        length=(8, 40),
        level=(-30, 30),
        spread=(4, 20),
        texts={
            "en": {
                "story": (
                    "A gust hits a footbridge. A displacement sensor under the deck follows how the "
                    "bridge swings and comes to rest."
                ),
                "x": "time since the gust",
                "x_unit": "seconds",
                "y": "displacement of the deck",
                "y_unit": "millimetres",
            },
            "zh-CN": {
                "story": "一阵狂风掠过人行天桥，桥面下的位移传感器记录了桥身从摆动到逐渐静止的全过程。",
                "x": "阵风过后的时间",
                "x_unit": "秒",
                "y": "桥面位移",
                "y_unit": "毫米",
            },
        },
    ),
    Instrument(
        curve=forks,
        begin=(0, 0),
        length=(120, 900),
        level=(-5, 5),
        spread=(20, 90),
        texts={
            "en": {
                "story": (
                    "Two tuning forks that are not quite in tune sound together, and a microphone "
                    "hears the tone swell and fade."
                ),
                "x": "time",
                "x_unit": "microseconds",
                "y": "sound pressure",
                "y_unit": "millipascals",
            },
            "zh-CN": {
                "story": "两支音高略有偏差的音叉同时鸣响，麦克风录下了时强时弱的“拍音”。",
                "x": "时间",
                "x_unit": "微秒",
                "y": "声压",
                "y_unit": "毫帕",
            },
        },
    ),
    Instrument(
        curve=greenhouse,
        begin=(1, 200),
        length=(3.2, 3.6),
        level=(16, 28),
        spread=(1.5, 4),
        texts={
            "en": {
                "story": (
                    "A greenhouse warms and cools with the sun, while the weather outside changes. "
                    "Its thermometer runs through several days."
                ),
                "x": "time since New Year",
                "x_unit": "days",
                "y": "air temperature",
                "y_unit": "degrees Celsius",
            },
            "zh-CN": {
                "story": "温室里的气温随日出日落升降，室外的天气也在悄悄变化。温度计连续记录了好几天。",
                "x": "从元旦算起的时间",
                "x_unit": "天",
                "y": "气温",
                "y_unit": "摄氏度",
            },
        },
    ),
    Instrument(
        curve=turbine,
        begin=(0, 0),
        length=(300, 1500),
        level=(480, 530),
        spread=(40, 120),
        texts={
            "en": {
                "story": (
                    "A wind turbine starts to turn, slowly at first, then faster. A strain gauge at "
                    "the root of one blade feels its weight go round."
                ),
                "x": "time since the brake was released",
                "x_unit": "tenths of a second",
                "y": "strain",
                "y_unit": "microstrain",
            },
            "zh-CN": {
                "story": (
                    "风力发电机松开刹车，由慢到快地转了起来。叶片根部的应变片随着叶片一圈圈转动，"
                    "感受着叶片的自重。"
                ),
                "x": "松开刹车后的时间",
                "x_unit": "十分之一秒",
                "y": "应变",
                "y_unit": "微应变",
            },
        },
    ),
    Instrument(
        curve=lamp,
        begin=(380, 450),
        length=(200, 300),
        level=(2000, 6000),
        spread=(500, 1500),
        texts={
            "en": {
                "story": (
                    "The light of a street lamp falls through a prism. A spectrometer counts photons "
                    "from one end of the spectrum to the other and finds bright bands."
                ),
                "x": "wavelength",
                "x_unit": "nanometres",
                "y": "brightness",
                "y_unit": "counts per second",
            },
            "zh-CN": {
                "story": "路灯的光穿过棱镜，光谱仪从光谱的一端到另一端逐点计数光子，看到了几条明亮的谱带。",
                "x": "波长",
                "x_unit": "纳米",
                "y": "亮度",
                "y_unit": "计数/秒",
            },
        },
    ),
)


def variant(seed: int) -> Variant:
    rng = np.random.default_rng(seed)
    instrument = INSTRUMENTS[rng.integers(len(INSTRUMENTS))]
    begin, length = rng.uniform(*instrument.begin), rng.uniform(*instrument.length)
    level, spread = rng.uniform(*instrument.level), rng.uniform(*instrument.spread)
    curve = instrument.curve(rng, begin, length)
    grid = curve(np.linspace(0, 1, 4001))
    mean, scale = grid.mean(), grid.std()

    def truth(x):
        return level + spread * (curve((x - begin) / length) - mean) / scale

    # Rounded as the contract's numbers are, so that a label belongs to exactly its input, and
    # different from each other, so that no hidden point is among the readings.
    many = (begin + length * rng.uniform(0, 1, 2 * (READINGS + 2 * HIDDEN))).astype(np.float32)
    x, hidden, sealed = np.split(
        rng.permutation(np.unique(many))[: READINGS + 2 * HIDDEN], [READINGS, READINGS + HIDDEN]
    )
    x.sort()
    y = truth(x.astype(np.float64)) + rng.normal(0, NOISE * spread, READINGS)
    rows = "".join(f"{a!s},{b:.6g}\n" for a, b in zip(x, y, strict=True))
    numbers = {
        "x_low": f"{begin:.4g}",
        "x_high": f"{begin + length:.4g}",
        "y_low": f"{y.min():.4g}",
        "y_high": f"{y.max():.4g}",
        "noise": f"{NOISE * spread:.2g}",
        "count": str(READINGS),
    }
    return Variant(
        files={"readings.csv": f"x,y\n{rows}".encode()},
        hidden=split(hidden, truth),
        sealed=split(sealed, truth),
        texts={language: {**texts, **numbers} for language, texts in instrument.texts.items()},
        train={"x": x[:, None]},
    )


def split(x, truth) -> Split:
    y = truth(x.astype(np.float64))
    return Split(inputs={"x": x[:, None]}, labels=y[:, None].astype(np.float32))
