"""The dialect a text file is written in: what separates its cells, found from its first records."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from lib.engine.intake.model import Limits
from lib.engine.intake.readers.text_lines import AROUND, WHITESPACE, Dialect, numbered, unwrapped

DELIMITERS = (",", ";", "\t", "|")
_RARE = ("^", "~")  # only where nearly every record agrees
_SAMPLE = 5000  # records that decide
_SAMPLE_SIZE = 1 << 25  # characters of them
_SURE = 0.4  # agreement from which a delimiter is the one
_PLAIN = Dialect("", 1)


def detect(path: Path, encoding: str, limits: Limits) -> Dialect:
    """The dialect that most records of the sample agree on.

    Args:
        path: A text file.
        encoding: Its encoding.
        limits: Caps.
    """
    sample = _sample(path, encoding)
    best, agreement = _delimited(sample, limits)
    wrapped = _wrapped(sample, best, limits)
    if wrapped:
        return wrapped
    if agreement >= _SURE:
        return best
    rare = _rare(sample)
    if rare:
        return rare
    aligned = _by_words(sample)
    if aligned is None:
        aligned = _by_gaps(sample)
    # A small table under many comments or above a long footer: several lines of three cells and more are no accident.
    is_table = best.width > 2 and agreement >= 0.2 and (aligned is None or aligned.cuts)
    return best if is_table else aligned or best


def _sample(path: Path, encoding: str) -> list[str]:
    found: list[str] = []
    size = 0
    for _, line in numbered(path, encoding):
        if line and not line.isspace():
            found.append(line)
            size += len(line)
        if len(found) >= _SAMPLE or size > _SAMPLE_SIZE:
            break
    return found


def _delimited(sample: Sequence[str], limits: Limits) -> tuple[Dialect, float]:
    """The usual delimiter that fits best, and how well."""
    declared = re.match(r"^\ufeff?sep=(.)$", sample[0]) if sample else None
    best, best_score = _PLAIN, 0.0
    for delimiter in (declared.group(1),) if declared else DELIMITERS:
        width, agreement = _agreement(sample, delimiter, limits)
        # Agreement counts most; between dialects that agree equally the one with more cells is right.
        score = agreement + min(width, 50) / 1000
        if width > 1 and score > best_score:
            best, best_score = Dialect(delimiter, width), score
    return best, best_score


def _wrapped(sample: Sequence[str], best: Dialect, limits: Limits) -> Dialect | None:
    """The dialect inside the quotes, where half of the lines stand in quotes as a whole."""
    marked = sum(line.startswith('"') and line.rstrip(AROUND).endswith('"') for line in sample)
    if marked * 2 < len(sample) or not marked:
        return None
    bare = [unwrapped(line) for line in sample]
    if sum(a is not b for a, b in zip(bare, sample, strict=True)) * 2 < len(sample):
        return None
    inside, agreement = _delimited(bare, limits)
    names = next(_widths(bare[:1], inside.delimiter or ",", limits), 0)  # above "Doe, Ann" stands one cell
    is_table = agreement >= _SURE and inside.width == names > max(1, best.width)
    return replace(inside, is_wrapped=True) if is_table else None


def _agreement(sample: Sequence[str], delimiter: str, limits: Limits) -> tuple[int, float]:
    """The usual number of cells with a delimiter, and the share of records that have it."""
    if not any(delimiter in line for line in sample):
        return 0, 0.0
    widths = Counter(_widths(sample, delimiter, limits))
    if not widths:
        return 0, 0.0
    width, count = max(widths.items(), key=lambda item: (item[0] > 1, item[1], item[0]))
    return width, count / widths.total()


def _widths(sample: Sequence[str], delimiter: str, limits: Limits) -> Iterator[int]:
    csv.field_size_limit(limits.max_cell_kb << 10)
    reader = csv.reader((line + "\n" for line in sample), delimiter=delimiter)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            continue
        yield len(row)


def _rare(sample: Sequence[str]) -> Dialect | None:
    for delimiter in _RARE:
        widths = Counter(len(line.split(delimiter)) for line in sample)
        width, count = max(widths.items(), key=lambda item: item[1], default=(1, 0))
        if width > 1 and count >= max(2, len(sample) * 0.8):
            return Dialect(delimiter, width)
    return None


def _by_words(sample: Sequence[str]) -> Dialect | None:
    """Columns set apart by spaces: every line has as many words."""
    if len(sample) < 3:
        return None
    width, count = Counter(len(line.split()) for line in sample).most_common(1)[0]
    return Dialect(WHITESPACE, width) if width > 1 and count >= len(sample) * 0.99 else None


def _by_gaps(sample: Sequence[str]) -> Dialect | None:
    """Columns set apart by spaces: every line is blank at the same places."""
    length = max(map(len, sample), default=0)
    if len(sample) < 5 or length > 5000:
        return None
    filled = [any(line[i : i + 1].strip(" ") for line in sample) for i in range(length)]
    cuts = [i for i, is_filled in enumerate(filled) if is_filled and (i == 0 or not filled[i - 1])]
    return Dialect(WHITESPACE, len(cuts), (0, *cuts[1:])) if len(cuts) > 1 else None
