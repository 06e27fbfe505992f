"""Tests are told in a person's words: names without underscores, money with its currency, one fingerprint out of sight."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from lib.analysis.experiments import experiment_reading, preregistration
from lib.analysis.experiments.design import MetricSpec, design_of, guess, with_currency
from lib.analysis.experiments.shared_experiments import overview
from lib.engine.datasets.dataset import Dataset
from lib.workbook.model import Experiment, Workbook, fold
from tests.analysis.making import dataset

RAW = ("three_steps", "old_flow", "first_order", "order_revenue")


def _file(tmp_path: Path) -> Dataset:
    rows = []
    for variant, orders, value in (("old_flow", 100, 40.0), ("three_steps", 160, 60.0)):
        for person in range(500):
            paid = person < orders
            rows.append((f"{variant}-{person}", variant, paid, (value + person % 7) if paid else 0.0))
    frame = pd.DataFrame(rows, columns=["user_id", "variant", "first_order", "order_revenue"])
    return dataset(tmp_path, frame, "experiment")


def _said(readout: experiment_reading.Readout) -> list[str]:
    texts = [readout.verdict.text, *readout.verdict.why, *(gate.text for gate in readout.checks)]
    return texts + [finding.text for finding in readout.findings]


def test_no_name_of_the_file_reaches_a_sentence(tmp_path: Path) -> None:
    said = _said(experiment_reading.read(_file(tmp_path)))
    assert "“Three steps” improves first order: 20.0\u00a0% to 32.0\u00a0%" in said[0]
    assert not [text for text in said if any(raw in text for raw in RAW)]


def test_an_effect_on_revenue_has_its_currency(tmp_path: Path) -> None:
    data, book = _file(tmp_path), fold({"settings/currency": "EUR"})
    readout = experiment_reading.read(data, with_currency(guess(data), book))
    told = next(text for text in _said(readout) if "improves order revenue" in text)
    assert told.count("€") >= 4  # both values, the effect and the range
    paid = next(text for text in _said(readout) if "first order" in text)
    assert "€" not in paid


def test_a_file_nobody_registered_and_a_registered_test_say_money_alike(tmp_path: Path) -> None:
    data = _file(tmp_path)
    loose = overview(fold({"settings/currency": "GBP"}), {"experiment": data}).unregistered["experiment"]
    assert "£" in " ".join(_said(loose))
    book = fold({"settings/currency": "GBP", "experiments/t/name": "Onboarding", "experiments/t/dataset": "experiment",
                 "experiments/t/outcome_metric": "m", "experiments/t/outcome_column": "order_revenue",
                 "metrics/m/name": "Revenue per new customer"})  # fmt: skip
    readout = overview(book, {"experiment": data}).readouts["t"]
    assert "“Three steps” improves Revenue per new customer: £" in readout.verdict.text


def test_amounts_are_told_from_counts_by_their_names() -> None:
    columns = ("order_revenue", "sessions", "revenue_orders", "average_order_value", "umsatz")
    design = experiment_reading.Design(
        "a", (*(MetricSpec(name, "mean") for name in columns), MetricSpec("mrr", "proportion"))
    )
    metrics = with_currency(design, Workbook()).metrics
    assert [metric.currency for metric in metrics] == ["USD", "", "", "USD", "USD", ""]


def test_the_cell_of_the_agreed_table_names_metrics_in_words(tmp_path: Path) -> None:
    frame = pd.DataFrame([(f"{v}{n}", v, n % 3 == 0, n % 5 == 0) for v in ("old_flow", "three_steps") for n in range(120)],
                         columns=["user_id", "variant", "first_order", "saw_page"])  # fmt: skip
    data = dataset(tmp_path, frame, "experiment")
    test = Experiment(process_column="saw_page", outcome_column="first_order")
    readout = experiment_reading.read(data, design_of(test, Workbook(), data))
    cell = preregistration.cell(test, readout)
    assert "first order" in cell.why
    assert "first_order" not in cell.why
