"""Days, weeks, months and quarters as people write them, and several of these styles in one column."""

from __future__ import annotations

import duckdb
import pytest

from lib.engine.intake.values import casts, value_kinds


def read(cells: list[str], style: str, kind: str = "date") -> list[str]:
    with duckdb.connect(":memory:") as con:
        con.execute("SET TimeZone = 'UTC'")
        sql = f"SELECT CAST({casts.cast('x', kind, style)} AS VARCHAR) FROM (SELECT unnest(?) AS x)"
        return [row[0] for row in con.execute(sql, [cells]).fetchall()]


@pytest.mark.parametrize(("cells", "days"), [
    (["July'15", "Aug'15", "Sept'15"], ["2015-07-01", "2015-08-01", "2015-09-01"]),
    (["Jul-15", "Dec-99"], ["2015-07-01", "1999-12-01"]),
    (["Jul. 2015", "Aug 2015", "March, 2016"], ["2015-07-01", "2015-08-01", "2016-03-01"]),
    (["2015 Jul", "2015-Aug"], ["2015-07-01", "2015-08-01"]),
    (["Q1'26", "Q2'26"], ["2026-01-01", "2026-04-01"]),
    (["Q1 26", "Q4-2025", "Q2/2025", "2025Q3"], ["2026-01-01", "2025-10-01", "2025-04-01", "2025-07-01"]),
    (["1Q26", "4Q25"], ["2026-01-01", "2025-10-01"]),
    (["FY26 Q1", "FY2025-Q4", "Q2 FY26"], ["2026-01-01", "2025-10-01", "2026-04-01"]),
    (["T1 2026", "1. Quartal 2026", "2e trimestre 2026"][:2], ["2026-01-01", "2026-01-01"]),
    (["FY25", "FY 2026"], ["2025-01-01", "2026-01-01"]),
    (["2026-W07", "2026W08", "2025-W01"], ["2026-02-09", "2026-02-16", "2024-12-30"]),
    (["2026-W07-3", "2026-W07-7"], ["2026-02-11", "2026-02-15"]),
    (["KW 7/2026", "KW07/26", "KW 7-2026"], ["2026-02-09"] * 3),
    (["Week 7, 2026", "2026 Week 8", "W07'26"], ["2026-02-09", "2026-02-16", "2026-02-09"]),
    (["Semaine 7 2026", "semana 8 2026"], ["2026-02-09", "2026-02-16"]),
    (["janv. 2026", "févr. 2026", "août 2025"], ["2026-01-01", "2026-02-01", "2025-08-01"]),
    (["Jänner 2026", "März 2026", "MÄRZ 2026", "Dez. 25"], ["2026-01-01", "2026-03-01", "2026-03-01", "2025-12-01"]),
    (["enero de 2026", "dic-25", "ago. 2025"], ["2026-01-01", "2025-12-01", "2025-08-01"]),
    (["5 de enero de 2026", "17 de diciembre de 2025"], ["2026-01-05", "2025-12-17"]),
    (["1er janvier 2026", "14 juillet 2025"], ["2026-01-01", "2025-07-14"]),
    (["5. Januar 2026", "Mo, 12. Jan. 2026", "24. Dez. 25"], ["2026-01-05", "2026-01-12", "2025-12-24"]),
    (["05-mai-2026", "06.Okt.2026"], ["2026-05-05", "2026-10-06"]),
    (["Mon, Jan 5, 2026", "January 6th, 2026", "7 Jan '26", "Tuesday, 13 January 2026"],
     ["2026-01-05", "2026-01-06", "2026-01-07", "2026-01-13"]),
    (["2026-Jan-05", "2026 Feb 6"], ["2026-01-05", "2026-02-06"]),
    (["202601", "202512"], ["2026-01-01", "2025-12-01"]),
    (["3/2026", "11/2025", "2025/10"], ["2026-03-01", "2025-11-01", "2025-10-01"]),
])  # fmt: skip
def test_a_style_is_found_and_read(cells: list[str], days: list[str]) -> None:
    guess = value_kinds.guess_date(cells, numeric=True)
    assert guess is not None
    assert (guess.kind, guess.ask, guess.share) == ("date", "", 1.0)
    assert read(cells, guess.style) == days


@pytest.mark.parametrize(
    "cell", ["jul15", "May", "W60 2026x", "Q5 2026", "Q123", "sep 2", "KW 7", "Monday", "4 de 2026"]
)
def test_what_names_no_day_is_none(cell: str) -> None:
    assert value_kinds.guess_date([cell] * 5, numeric=False) is None


@pytest.mark.parametrize(("cells", "style", "days"), [
    (["2026-01-05", "13.01.2026", "14 Jan 2026"], "iso+dmy_dot+named", ["2026-01-05", "2026-01-13", "2026-01-14"]),
    (["05.02.2026", "02/25/2026", "03/01/2026"], "dmy_dot+mdy", ["2026-02-05", "2026-02-25", "2026-03-01"]),
    (["2026-01-25", "2026-01-26", "25/02/26", "03/02/26"], "iso+dmy", ["2026-01-25", "2026-01-26", "2026-02-25", "2026-02-03"]),
    (["Jan 2026", "2026-02", "März 2026"], None, ["2026-01-01", "2026-02-01", "2026-03-01"]),
])  # fmt: skip
def test_clear_styles_side_by_side_are_each_read_by_their_own(
    cells: list[str], style: str | None, days: list[str]
) -> None:
    guess = value_kinds.guess(cells, "date")
    assert (guess.kind, guess.ask) == ("date", "")
    if style:
        assert set(guess.style.split("+")) == set(style.split("+"))
    assert read(cells, guess.style) == days


def test_the_order_of_some_cells_among_clear_ones_is_asked() -> None:
    guess = value_kinds.guess(["2026-01-25", "2026-01-26", "03/02/2026", "04/02/2026"])
    assert (guess.kind, guess.ask) == ("date", "dates")
    mdy = value_kinds.with_answer(guess.style, "dates", "mdy")
    assert read(["2026-01-25", "03/02/2026"], mdy) == ["2026-01-25", "2026-03-02"]


@pytest.mark.parametrize(
    ("real", "text"), [("2026-05-01", "13/01/2026"), ("2026-05-01 00:00:00", "01/13/2026")]
)
def test_dates_that_a_spreadsheet_may_have_swapped_are_asked(real: str, text: str) -> None:
    guess = value_kinds.guess([real, text, real.replace("-05-", "-07-"), text.replace("13", "25")])
    assert guess.ask == "swapped"
    swapped = value_kinds.with_answer(guess.style, "swapped", "swapped")
    right = value_kinds.with_answer(guess.style, "swapped", "right")
    assert read([real, text], swapped) == ["2026-01-05", "2026-01-13"]
    assert read([real, text], right) == ["2026-05-01", "2026-01-13"]


def test_dates_above_the_twelfth_prove_that_nothing_was_swapped() -> None:
    assert value_kinds.guess(["2026-05-21", "13/01/2026", "2026-07-01", "25/01/2026"]).ask == ""


def test_words_among_dates_stay_words() -> None:
    assert value_kinds.guess(["2026-01-05", "13.01.2026", "soon", "later"]).kind == "text"
