"""Draws a universe with a law of its own for how long a moon takes around its planet.

Ours has Kepler's third law: `T = 2π · sqrt(a³ / (G·M))`. In the universes drawn here the powers
are others, and how stretched the orbit is matters too.
"""

import numpy as np

from assay.items.tables import plainly
from assay.items.variant import Split, Variant

TRAIN = 1500  # moons
HIDDEN = 5000  # in each of the hidden and the sealed set
NOISE = 0.02  # relative, of a measured period
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def variant(seed: int) -> Variant:
    rng = np.random.default_rng(seed)
    law = {
        "distance": rng.uniform(1.35, 1.75),
        "mass": -rng.uniform(0.4, 0.65),
        "shape": rng.uniform(0.9, 1.3) * rng.choice([-1, 1]),
        "level": rng.uniform(0.5, 2.5),
    }
    distance = (7.5 + rng.uniform(0, 0.5), 10.5 + rng.uniform(0, 0.5))  # log10 of metres
    mass = (22.5 + rng.uniform(0, 0.5), 26.5 + rng.uniform(0, 0.5))  # log10 of kilograms
    moons = observed(rng, TRAIN + 2 * HIDDEN, distance, mass)
    days = period(law, moons)
    x = moons.astype(np.float32)
    train, hidden, sealed = np.split(np.arange(len(x)), [TRAIN, TRAIN + HIDDEN])
    measured = days[train] * np.exp(rng.normal(0, NOISE, TRAIN))
    lines = ["distance,mass,stretch,period"]
    lines += [
        f"{a:.6e},{m:.6e},{e:.5f},{t:.5g}" for (a, m, e), t in zip(x[train], measured, strict=True)
    ]
    numbers = {
        "count": f"{TRAIN:,}",
        "near": power(x[train, 0].min()),
        "far": power(x[train, 0].max()),
        "light": power(x[train, 1].min()),
        "heavy": power(x[train, 1].max()),
        "short": plainly(measured.min(), 2),
        "long": plainly(measured.max(), 2),
    }
    return Variant(
        files={"moons.csv": ("\n".join(lines) + "\n").encode()},
        hidden=split(x[hidden], days[hidden]),
        sealed=split(x[sealed], days[sealed]),
        texts={"en": numbers, "zh-CN": numbers},
        train={"moon": x[train]},
    )


def power(number):
    """Return a number as physicists write it, such as 3.2 × 10⁷."""
    digits, exponent = f"{number:.1e}".split("e")
    return f"{digits} × 10{str(int(exponent)).translate(RAISED)}"


def observed(rng, n, distance, mass):
    """Return distances in m, masses in kg and how stretched the orbits are, `(n, 3)`."""
    columns = (10 ** rng.uniform(*distance, n), 10 ** rng.uniform(*mass, n), rng.uniform(0, 0.9, n))
    return np.stack(columns, axis=1)


def period(law, moons):
    """Return the periods in days, without errors."""
    distance, mass, stretch = moons.T
    log10 = (
        law["level"]
        + law["distance"] * (np.log10(distance) - 9)
        + law["mass"] * (np.log10(mass) - 24.5)
        + law["shape"] * np.log10(1 - stretch**2) / 2
    )
    return 10**log10


def split(x, days):
    return Split(inputs={"moon": x}, labels=np.log10(days)[:, None].astype(np.float32))
