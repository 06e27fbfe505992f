"""Splitting a change exactly: into mix and rate by segment, and into the factors of a product."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Split:
    """A ratio's change by segment.

    Attributes:
        before: Ratio of the whole before.
        after: Ratio of the whole after.
        mix: float[segments], what the change of a segment's share explains.
        rate: float[segments], what the change of a segment's own ratio explains. Sum of mix and rate is after - before.
    """

    before: float
    after: float
    mix: np.ndarray
    rate: np.ndarray


def mix_and_rate(part0: np.ndarray, whole0: np.ndarray, part1: np.ndarray, whole1: np.ndarray) -> Split:
    """Split the change of sum(part) / sum(whole) between two periods into mix and rate by segment.

    rate = change of the segment's ratio x its mean share; mix = change of its share x (its mean ratio - mean
    ratio of the whole).
    Both periods are treated alike, so there is no interaction left over and swapping them turns every sign. A segment
    that is in one period only has no change of ratio: all its effect is mix. Parts of a segment that has no whole are mix too.

    Args:
        part0: float[segments], numerator before (payers).
        whole0: float[segments], denominator before (trials).
        part1: Numerator after.
        whole1: Denominator after.

    Source:
        Marshall and Edgeworth's midpoint form of Kitagawa's decomposition (1955).
    """
    before, after = part0.sum() / whole0.sum(), part1.sum() / whole1.sum()
    share0, share1 = whole0 / whole0.sum(), whole1 / whole1.sum()
    with np.errstate(invalid="ignore", divide="ignore"):
        r0, r1 = part0 / whole0, part1 / whole1
    r0, r1 = (
        np.where(whole0 > 0, r0, r1),
        np.where(whole1 > 0, r1, np.where(whole0 > 0, part0 / np.maximum(whole0, 1e-300), 0)),
    )
    r0 = np.nan_to_num(r0)
    rate = (r1 - r0) * (share0 + share1) / 2
    mix = (share1 - share0) * ((r0 + r1) / 2 - (before + after) / 2)
    # Parts of a segment without a whole (revenue booked to no channel) have no ratio; they count all the same.
    mix += np.where(whole1 == 0, part1, 0) / whole1.sum() - np.where(whole0 == 0, part0, 0) / whole0.sum()
    return Split(float(before), float(after), mix, rate)


def rate_effect_error(part0: np.ndarray, whole0: np.ndarray, part1: np.ndarray, whole1: np.ndarray) -> float:
    """Standard error of the summed rate effect for shares (parts count members of the whole), mix taken as given."""
    share = (whole0 / whole0.sum() + whole1 / whole1.sum()) / 2
    variance = np.zeros(len(share))
    for part, whole in ((part0, whole0), (part1, whole1)):
        safe = np.maximum(whole, 1)
        p = (part + 1) / (safe + 2)  # a segment without a success is not without doubt
        variance += np.where(whole > 0, p * (1 - p) / safe, 0)
    return math.sqrt(float((share**2 * variance).sum()))


def volume_and_rate(
    part0: np.ndarray, whole0: np.ndarray, part1: np.ndarray, whole1: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Split each segment's change of `part` into more or fewer members and another ratio; exact sums."""
    r0 = np.divide(part0, whole0, out=np.zeros_like(part0, dtype=float), where=whole0 > 0)
    r1 = np.divide(part1, whole1, out=np.zeros_like(part1, dtype=float), where=whole1 > 0)
    r0, r1 = np.where(whole0 > 0, r0, r1), np.where(whole1 > 0, r1, r0)
    volume = (
        (whole1 - whole0) * (r0 + r1) / 2 + np.where(whole1 > 0, 0, part1) - np.where(whole0 > 0, 0, part0)
    )
    rate = (r1 - r0) * (whole0 + whole1) / 2
    return volume, rate


def factors(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Split the change of a product into its factors, exactly and without a rest (logarithmic mean).

    Args:
        before: float[factors], all positive.
        after: Same shape, all positive.

    Source:
        Ang 2004 (LMDI).

    >>> factors(np.array([100, 0.2]), np.array([200, 0.1])).round(6).tolist()
    [13.862944, -13.862944]
    """
    x, y = float(np.prod(before)), float(np.prod(after))
    mean = x if math.isclose(x, y, rel_tol=1e-12) else (y - x) / math.log(y / x)
    return mean * np.log(after / before)
