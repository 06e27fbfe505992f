"""Tables as people have them: what stands above, beside, below and between their rows."""

# ruff: noqa: E501 - one file a line reads best

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from lib.engine.intake import Limits, Reading
from lib.engine.intake.readers import layout, raw_table
from lib.errors import FileError
from tests.engine.intake.test_hostile import read_here

WEEKS = [dt.date(2026, 3, 2) + dt.timedelta(7 * i) for i in range(8)]


def reading(tmp_path: Path, text: str | bytes, name: str = "given.csv", **limits: int) -> Reading:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    found = read_here(path, tmp_path / "out", Limits(**limits))
    a = found.accounting
    assert a.accepted + a.rejected + a.preamble + a.blank + a.header == a.total
    return found


def lines(*rows: str) -> str:
    return "\n".join(rows) + "\n"


def said(found: Reading) -> str:
    return " ".join(found.notes)


def rows(found: Reading) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in found.head]


SPEND = [f"2026-03-{d:02};Suche;{d * 3},50;{d * 40}" for d in range(2, 8)]


@pytest.mark.parametrize(("text", "headers", "accepted"), [
    (lines("Bericht;Kosten je Tag", "Konto;77-1", "Zeitraum;02.03.2026 - 07.03.2026", "Datum;Kanal;Kosten;Klicks", *SPEND), ("Datum", "Kanal", "Kosten", "Klicks"), 6),
    (lines("Report;;;", "Account;77-1;;", "Owner;Ana;;", "Date;Channel;Spend;Clicks", *SPEND), ("Date", "Channel", "Spend", "Clicks"), 6),
    (lines("Client: Birch", "Made on,2026-03-09", "Account,5", "day,visits", *(f"2026-03-{d:02},{d * 7}" for d in range(2, 9))), ("day", "visits"), 7),
    (lines("name,plan", *(f"p{i},x" for i in range(9))), ("name", "plan"), 9),
])  # fmt: skip
def test_names_and_values_above_a_table_are_no_part_of_it(
    tmp_path: Path, text: str, headers: tuple[str, ...], accepted: int
) -> None:
    found = reading(tmp_path, text)
    assert found.headers == headers
    assert found.accounting.accepted == accepted


@pytest.mark.parametrize(("second", "headers"), [
    ("(day),(count),(EUR)", ("date", "visits", "spend (EUR)")),
    (",#,USD", ("date", "visits", "spend (USD)")),
    ("Datum,Besuche,Ausgaben", ("date / Datum", "visits / Besuche", "spend / Ausgaben")),
])  # fmt: skip
def test_a_second_row_of_the_header_names_units(
    tmp_path: Path, second: str, headers: tuple[str, ...]
) -> None:
    found = reading(
        tmp_path, lines("date,visits,spend", second, *(f"{w},{i + 3},{i}.5" for i, w in enumerate(WEEKS)))
    )
    assert found.headers == headers
    assert (found.accounting.header, found.accounting.accepted) == (2, 8)
    assert [c.kind for c in found.columns] == ["date", "integer", "number"]


def test_a_first_row_without_numbers_is_a_row(tmp_path: Path) -> None:
    found = reading(tmp_path, lines("user,plan,paid", "u0,free,n/a", *(f"u{i},pro,{i}" for i in range(1, 9))))
    assert (found.accounting.header, found.accounting.accepted) == (1, 9)


def test_lines_in_quotes_are_opened(tmp_path: Path) -> None:
    body = [f'"u{i},2026-03-{i:02},""Berlin, Mitte"",{i}"' for i in range(1, 9)]
    found = reading(tmp_path, lines('"who,day,place,n"', *body))
    assert found.headers == ("who", "day", "place", "n")
    assert rows(found)[0] == ("u1", "2026-03-01", "Berlin, Mitte", "1")
    assert "Whole lines stand in quotes" in said(found)


def test_names_in_quotes_are_one_cell(tmp_path: Path) -> None:
    found = reading(tmp_path, lines("name", *(f'"Doe, Ann {i}"' for i in range(9))))
    assert "Whole lines" not in said(found)


def test_the_larger_of_two_tables_is_read_and_the_other_named(tmp_path: Path) -> None:
    small = ["channel,target", "ads,5", "mail,6"]
    large = ["week,visits,leads", *(f"{w},{i + 9},{i}" for i, w in enumerate(WEEKS))]
    for parts in ([*small, "", *large], [*large, "", *small]):
        found = reading(tmp_path, lines(*parts))
        assert found.headers == ("week", "visits", "leads")
        assert (found.accounting.accepted, found.accounting.rejected) == (8, 3)
        assert "channel, target" in said(found)


def test_a_blank_line_between_rows_makes_no_second_table(tmp_path: Path) -> None:
    body = [f"{w},{i}" for i, w in enumerate(WEEKS)]
    found = reading(
        tmp_path, lines("week,visits", *body[:3], "", *body[3:], "", "week,visits", "2026-05-04,3")
    )
    assert found.accounting.accepted == 9


def workbook(**sheets: list[list[Any]]) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.remove(book.worksheets[0])
    for title, body in sheets.items():
        sheet = book.create_sheet(title.replace("_", " "))
        for row in body:
            sheet.append(row)
    book.save(out)
    return out.getvalue()


def test_tables_side_by_side(tmp_path: Path) -> None:
    left = [["week", "visits"], *([w, i + 3] for i, w in enumerate(WEEKS))]
    right = [["week", "budget"], [WEEKS[0], 9], [WEEKS[1], 8], *([None, None] for _ in range(6))]
    found = reading(
        tmp_path, workbook(A=[[*a, None, *b] for a, b in zip(left, right, strict=True)]), "given.xlsx"
    )
    assert found.headers == ("week", "visits")
    assert found.accounting.accepted == 8
    assert "side by side" in said(found)


@pytest.mark.parametrize(("titles", "first"), [
    (("Jan_2026", "Feb_2026", "Mar_2026"), "2026-01"),
    (("März_2026", "April_2026"), "2026-03"),
    (("janvier_26", "février_26"), "janvier 26"),
    (("2026-Q1", "2026-Q2"), "2026-Q1"),
    (("Mai", "Juni"), "Mai"),
])  # fmt: skip
def test_a_sheet_for_each_period_is_joined_under_its_name(
    tmp_path: Path, titles: tuple[str, ...], first: str
) -> None:
    body = [["channel", "spend"], ["ads", 5], ["mail", 6]]
    content = workbook(**{"Info": [["About this book"]], **dict.fromkeys(titles, body)})
    found = reading(tmp_path, content, "given.xlsx")
    assert found.accounting.accepted == 2 * len(titles)
    assert rows(found)[0][:2] == ("ads", "5")
    assert rows(found)[0][2] in (first, "2026-01")
    assert "sheets were joined" in said(found)
    assert "“Info” holds no table" in said(found)
    assert ("without a year" in said(found)) == (titles[0] == "Mai")


def test_sheets_of_places_are_not_joined(tmp_path: Path) -> None:
    body = [["week", "visits"], *([w, 3] for w in WEEKS)]
    found = reading(tmp_path, workbook(North=body, South=body), "given.xlsx")
    assert (found.sheet, found.accounting.accepted) == ("North", 8)
    assert "Not read: South (8 rows)" in said(found)


def test_the_sheet_with_the_table_is_read_rather_than_its_cover(tmp_path: Path) -> None:
    content = workbook(
        Cover=[["Prepared for", "Birch"], ["By", "Ana"]], Data=[["week", "visits"], *([w, 3] for w in WEEKS)]
    )
    assert reading(tmp_path, content, "given.xlsx").sheet == "Data"


def test_words_merged_downwards_are_given_to_each_row_and_numbers_are_not(tmp_path: Path) -> None:
    book, out = openpyxl.Workbook(), io.BytesIO()
    sheet = book.worksheets[0]
    sheet.append(["region", "week", "leads", "budget"])
    for i, week in enumerate(WEEKS):
        sheet.append(
            ["north" if i == 0 else "south" if i == 4 else None, week, i + 1, 100 if i == 0 else None]
        )
    sheet.merge_cells("A2:A5")
    sheet.merge_cells("A6:A9")
    sheet.merge_cells("D2:D9")
    book.save(out)
    found = reading(tmp_path, out.getvalue(), "given.xlsx")
    assert [row[0] for row in rows(found)] == ["north"] * 4 + ["south"] * 4
    assert [row[3] for row in rows(found)] == ["100"] + [None] * 7
    assert "“region” are merged over several rows: each of these rows was given the value" in said(found)


GROUPED = [
    "country,channel,spend",
    "DE,ads,10",
    ",mail,20",
    ",fairs,30",
    "FR,ads,11",
    ",mail,21",
    ",fairs,31",
]


def test_the_name_of_a_group_is_repeated(tmp_path: Path) -> None:
    found = reading(tmp_path, lines(*GROUPED))
    assert [row[0] for row in rows(found)] == ["DE"] * 3 + ["FR"] * 3
    assert "first row of each group" in said(found)


def test_cells_that_are_merely_empty_stay_empty(tmp_path: Path) -> None:
    body = [f"{'C' + str(i) if i % 3 == 0 else ''},u{i},2026-03-{i + 1:02},{i}" for i in range(12)]
    found = reading(tmp_path, lines("coupon,user,day,amount", *body))
    assert sum(row[0] is None for row in rows(found)) == 8


@pytest.mark.parametrize(("header", "cells", "day"), [
    ("Year,Month,spend", "2026,3,5", "2026-03"),
    ("Jahr,Monat,Kosten", "2026,März,5", "2026-03"),
    ("year,quarter,spend", "2026,Q2,5", "2026-Q2"),
    ("Année,Semaine,visites", "2026,7,5", "2026-W07"),
    ("year,month,day,visits", "2026,3,9,5", "2026-03-09"),
])  # fmt: skip
def test_a_day_in_several_columns_is_put_together(tmp_path: Path, header: str, cells: str, day: str) -> None:
    for limit in (0, 4):
        found = reading(tmp_path, lines(header, cells, cells, cells), fast_path_mb=limit)
        assert rows(found)[0][-1] == day
        assert found.columns[-1].kind == "date"


def test_a_table_with_a_day_gets_no_second_one(tmp_path: Path) -> None:
    found = reading(tmp_path, lines("day,year,month,visits", *(f"{w},{w.year},{w.month},3" for w in WEEKS)))
    assert found.headers == ("day", "year", "month", "visits")


@pytest.mark.parametrize(("comment", "header", "third"), [
    ("# Start date: 20260305", "Nth day", "2026-03-07"),
    ("# 20260302-20260531", "Nth week", "2026-03-16"),
    ("# Startdatum: 20260101", "Monat Nr", "2026-03-01"),
])  # fmt: skip
def test_numbered_days_count_from_the_start_above(
    tmp_path: Path, comment: str, header: str, third: str
) -> None:
    found = reading(
        tmp_path, lines("# ------", comment, f"{header},Users,New", "0000,5,1", "0001,6,2", "0002,7,3")
    )
    assert rows(found)[2][0] == third
    assert "counts from 2026-0" in said(found)


TOTALS = [
    (
        [
            "",
            "2026-03-02,ads,10,1",
            "2026-03-03,mail,20,2",
            "2026-03-04,fairs,30,3",
            "2026-03-04,Alle Kanäle,60,6",
        ],
        1,
    ),
    (["2026-03-31,Todos,60,6", "2026-03-02,ads,10,1", "2026-03-03,mail,20,2", "2026-03-04,fairs,30,3"], 1),
    (
        [
            "2026-03-02,ads,10,1",
            "2026-03-02,mail,20,2",
            "2026-03-02,All,30,3",
            "2026-03-03,ads,11,1",
            "2026-03-03,mail,21,2",
            "2026-03-03,All,32,3",
        ],
        2,
    ),
    (
        [
            "2026-03-02,ads,10,1",
            "2026-03-03,ads,20,2",
            ",ads Total,30,3",
            "2026-03-02,mail,11,1",
            "2026-03-03,mail,22,2",
            ",mail Total,33,3",
        ],
        2,
    ),
    (
        [
            "2026-03-02,ads,10.11,1",
            "2026-03-03,mail,20.22,2",
            ",,30.33,3",
            "2026-03-04,fairs,30,3",
            "2026-03-05,ads,1,1",
        ],
        1,
    ),
    (
        [
            "2026-03-02,ads,10,1",
            "2026-03-03,mail,20,2",
            "2026-03-04,ads,33,3",
            "Moyenne,,21,2",
            "Max,,33,3",
            "Variation,,5%,1%",
        ],
        3,
    ),
    (["2026-03-02,ads,10,1", "2026-03-03,mail,20,2", "2026-03-04,All,99,70"], 0),
    (["2026-03-02,Max,10,1", "2026-03-03,Maria,20,2", "2026-03-04,Total Recall,5,4"], 0),
    (["2026-03-02,ads,10,1", "2026-03-03,,20,2", "2026-03-04,ads,7,4"], 0),
]


@pytest.mark.parametrize(("body", "left"), TOTALS)
@pytest.mark.parametrize("fast_path_mb", [0, 4])
def test_rows_that_add_up_others_are_left_out_and_told(
    tmp_path: Path, body: list[str], left: int, fast_path_mb: int
) -> None:
    found = reading(tmp_path, lines("day,channel,spend,leads", *body), fast_path_mb=fast_path_mb)
    totals = [r for r in found.rejects if r.reason == raw_table.TOTALS]
    assert len(totals) == left
    assert found.accounting.accepted == len([line for line in body if line]) - left
    assert ("left out" in said(found)) == bool(left)


def test_sentences_below_a_sheet_are_no_rows(tmp_path: Path) -> None:
    body = [["deal", "stage", "amount"], *([f"d{i}", "won", i] for i in range(1, 9))]
    found = reading(
        tmp_path,
        workbook(A=[*body, [], ["Made by sales operations on 9 March"], ["For internal use"]]),
        "given.xlsx",
    )
    assert (found.accounting.accepted, found.accounting.rejected) == (8, 2)


@pytest.mark.parametrize(
    "text",
    [
        "[InternetShortcut]\nURL=https://example.org/sheet\n",
        "[Desktop Entry]\nURL=https://example.org\n",
        "https://example.org/a/b\n",
    ],
)
def test_a_shortcut_is_no_table(tmp_path: Path, text: str) -> None:
    with pytest.raises(FileError, match=r"web address|web page"):
        reading(tmp_path, text)


def test_months_of_several_languages() -> None:
    assert [layout.month_of(w) for w in ("Mär", "August", "août", "enero", "Set", "dez", "Total")] == [
        3,
        8,
        8,
        1,
        9,
        12,
        0,
    ]
