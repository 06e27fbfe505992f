"""Areas x stages x metrics: one accountable in each crossing, enforced; what is contested is found and mended."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lib.analysis.handoff.handoff_map import handoff_map
from lib.analysis.handoff.ownership import matrix
from lib.analysis.handoff.ownership_matrix import OwnershipCell, area_of, grid, stage_of
from lib.charts.ownership import grid_html
from lib.framework.load import framework
from lib.workbook.model import JourneyStage, Metric, check, fold

BOOK: dict[str, Any] = {
    "stages/visit/name": "Visit", "stages/visit/order": 1, "stages/visit/aarrr": "awareness",
    "stages/visit/owners": ["Marketing"],
    "stages/trial/name": "Trial", "stages/trial/order": 2, "stages/trial/aarrr": "activation",
    "stages/trial/owners": ["Growth"],
    "metrics/v/name": "Website visits", "metrics/v/kind": "process", "metrics/v/aarrr": "awareness",
    "metrics/v/kpi": "website_traffic", "metrics/v/owners": ["Marketing"],
    "metrics/a/name": "Activation rate", "metrics/a/kind": "outcome", "metrics/a/aarrr": "activation",
    "metrics/a/kpi": "activation_rate", "metrics/a/owners": ["Growth"],
    "owns/channel_system/today": "Marketing", "owns/conversion_ecosystem/today": "Growth",
}  # fmt: skip


def cells(answers: dict[str, Any]) -> dict[str, OwnershipCell]:
    book = fold(answers)
    return {cell.id: cell for cell in grid(book, matrix(book), book.journey())}


def test_where_all_agree_it_is_settled() -> None:
    found = cells(BOOK)
    assert set(found) == {"channel_system+visit", "conversion_ecosystem+trial"}
    cell = found["channel_system+visit"]
    assert (cell.accountable, cell.problem, cell.metrics, cell.territory) == (
        "Marketing",
        "",
        ("Website visits",),
        "process",
    )


def test_where_they_differ_somebody_has_to_choose_and_one_click_does() -> None:
    answers = BOOK | {"metrics/a/owners": ["Product"], "owns/conversion_ecosystem/today": "Marketing"}
    cell = cells(answers)["conversion_ecosystem+trial"]
    assert (cell.accountable, cell.problem) == ("", "contested")
    assert dict(cell.claims) == {
        "Product": "Activation rate",
        "Growth": "Trial",
        "Marketing": "Conversion ecosystem",
    }
    found = [item for item in handoff_map(fold(answers), {}).findings if item.code == "matrix_contested"]
    assert "Conversion ecosystem meets Trial" in found[0].text
    assert found[0].text.startswith("1 crossing")
    for fix, name in zip(found[0].fixes, ("Growth", "Marketing"), strict=True):
        for key, value in fix.saves:
            check(key, value)
        mended = cells(answers | dict(fix.saves))["conversion_ecosystem+trial"]
        assert (mended.accountable, mended.problem) == (name, "")


def test_nobody_is_found_and_mended() -> None:
    answers = {key: value for key, value in BOOK.items() if not key.startswith("owns/")}
    answers |= {"stages/visit/owners": [], "metrics/v/owners": []}
    assert cells(answers)["channel_system+visit"].problem == "nobody"
    found = next(item for item in handoff_map(fold(answers), {}).findings if item.code == "matrix_nobody")
    assert cells(answers | dict(found.fixes[0].saves))["channel_system+visit"].accountable == "Marketing"


def test_areas_and_stages_of_metrics() -> None:
    stages = [("t", JourneyStage(name="Trial", events=("trial_start",), aarrr="acquisition"))]
    assert area_of(Metric(name="CAC", kind="outcome")) == "business_model"
    assert area_of(Metric(name="Branded search clicks", kind="process")) == "brand_experience"
    assert area_of(Metric(name="Whatever", kind="process")) == "channel_system"
    assert area_of(Metric(name="Whatever")) == ""
    assert area_of(Metric(name="CAC", kind="outcome", area="brand_experience")) == "brand_experience"
    assert area_of(Metric(name="CAC", kind="outcome", area="no such area")) == "business_model"
    assert stage_of(Metric(series="events:visit>trial_start"), stages) == "t"
    assert stage_of(Metric(aarrr="revenue"), stages) == ""


def test_the_picture_escapes_names_and_says_what_is_open() -> None:
    text = grid_html(list(cells(BOOK | {"stages/visit/owners": ["<b>Eve"]}).values()), fold(BOOK).journey())
    assert "<b>Eve" not in text
    assert "&lt;b&gt;Eve" in text
    assert 'scope="row"' in text


OWNERS = st.sampled_from(["Marketing", "Growth", "Both", "Ann", ""])


@settings(max_examples=60, deadline=None)
@given(st.lists(OWNERS, max_size=3), st.lists(OWNERS, max_size=3), OWNERS, OWNERS)
def test_never_more_than_one_accountable(
    stage: list[str], metric: list[str], area: str, resolved: str
) -> None:
    answers = BOOK | {"stages/trial/owners": stage, "metrics/a/owners": metric, "owns/conversion_ecosystem/today": area,
                      "owns/conversion_ecosystem+trial/resolved": resolved}  # fmt: skip
    for cell in cells(answers).values():
        assert bool(cell.accountable) == (cell.problem == "")
        assert cell.accountable.lower() not in ("both", "nobody")
        assert cell.area in framework().areas
