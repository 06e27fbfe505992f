"""The content itself: complete, linked, honest about its sources, and in our own words."""

import re
import shutil
import tomllib
from pathlib import Path

import pytest

from lib.framework import load as loader
from lib.framework.load import FILES, FOLDER, ContentError, framework, load
from lib.framework.schema import ContentRow

ROOT = Path(__file__).resolve().parents[2]
SEEDS = ROOT.parent / "shared" / "seeds"
CONTENT = framework()


def test_it_holds_what_the_walk_needs() -> None:
    kinds = [area.kind for area in CONTENT.areas.values()]
    assert kinds.count("process") == 3
    assert kinds.count("outcome") == 3
    assert list(CONTENT.moves) == ["audit", "handoffs", "experiments", "translation", "hire"]
    assert [s.id for s in sorted(CONTENT.aarrr.values(), key=lambda s: s.order)] == [
        "awareness", "acquisition", "activation", "retention", "referral", "revenue",
    ]  # fmt: skip
    assert len(CONTENT.kpis) >= 40
    assert {
        "nps",
        "activation_rate",
        "sales_enablement",
        "cac",
        "ltv",
        "retention_rate",
        "revenue_per_user",
    } <= set(CONTENT.kpis)
    assert {kpi.kind for kpi in CONTENT.kpis.values()} == {"process", "outcome", "shared"}
    for role in CONTENT.roles:
        assert len(CONTENT.role_skills(role)) == 4
    assert {rule.focus for rule in CONTENT.stage_rules.values()} == {"product_marketing", "growth", "both"}


def test_every_row_names_known_sources_and_a_grade() -> None:
    rows = list(CONTENT.rows())
    assert len(rows) > 200
    for section, row in rows:
        assert isinstance(row, ContentRow)
        assert row.sources, (section, row.id)
        assert set(row.sources) <= set(CONTENT.sources), (section, row.id)


def test_shared_metrics_have_two_owners_and_the_others_one() -> None:
    for kpi in CONTENT.kpis.values():
        assert len(kpi.owners) == (2 if kpi.kind == "shared" else 1), kpi.id
        assert kpi.guardrail != kpi.id
    assert CONTENT.kpis["activation_rate"].is_contested
    assert CONTENT.kpis["retention_rate"].is_contested


@pytest.mark.parametrize(
    "id_",
    [
        "aligned_win_rate",
        "aligned_revenue_growth",
        "rare_wins_are_huge",
        "one_of_three_won",
        "google_optimize",
    ],
)
def test_what_was_not_verified_is_never_exported(id_: str) -> None:
    assert not CONTENT.may_export(id_)
    assert not CONTENT.claims[id_].is_fact


def test_only_measured_and_supported_claims_are_facts() -> None:
    assert CONTENT.claims["most_tests_do_not_win"].is_fact
    assert CONTENT.may_export("stage_rule")
    assert not CONTENT.claims["stage_rule"].is_fact, "an opinion may be quoted, not stated"
    for claim in CONTENT.claims.values():
        assert claim.checked
        if claim.status in ("unverified", "misattributed", "contradicted"):
            assert not claim.may_export


def test_the_disagreements_of_the_sources_are_content() -> None:
    assert {"hybrids", "activation_owner", "retention_owner"} <= set(CONTENT.tensions)


def test_tools_are_dated_and_a_retired_one_says_so() -> None:
    tools = [tool for role in CONTENT.roles.values() for tool in role.tools]
    assert all(re.fullmatch(r"\d{4}-\d{2}", tool.as_of) for tool in tools)
    assert next(t for t in tools if t.name == "Google Optimize").retired


def test_a_better_value_never_speaks_for_an_earlier_stage() -> None:
    for signal in CONTENT.signals.values():
        for scale in (signal.bands, signal.options):
            pairs = [(s / p, m / p) for p, s, m in (step.weights for step in scale)]
            assert pairs == sorted(pairs, key=lambda pair: pair[0]), signal.id
            assert pairs == sorted(pairs, key=lambda pair: pair[1]), signal.id
            for step in scale:
                assert sum(step.weights) == pytest.approx(1), (signal.id, step)
        starts = [band.start for band in signal.bands[1:]]
        assert None not in starts
        assert starts == sorted(starts, reverse=signal.direction == "down"), signal.id
        assert len({option.value for option in signal.options}) == len(signal.options)


def test_templates_carry_no_typed_numbers() -> None:
    typed = re.compile(r"\d")
    for rows in (CONTENT.findings, CONTENT.challenges, CONTENT.misfires, CONTENT.exercises):
        for row in rows.values():
            assert not typed.search(row.template), row.id


def test_each_focus_has_ninety_days_for_both_roles() -> None:
    for focus in ("product_marketing", "growth", "both"):
        rows = [row for row in CONTENT.ninety_days.values() if row.focus == focus]
        assert {row.phase for row in rows} == {"days 1 to 30", "days 31 to 60", "days 61 to 90"}
        assert {row.role for row in rows} == {"product_marketing", "growth"}


def _copy(tmp_path: Path) -> Path:
    folder = tmp_path / "framework"
    folder.mkdir()
    for name in FILES:
        shutil.copy(FOLDER / f"{name}.toml", folder)
    return folder


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('guardrail = "cac"', 'guardrail = "no_such_metric"', "no_such_metric"),
        ('sources = ["hamid_quick_ratio", "hsu_growth_accounting"]', 'sources = ["nobody"]', "nobody"),
        ('id = "nps"', 'id = "csat"', "twice"),
        ("patterns = ['roas'", "patterns = ['ro(as'", "regular expression"),
        ('id = "roas"', 'id = "roas"\nnonsense = 1', "nonsense"),
        ("[[kpis]]\n", "[[kpiz]]\n", "kpiz"),
    ],
)
def test_a_mistake_in_the_content_stops_at_load(tmp_path: Path, old: str, new: str, says: str) -> None:
    folder = _copy(tmp_path)
    path = folder / "kpis.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContentError, match=re.escape(says)):
        load(folder)


def test_content_that_names_no_page_stops_at_load(tmp_path: Path) -> None:
    folder = _copy(tmp_path)
    path = folder / "rules.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('page = "handoff_map"', 'page = "handoff"', 1), encoding="utf-8")
    with pytest.raises(ContentError, match="which is no page"):
        load(folder)


def test_content_is_frozen() -> None:
    with pytest.raises(Exception, match="frozen"):
        CONTENT.kpis["nps"].name = "x"  # type: ignore[misc]
    with pytest.raises(TypeError):
        CONTENT.kpis["x"] = CONTENT.kpis["nps"]  # type: ignore[index]


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower().replace("’", "'"))


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for item in value.values() for text in _strings(item)]
    return [text for item in value for text in _strings(item)] if isinstance(value, list) else []


def test_no_sentence_is_copied_from_the_articles() -> None:
    if not SEEDS.is_dir():
        pytest.skip("the folder of the two articles is not beside the repository")
    runs: set[tuple[str, ...]] = set()
    for path in SEEDS.glob("*.txt"):
        words = _words(path.read_text(encoding="utf-8"))
        runs |= {tuple(words[i : i + 8]) for i in range(len(words) - 7)}
    assert len(runs) > 1000
    for path in sorted(loader.FOLDER.rglob("*.toml")):
        for text in _strings(tomllib.loads(path.read_text(encoding="utf-8"))):
            words = _words(text)
            for i in range(len(words) - 7):
                assert tuple(words[i : i + 8]) not in runs, (path.name, " ".join(words[i : i + 8]))
