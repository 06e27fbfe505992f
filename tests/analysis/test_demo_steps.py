"""The demo company's planted truths, as the stage, its tests, the translator and the agendas find them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from lib.analysis.experiments.shared_experiments import overview
from lib.analysis.handoff.handoff_map import handoff_map
from lib.analysis.stage.stage import stage
from lib.analysis.translation.cadence import broken_promise, cadence
from lib.analysis.translation.outcome_chain import chain, channel_rates
from lib.engine.datasets import demo
from lib.engine.datasets.dataset import Dataset
from lib.workbook.model import Workbook, fold

TRUTHS = json.loads((demo.FOLDER / "truths.json").read_text(encoding="utf-8"))
Data = Mapping[str, Dataset]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Data:
    return demo.install(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def book() -> Workbook:
    return fold({key: value for _, key, value in demo.answers()})


def test_the_planted_stage_is_found_with_and_without_the_teams_answers(data: Data, book: Workbook) -> None:
    for answers in (book, Workbook()):
        found = stage(answers, data)
        assert found.stage == TRUTHS["stage"]
        assert found.focus == "growth"
        assert found.confidence in ("fair", "high")


def test_one_file_less_never_turns_the_stage_round(data: Data) -> None:
    """A missing input widens the verdict: the stage stays or cannot be told; it is never another one."""
    for slot in data:
        rest = {name: one for name, one in data.items() if name != slot}
        assert stage(Workbook(), rest).stage in (TRUTHS["stage"], None), slot


def test_the_planted_effect_ships_and_the_planted_null_does_not(data: Data, book: Workbook) -> None:
    found = overview(book, data)
    assert {id: cell.action for id, cell in found.cells.items()} == {
        "onboarding": "ship",
        "headline": "iterate",
    }
    assert all(readout.is_valid for readout in found.readouts.values())


def test_the_planted_weak_channel_is_the_weakest(data: Data, book: Workbook) -> None:
    found = chain(book, data)
    assert found is not None
    rates = channel_rates(data["events"], found.steps[0], found.steps[-1], dict(book.channels))
    assert rates is not None
    assert rates.records()[-1]["channel"] == "paid_social"
    assert rates.records()[-1]["against_all"] < 0.5


def test_the_late_handoff_is_on_the_agenda(data: Data, book: Workbook) -> None:
    broken = broken_promise(book, handoff_map(book, data).contract)
    assert broken is not None
    for agenda in cadence(book, [], dt.date(2026, 11, 22), broken).agendas:
        assert "Promises that were broken" in [point.title for point in agenda.points]


@pytest.mark.parametrize("name", ["cookie_cats.csv"])
def test_the_public_test_is_read_in_plain_words(name: str, tmp_path: Path) -> None:
    """90 189 players of a mobile game: the gate moved, and retention after a week fell."""
    from lib.engine import intake
    from lib.engine.contracts import recognition

    path = Path(__file__).resolve().parents[2].parent / "shared" / "datasets" / name
    if not path.exists():
        pytest.skip(f"{name} is not beside the repository")
    reading = intake.read(path)
    proposal = next(p for p in recognition.recognise(reading) if p.contract == "experiment")
    test = intake.accept(reading, proposal.contract, proposal.mapping, home=tmp_path)
    found = overview(Workbook(), {"experiment": test})
    (readout,) = found.unregistered.values()
    rows = {row["metric"]: row for row in readout.rows()}
    assert (round(rows["retention_1"]["control"], 4), round(rows["retention_1"]["treatment"], 4)) == (
        0.4482,
        0.4423,
    )
    assert (round(rows["retention_7"]["control"], 4), round(rows["retention_7"]["treatment"], 4)) == (
        0.1902,
        0.1820,
    )
    assert rows["retention_1"]["p_value"] == pytest.approx(0.074, abs=0.001)
    assert rows["retention_7"]["p_value"] == pytest.approx(0.0016, abs=0.0001)
    assert readout.srm.p_value == pytest.approx(0.0086, abs=0.0001)
    assert any("little off plan" in gate.text for gate in readout.checks)
    said = found.verdict.text.replace("\u00a0", " ")
    assert said.startswith("“Gate 30” stays ahead: “Gate 40” worsens retention 7: 19.0 % to 18.2 %")
