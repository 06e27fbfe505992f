"""Numbers and money as the world writes them: the sample's guess and the SQL that reads the whole column agree."""

from __future__ import annotations

import duckdb
import pytest

from lib.engine.intake.values import casts, value_kinds

NB, NARROW, THIN = "\u00a0", "\u202f", "\u2009"


def read(cells: list[str], kind: str = "number") -> list[object]:
    guess = value_kinds.for_target(cells, kind)
    sql = casts.cast("x", kind, guess.style)
    with duckdb.connect(":memory:") as con:
        con.execute("SET TimeZone = 'UTC'")
        return [
            row[0] for row in con.execute(f"SELECT {sql} FROM (SELECT unnest(?) AS x)", [cells]).fetchall()
        ]


@pytest.mark.parametrize(("cells", "values"), [
    ([f"1 240,50{NB}€", f"980,10{NB}€"], [1240.5, 980.1]),
    ([f"1{NARROW}240,50{NARROW}€", f"15,00{NARROW}€"], [1240.5, 15]),
    ([f"€{NB}1,240.50", f"€{NB}3.00"], [1240.5, 3]),
    ([f"1{THIN}240.50{NB}$", "7.25 $"], [1240.5, 7.25]),
    ([f"2,5{NB}%", f"40,0{NARROW}%"], [0.025, 0.4]),
    ([f"12{NB}500,00 kr", "300,50 kr.", "-20,00 kr"], [12500, 300.5, -20]),
    (["kr 1.234,00", "kr 2,50"], [1234, 2.5]),
    (["CHF 1'240.50", "CHF 12’345.00"], [1240.5, 12345]),
    (["CHF 1'240.-", "CHF 80.—", "CHF 9.50"], [1240, 80, 9.5]),
    (["12,-", "1.240,-", "7,50"], [12, 1240, 7.5]),
    (["1,240.50 USD", "USD 3.10", "usd 8.00"], [1240.5, 3.1, 8]),
    (["JPY 12,000", "500 JPY"], [12000, 500]),
    (["R$ 1.234,56", "R$ 0,99"], [1234.56, 0.99]),
    (["Rs. 1,23,456.50", "Rs.500", "₹12.00"], [123456.5, 500, 12]),
    (["(1,200.00)", "$(35.10)", "($7.00)", "$ (1,000.00)", "(20.00) €"], [-1200, -35.1, -7, -1000, -20]),
    (["1,200.50-", "3.00", "4.00- €"], [-1200.5, 3, -4]),
    (["–1.240,50 €", "−3,00 €", "5,00 €"], [-1240.5, -3, 5]),
    (["$ 1,200.00", f"${NB}-{NB}", "$ -", "- €"], [1200, 0, 0, 0]),
    (["1.2k", "3.5M", "900"], [1200, 3_500_000, 900]),
    (["€1.2k", "€800", "$2.5 bn"], [1200, 800, 2_500_000_000]),
    (["1,5 Tsd. €", "2,5 Mio. €"], [1500, 2_500_000]),
    (["zł 12,50", "1 200,00 zł", "99,90 PLN"], [12.5, 1200, 99.9]),
])  # fmt: skip
def test_money_is_read(cells: list[str], values: list[float]) -> None:
    assert value_kinds.guess_number(cells) is not None
    assert value_kinds.guess_number(cells).share == 1.0  # type: ignore[union-attr]
    assert read(cells) == pytest.approx(values)


@pytest.mark.parametrize("cell", [
    "12-34", "1.2.3", "1,2,3", "TBD", "12 apples", "$", "€€5", "5 6 7", "10 - 20", "--5 kr x", "1 240,50,00 €", "k5", "€5%%",
])  # fmt: skip
def test_what_is_no_number_stays_none(cell: str) -> None:
    for style in ("point", "comma"):
        with duckdb.connect(":memory:") as con:
            found = con.execute(
                f"SELECT {casts.cast('x', 'number', style)} FROM (SELECT ? AS x)", [cell]
            ).fetchone()
        assert found == (None,)


def test_names_of_plans_stay_names() -> None:
    assert value_kinds.guess(["5k", "10k", "5k"]).kind == "text"


def test_a_cell_made_to_hurt_the_pattern_is_refused_at_once() -> None:
    import time

    begun = time.perf_counter()
    assert value_kinds.guess_number(["5" + " " * 77 + "x"] * 2000) is None
    assert value_kinds.guess_number(["€" + " " * 77 + "x"] * 2000) is None
    assert time.perf_counter() - begun < 20
