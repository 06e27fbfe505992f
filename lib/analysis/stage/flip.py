"""The single input that would change the stage verdict with the smallest move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lib.analysis.stage.signals import SignalReading
from lib.analysis.stage.weights import STAGES, Weights, combine, likely_band, weigh_step
from lib.engine.evidence.formats import write
from lib.framework.load import framework
from lib.framework.schema import FORMATS, Band, CompanyStage, WeightedOption


@dataclass(frozen=True)
class Flip:
    """One input's move that would change the verdict.

    Attributes:
        signal: Id of the signal.
        name: Its name.
        now: Its reading now, written.
        then: What it would have to be, written.
        stage: The stage it would lead to.
        text: The whole as a sentence.
    """

    signal: str
    name: str
    now: str
    then: str
    stage: CompanyStage
    text: str


def find_flip(known: Sequence[SignalReading], top: int) -> Flip | None:
    """The smallest move of one known input that makes another stage the heaviest.

    Moves are counted in bands (or answers) from where the input stands; among equal moves the one after which the
    other stage leads most clearly is named.

    Args:
        known: All inputs.
        top: Index of the heaviest stage now.
    """
    best: tuple[int, float, Flip] | None = None
    for reading in known:
        others = [r.weights for r in known if r is not reading]
        for distance, step in _moves(reading):
            weights = combine([*others, weigh_step(reading.signal, step, reading.strength)])
            leads = max(range(3), key=lambda i: weights[i])
            if leads == top:
                continue
            found = (distance, _margin(weights, top), _flip(reading, step, STAGES[leads]))
            if best is None or found[:2] < best[:2]:
                best = found
    return best[2] if best else None


def _margin(weights: Weights, top: int) -> float:
    return weights[top] - max(weights)


def _moves(reading: SignalReading) -> list[tuple[int, Band | WeightedOption]]:
    """Other places the input could stand, with how many steps away they are."""
    signal = reading.signal
    if reading.interval is not None:
        here = signal.bands.index(likely_band(signal, reading.interval))
        return [(abs(i - here), band) for i, band in enumerate(signal.bands) if i != here]
    here = next(i for i, option in enumerate(signal.options) if option.value == reading.option)
    return [(abs(i - here), option) for i, option in enumerate(signal.options) if i != here]


def _flip(reading: SignalReading, step: Band | WeightedOption, stage: CompanyStage) -> Flip:
    signal = reading.signal
    then = f"“{step.label}”" if isinstance(step, WeightedOption) else _edge(reading, step)
    name = framework().stage_rules[stage].name
    text = f"{signal.name}: {then} instead of {reading.text} would make it “{name}”."
    return Flip(signal.id, signal.name, reading.text, then, stage, text)


def _edge(reading: SignalReading, band: Band) -> str:
    """Where the band begins, seen from where the value is now."""
    signal = reading.signal
    index = signal.bands.index(band)
    here = signal.bands.index(likely_band(signal, reading.interval)) if reading.interval else index
    upwards = index > here
    edge = band.start if upwards else signal.bands[index + 1].start
    rising = upwards == (signal.direction == "up")
    return f"{'at least' if rising else 'under'} {write(edge, FORMATS[signal.unit])}"
