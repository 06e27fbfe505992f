"""Read a test from a file."""

from __future__ import annotations

import argparse
import dataclasses
import math
import re
from typing import Any

from lib.analysis.experiments import experiment_reading
from lib.analysis.experiments.design import Design, MetricSpec, guess, parse_metric
from lib.cli import common
from lib.engine.datasets.dataset import Dataset
from lib.errors import DataError
from lib.framework import slots

NAME = "experiment"
HELP = "effects of a test with ranges, after checking the split"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """FILE and what to compare."""
    common.add_file_arguments(parser)
    parser.add_argument("--variant", default="", metavar="COL", help="column that says who saw which variant")
    parser.add_argument("--control", default="", metavar="NAME", help="variant the others are compared with")
    parser.add_argument(
        "--metrics",
        default="",
        metavar="col:proportion|mean,col/col:ratio",
        help="metrics in order of weight; guessed when not given",
    )
    parser.add_argument("--covariate", default="", metavar="COL", help="number known before the start")
    parser.add_argument(
        "--segments", default="", metavar="a,b", help="text columns to look into; none when not given"
    )
    parser.add_argument(
        "--reading",
        choices=("fixed", "sequential"),
        default="fixed",
        help="one look at the end, or watched as it runs",
    )
    parser.add_argument(
        "--planned", type=float, default=None, metavar="N", help="people planned in all variants"
    )
    parser.add_argument(
        "--smallest-effect",
        type=float,
        default=0.1,
        metavar="EFFECT",
        help="relative effect worth acting on, 0.1 for 10 %%",
    )
    parser.add_argument("--correction", choices=("holm", "bh"), default="holm", help="for several questions")


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _column(dataset: Dataset, name: str) -> str:
    """The dataset's name of a column that was named as in the file."""
    for column in dataset.columns:
        if name in (column.name, column.header) or _plain(name) == column.name:
            return column.name
    return name


def _segment(dataset: Dataset, name: str) -> str:
    found, columns = _column(dataset, name), [column.name for column in dataset.columns]
    if found not in columns:
        raise DataError(f"The file has no column {name!r}.", f"Choose --segments from {', '.join(columns)}.")
    return found


def _metric(dataset: Dataset, text: str) -> MetricSpec:
    metric = parse_metric(text)
    under = _column(dataset, metric.denominator) if metric.denominator else ""
    return dataclasses.replace(metric, column=_column(dataset, metric.column), denominator=under)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def design(args: argparse.Namespace, dataset: Dataset) -> Design:
    """What the arguments ask, completed by what the file suggests."""
    if any(value is not None and not 0 < value < math.inf for value in (args.smallest_effect, args.planned)):
        raise DataError("An effect or size is not above 0.", "Give positive numbers.")
    found = guess(dataset)
    asked = tuple(dict.fromkeys(_metric(dataset, text) for text in _parts(args.metrics)))
    return dataclasses.replace(
        found,
        control=args.control or found.control,
        metrics=asked or found.metrics,
        covariate=_column(dataset, args.covariate) if args.covariate else "",
        segments=tuple(_segment(dataset, name) for name in _parts(args.segments)),
        reading=args.reading,
        planned_total=args.planned,
        smallest_effect=args.smallest_effect,
        correction=args.correction,
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Read the test.

    Returns:
        rows (one a metric and variant), verdict with srm_p_value, checks, segments, evidence.
    """
    if args.variant:
        args.columns = ",".join(
            part for part in (args.columns, f"variant={args.variant.replace(',', chr(92) + ',')}") if part
        )
    dataset = common.load(args, slots.EXPERIMENT)
    readout = experiment_reading.read(dataset, design(args, dataset))
    verdict = readout.verdict.as_json() | {"srm_p_value": readout.srm.p_value, "srm_state": readout.srm.state}
    return {
        "rows": readout.rows(),
        "verdict": verdict,
        "checks": [{"check": g.name, "state": g.state, "text": g.text} for g in readout.checks],
        "segments": [effect.row() for effect in readout.segments],
        "evidence": readout.results,
    }
