"""Several files of a kind as one dataset: what is kept, what counts once, what can be taken apart again."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from lib.analysis.data_trust import trust
from lib.analysis.events.funnel import funnel
from lib.analysis.kpis.kpis import kpis
from lib.engine import intake, query
from lib.engine.contracts import recognition
from lib.engine.datasets import combination, library
from lib.engine.datasets.dataset import Dataset
from lib.engine.datasets.parts import joint_name, parts_of
from lib.engine.datasets.reader import OWNER_OF_ALL
from lib.engine.intake import Limits, clean
from lib.errors import MappingError, NotFoundError
from lib.workbook.model import Workbook
from tests.engine.intake.test_hostile import read_here

Take = Callable[..., Dataset]


@pytest.fixture
def take(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Take:
    """Take a small file in, without a process of its own."""

    def here(kind: str, task: dict[str, Any], limits: Limits, progress: Any = None) -> dict[str, Any]:
        assert kind == "accept"
        return clean.clean(task | {"limits": asdict(limits)}, lambda share, message: None)

    monkeypatch.setattr(intake.accept.__globals__["process"], "run", here)
    count = iter(range(10_000))

    def taken(
        name: str, lines: Sequence[str], contract: str, mapping: dict[str, str] | None = None
    ) -> Dataset:
        folder = tmp_path / f"file-{next(count)}"
        folder.mkdir()
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        reading = read_here(folder / name, folder / "reading")
        found = dict(recognition.propose(reading, contract).mapping) if mapping is None else mapping
        return intake.accept(reading, contract, found, home=tmp_path / "home")

    return taken


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def rows(data: Dataset, *columns: str) -> list[tuple[Any, ...]]:
    found = query.query(f"SELECT {', '.join(columns)} FROM data", {"data": data})
    return [tuple(str(cell) if hasattr(cell, "isoformat") else cell for cell in row) for row in found.rows]


MARKETING = ["week,visits,leads", "2026-01-05,900,30", "2026-01-12,950,33", "2026-01-19,990,35"]
FINANCE = ["week,revenue", "2026-01-05,4000.5", "2026-01-12,4100", "2026-01-19,4200"]


def test_metrics_of_two_teams_stand_side_by_side(take: Take, home: Path) -> None:
    both = combination.add(
        home, take("marketing.csv", MARKETING, "metrics"), take("finance.csv", FINANCE, "metrics")
    )
    assert sorted(set(rows(both, "metric"))) == [("leads",), ("revenue",), ("visits",)]
    assert both.rows == 9
    assert both.name == "marketing.csv + finance.csv"
    assert [part.text for part in parts_of(both)] == ["", ""]


def test_the_same_files_and_rules_are_the_same_dataset_and_another_order_is_another(
    take: Take, home: Path
) -> None:
    a, b = take("marketing.csv", MARKETING, "metrics"), take("finance.csv", FINANCE, "metrics")
    one = combination.add(home, a, b)
    assert combination.add(home, a, b).fingerprint == one.fingerprint
    assert combination.add(home, one, b) is one, "a file that is there already is not added twice"
    assert combination.add(home, b, a).fingerprint != one.fingerprint
    assert combination.with_rule(home, one, b.fingerprint, "earlier").fingerprint != one.fingerprint
    assert library.open_dataset(home, a.fingerprint, OWNER_OF_ALL).rows == a.rows, (
        "the parts stay as they are"
    )


def test_a_newer_export_corrects_the_older_one(take: Take, home: Path) -> None:
    old = take("kpis.csv", ["week,visits", "2026-01-05,10", "2026-01-12,20", "2026-01-19,30"], "metrics")
    new = take("kpis2.csv", ["week,visits", "2026-01-12,20", "2026-01-19,33", "2026-01-26,40"], "metrics")
    both = combination.add(home, old, new)
    assert rows(both, "date", "value") == [
        ("2026-01-05", 10.0), ("2026-01-12", 20.0), ("2026-01-19", 33.0), ("2026-01-26", 40.0),
    ]  # fmt: skip
    part = parts_of(both)[1]
    assert (part.copies, part.differing, part.rule) == (1, 1, "later")
    assert part.text == (
        "1 row of kpis2.csv is in an earlier file too and counts once. "
        "1 row of kpis2.csv differs from an earlier file: the newer file counts."
    )
    kept = combination.with_rule(home, both, new.fingerprint, "earlier")
    assert ("2026-01-19", 30.0) in rows(kept, "date", "value")
    assert kept.rows == 4


def test_one_name_for_two_measurements_stays_two_metrics(take: Take, home: Path) -> None:
    marketing = take(
        "marketing.csv", ["week,visits,revenue", "2026-01-05,900,50", "2026-01-12,950,60"], "metrics"
    )
    finance = take("finance.csv", ["week,revenue,refunds", "2026-01-05,44,1", "2026-01-12,51,2"], "metrics")
    both = combination.add(home, marketing, finance)
    assert sorted(set(rows(both, "metric"))) == [
        ("refunds",),
        ("revenue",),
        ("revenue (finance)",),
        ("visits",),
    ]
    assert "“revenue” of finance.csv is called “revenue (finance)”" in parts_of(both)[1].text
    later = combination.with_rule(home, both, finance.fingerprint, "later")
    assert ("revenue", 44.0) in rows(later, "metric", "value")
    assert parts_of(later)[1].differing == 2


@pytest.mark.parametrize(("first", "second"), [
    (["month,revenue", "2026-01-01,100", "2026-02-01,110", "2026-03-01,120"],
     ["week,revenue", "2026-03-02,30", "2026-03-09,31", "2026-03-16,32"]),
    (["week,revenue", "2026-01-05,100", "2026-01-12,110"],
     ["week,segment,revenue", "2026-01-05,EU,60", "2026-01-05,US,40", "2026-01-12,EU,70"]),
])  # fmt: skip
def test_another_rhythm_or_split_of_one_name_is_not_mixed(
    take: Take, home: Path, first: list[str], second: list[str]
) -> None:
    split = {"date": "week", "segment": "segment"} if "segment" in second[0] else None
    both = combination.add(home, take("a.csv", first, "metrics"), take("b.csv", second, "metrics", split))
    assert sorted(set(rows(both, "metric"))) == [("revenue",), ("revenue (b)",)]


EVENTS = ["user_id,event,timestamp,page"]


def test_months_of_events_follow_each_other_and_what_both_have_counts_once(take: Take, home: Path) -> None:
    january = [f"u{i},view,2026-01-{1 + i:02d} 10:00:00,home" for i in range(28)]
    february = [f"u{i},view,2026-02-{1 + i:02d} 10:00:00,home" for i in range(20)]
    twice = ["u1,view,2026-01-28 09:00:00,home"] * 2  # one person, twice in a second: in both files
    a = take("jan.csv", [*EVENTS, *january, *twice], "events")
    b = take("feb.csv", [*EVENTS, *january[20:], *twice, *february], "events")
    both = combination.add(home, a, b)
    assert both.rows == 28 + 2 + 20
    assert parts_of(both)[1].copies == 10
    assert both.accounting.left_out == 10
    assert both.accounting.accepted == both.rows
    assert combination.with_rule(home, both, b.fingerprint, "both").rows == 60
    table = trust({"events": both}).evidence[1]
    assert [row[1:5] for row in table.rows] == [("jan.csv", 30, 0, 0), ("feb.csv", 30, 10, 0)]
    assert "1 file with" not in trust({"events": both}).verdict.text
    assert "2 files with 50 " in trust({"events": both}).verdict.text.replace("\u00a0", " ")


def test_an_identifier_of_events_names_a_row_whatever_else_changed(take: Take, home: Path) -> None:
    head = "event_id,user_id,event,timestamp,exported"
    a = take(
        "a.csv", [head, "e1,u1,view,2026-01-01 10:00:00,mon", "e2,u2,view,2026-01-02 10:00:00,mon"], "events"
    )
    b = take(
        "b.csv", [head, "e2,u2,view,2026-01-02 10:00:00,tue", "e3,u3,view,2026-01-03 10:00:00,tue"], "events"
    )
    both = combination.add(home, a, b)
    assert rows(both, "event_id", "exported") == [("e1", "mon"), ("e2", "tue"), ("e3", "tue")]


CUSTOMERS = "customer_id,signup_date,mrr"


def test_a_customer_in_two_files_counts_once_as_the_newer_file_has_it(take: Take, home: Path) -> None:
    a = take("june.csv", [CUSTOMERS, "c1,2026-01-05,10", "c2,2026-02-05,20"], "customers")
    b = take("july.csv", [CUSTOMERS, "c2,2026-02-05,25", "c3,2026-07-05,30"], "customers")
    both = combination.add(home, a, b)
    assert rows(both, "customer_id", "mrr") == [("c1", 10.0), ("c2", 25.0), ("c3", 30.0)]
    assert combination.without(home, both, b.fingerprint) == a
    third = take("august.csv", [CUSTOMERS, "c4,2026-08-05,40"], "customers")
    all_three = combination.add(home, both, third)
    assert all_three.rows == 4
    left = combination.without(home, all_three, a.fingerprint)
    assert left is not None
    assert [part.name for part in parts_of(left)] == ["july.csv", "august.csv"]
    assert combination.without(home, a, a.fingerprint) is None


def test_columns_that_one_file_lacks_are_empty_and_kinds_that_differ_become_text(
    take: Take, home: Path
) -> None:
    a = take("a.csv", [f"{CUSTOMERS},note", "c1,2026-01-05,10,7"], "customers")
    b = take("b.csv", [f"{CUSTOMERS},note,region", "c2,2026-02-05,20,late,EU"], "customers")
    both = combination.add(home, a, b)
    assert rows(both, "note", "region") == [("7", None), ("late", "EU")]
    kinds = {column.name: (column.kind, column.missing) for column in both.columns}
    assert kinds["note"] == ("text", 0)
    assert kinds["region"] == ("text", 1)


def test_rejected_records_of_all_files_are_kept_with_their_file(take: Take, home: Path) -> None:
    a = take("a.csv", [CUSTOMERS, "c1,2026-01-05,10", "c9,never,10"], "customers")
    b = take("b.csv", [CUSTOMERS, "c2,2026-02-05,20", ",2026-02-05,20"], "customers")
    both = combination.add(home, a, b)
    assert both.accounting.rejected == 2
    with (both.folder / "rejects.csv").open(encoding="utf-8", newline="") as stream:
        assert [(row["file"], row["line"]) for row in csv.DictReader(stream)] == [
            ("a.csv", "3"),
            ("b.csv", "3"),
        ]


def test_cells_are_counted_over_all_files(take: Take, home: Path) -> None:
    a = take("a.csv", [CUSTOMERS, "c1,2026-01-05,10", "c2,2026-01-06,much"], "customers")
    b = take("b.csv", [CUSTOMERS, "c3,2026-02-05,20", "c4,2026-02-06,"], "customers")
    both = combination.add(home, a, b)
    counted = {cell.column: (cell.read, cell.empty, cell.unreadable) for cell in both.cells}
    assert counted["mrr"] == (2, 1, 1)
    assert both.unreadable == 1


def test_evidence_names_the_parts(take: Take, home: Path) -> None:
    a, b = take("marketing.csv", MARKETING, "metrics"), take("finance.csv", FINANCE, "metrics")
    both = combination.add(home, a, b)
    assert both.source().name == "marketing.csv + finance.csv"
    assert both.source().fingerprint == both.fingerprint
    manifest = json.loads((both.folder / library.MANIFEST).read_text(encoding="utf-8"))
    assert [part["fingerprint"] for part in manifest["details"]["parts"]] == [a.fingerprint, b.fingerprint]


def test_what_cannot_be_put_together_is_refused_in_words(take: Take, home: Path) -> None:
    a, b = (
        take("marketing.csv", MARKETING, "metrics"),
        take("people.csv", [CUSTOMERS, "c1,2026-01-05,1"], "customers"),
    )
    with pytest.raises(MappingError, match=r"people.csv cannot be added to marketing.csv"):
        combination.add(home, a, b)
    tests = [take(f"{n}.csv", ["user_id,variant", f"u{n},control"], "experiment") for n in (1, 2)]
    with pytest.raises(MappingError):
        combination.add(home, tests[0], tests[1])
    both = combination.add(home, a, take("finance.csv", FINANCE, "metrics"))
    with pytest.raises(MappingError, match="no rule"):
        combination.with_rule(home, both, a.fingerprint, "both")
    library.delete_dataset(home, a.fingerprint)
    with pytest.raises(NotFoundError, match=r"marketing.csv is not on this machine"):
        combination.without(home, both, b.fingerprint)


def test_a_failed_writing_leaves_nothing_behind(
    take: Take, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = take("marketing.csv", MARKETING, "metrics"), take("finance.csv", FINANCE, "metrics")
    before = sorted(path.name for path in library.root(home).iterdir())
    monkeypatch.setattr(library, "publish", lambda *_: (_ for _ in ()).throw(OSError("disk is full")))
    with pytest.raises(OSError, match="disk is full"):
        combination.add(home, a, b)
    assert sorted(path.name for path in library.root(home).iterdir()) == before


def test_many_files_are_named_shortly() -> None:
    assert joint_name(["a", "b", "c"]) == "a + b + c"
    assert joint_name([str(n) for n in range(12)]) == "0 + 1 + 10 more files"


# ---- properties -----------------------------------------------------------------------------------------------------

# Each example takes files in, so the draws are few and a failing one is shown as it was drawn.
_FEW = settings(
    max_examples=4,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
_STEPS = ["visit", "signup", "paid"]


def _log(seed: int) -> list[str]:
    """Events of forty people; no row occurs twice."""
    draw = random.Random(seed)
    found = []
    for user in range(40):
        for step, name in enumerate(_STEPS[: draw.randint(1, 3)]):
            minute = user % 60
            found.append(
                f"u{user},{name},2026-0{1 + step}-{draw.randint(1, 28):02d} 1{step}:{minute:02d}:00,"
            )
    return [line + draw.choice(["ads", "organic"]) for line in found]


def _figures(data: Dataset) -> Any:
    steps = funnel(data, _STEPS, window_days=90)
    by_channel = query.query("SELECT channel, count(*) FROM data GROUP BY 1 ORDER BY 1", {"data": data}).rows
    return steps.evidence[0].rows, by_channel


@_FEW
@given(seed=st.integers(0, 10_000), data=st.data())
def test_splitting_a_file_and_shuffling_its_rows_changes_no_figure(
    take: Take, home: Path, seed: int, data: Any
) -> None:
    lines = _log(seed)
    whole = take("whole.csv", ["user_id,event,timestamp,channel", *lines], "events")
    cut = data.draw(st.integers(1, len(lines) - 1))
    overlap = data.draw(st.integers(0, min(5, len(lines) - cut)))
    shuffled = data.draw(st.permutations(lines))
    parts = [shuffled[: cut + overlap], shuffled[cut:]]
    made = [
        take(f"part{n}.csv", ["user_id,event,timestamp,channel", *p], "events") for n, p in enumerate(parts)
    ]
    both = combination.add(home, made[0], made[1])
    assert parts_of(both)[1].copies == overlap
    assert _figures(both) == _figures(whole)


def _buyers(seed: int) -> list[str]:
    draw = random.Random(seed)
    return [
        f"c{n},2026-0{draw.randint(1, 6)}-{draw.randint(1, 28):02d},{draw.randint(5, 90)},"
        f"{draw.choice(['', '', f'2026-07-{draw.randint(1, 28):02d}'])}"
        for n in range(80)
    ]


def _kpis(data: Dataset) -> dict[str, str]:
    return {
        id: repr(round(value.interval.value, 9))
        for id, value in kpis(Workbook(), {"customers": data}).values.items()
    }


@_FEW
@given(seed=st.integers(0, 10_000), data=st.data())
def test_customers_in_two_files_or_with_a_segment_give_the_same_kpis(
    take: Take, home: Path, seed: int, data: Any
) -> None:
    head, lines = "customer_id,signup_date,mrr,churn_date", _buyers(seed)
    whole = take("whole.csv", [head, *lines], "customers")
    cut = data.draw(st.integers(1, len(lines) - 1))
    made = [take(f"part{n}.csv", [head, *p], "customers") for n, p in enumerate((lines[:cut], lines[cut:]))]
    assert {"paying_customers", "quick_ratio"} <= _kpis(whole).keys()
    assert _kpis(combination.add(home, made[0], made[1])) == _kpis(whole)
    split = [f"{line},{('EU', 'US')[n % 2]}" for n, line in enumerate(lines)]
    assert _kpis(take("split.csv", [f"{head},region", *split], "customers")) == _kpis(whole)
    assert _kpis(take("mixed.csv", [head, *data.draw(st.permutations(lines))], "customers")) == _kpis(whole)
