"""Adjusting hundreds of thousands of p-values at once; `lib.stats.adjust` is the same for a handful."""

from __future__ import annotations

import numpy as np


def holm_array(p_values: np.ndarray) -> np.ndarray:
    """Holm's step-down over all values of an array of any shape; NaN stays NaN and is not counted.

    >>> holm_array(np.array([0.01, 0.04, np.nan, 0.03])).round(4).tolist()
    [0.03, 0.06, nan, 0.06]
    """
    flat = p_values.ravel()
    known = np.flatnonzero(~np.isnan(flat))
    out = np.full(flat.shape, np.nan)
    order = known[np.argsort(flat[known], kind="stable")]
    scaled = np.minimum(1.0, flat[order] * np.arange(len(order), 0, -1))
    out[order] = np.maximum.accumulate(scaled) if len(order) else scaled
    return out.reshape(p_values.shape)
