"""Every kind of chart gives a valid specification that says what the data say, and a picture with text in it."""

import datetime as dt
import io
import itertools

import pytest
from PIL import Image

from lib.charts import style
from lib.charts.altair_draw import BUILDERS, draw, png, spec, svg
from lib.charts.spec import COLOURS, Chart
from lib.engine.evidence.evidence import Evidence
from lib.report.story.chart_table import grid

WEEKS = [dt.date(2026, 1, 5) + dt.timedelta(days=7 * i) for i in range(12)]


def evidence(columns: str, rows: list[list[object]]) -> Evidence:
    return Evidence("t", "d", "select 1", tuple(columns.split()), tuple(map(tuple, rows)))


def make(kind: str, **more: object) -> Chart:
    tables = {
        "lines": evidence(
            "c v s lo hi", [[w, 0.1 * k + 0.2, s, 0.1, 0.4] for k, s in enumerate("ab") for w in WEEKS]
        ),
        "stacked": evidence(
            "c v s lo hi", [[q, v, s, 0, 0] for q in ("Q1", "Q2") for s, v in (("a", 3), ("b", 1))]
        ),
        "heatmap": evidence(
            "c v s lo hi", [[p, 0.5 - p / 10 if p < 3 else None, "Jan", 0, 0] for p in range(4)]
        ),
        "scatter": evidence("c v s lo hi", [[i, i * i, f"m{i}", 0, 0] for i in range(9)]),
    }
    plain = evidence("c v s lo hi", [["paid social", 0.22, "", 0.18, 0.3], ["email", 0.1, "", 0.05, 0.2]])
    series = "s" if kind in tables else ""
    ends = {"low": "lo", "high": "hi"} if kind in ("lines", "intervals") else {}
    fields = {"series": series, "format": "percent1", **ends, **more}
    return Chart(kind, tables.get(kind, plain), "c", "v", "A picture.", **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", BUILDERS)
def test_spec_is_valid_and_carries_the_alt_text(kind: str) -> None:
    chart = draw(make(kind)).to_dict()
    assert chart["description"] == "A picture."
    assert chart["width"] == "container"


@pytest.mark.parametrize("kind", BUILDERS)
def test_picture_has_text(kind: str) -> None:
    image = Image.open(io.BytesIO(png(make(kind, title="A title"), width=390, titled=True, scale=1))).convert(
        "RGBA"
    )
    page = Image.new("RGBA", image.size, "white")
    page.alpha_composite(image)
    title = page.convert("L").crop((0, 0, 390, 26))
    assert sum(title.histogram()[:90]) > 60, "the title's letters are dark pixels"


@pytest.mark.parametrize("kind", BUILDERS)
def test_svg_writes_values_as_the_page_does(kind: str) -> None:
    text = svg(make(kind))
    expected = {"stacked": "75\u00a0%", "heatmap": "50.0\u00a0%", "scatter": "20\u00a0%"}.get(
        kind, "22.0\u00a0%"
    )
    if kind in ("lines",):
        expected = "30.0\u00a0%"
    if kind == "scatter":
        expected = "2,000\u00a0%"
    assert expected in text


def test_waterfall_starts_each_change_where_the_last_ended() -> None:
    table = evidence("c v", [["Q2", 0.22], ["social", -0.05], ["email", 0.01], ["Q3", 0.18]])
    rows = spec(Chart("waterfall", table, "c", "v", "x", format="percent1"))["data"]["values"]
    assert [(row["start"], pytest.approx(row["end"])) for row in rows] == [
        (0.0, 0.22), (0.22, 0.17), (pytest.approx(0.17), 0.18), (0.0, 0.18)]  # fmt: skip
    assert [row["label"] for row in rows] == ["22.0\u00a0%", "−5.0\u00a0pp", "+1.0\u00a0pp", "18.0\u00a0%"]


def test_stacked_shares_add_up_to_the_whole() -> None:
    rows = spec(make("stacked"))["data"]["values"]
    assert [(row["from"], row["to"]) for row in rows[:2]] == [(0.0, 0.75), (0.75, 1.0)]


def test_odd_column_names_and_missing_values_do_no_harm() -> None:
    table = evidence("a v", [["x", None], ["y", 2]])
    table = Evidence("t", "d", "", ("a.b[0]'\"", "v"), table.rows)
    chart = Chart("bars", table, "a.b[0]'\"", "v", "x", format="count")
    assert spec(chart)["data"]["values"][0]["label"] == "n/a"
    assert "n/a" not in png(chart).decode("latin-1", "ignore")[:8]


@pytest.mark.parametrize("kind", BUILDERS)
def test_no_rows_draw_nothing_rather_than_fail(kind: str) -> None:
    chart = Chart(kind, evidence("c v s", []), "c", "v", "Nothing.", series="s" if kind == "heatmap" else "")  # type: ignore[arg-type]
    assert draw(chart)
    assert svg(chart)


def test_line_labels_keep_apart() -> None:
    table = evidence("c v s", [[w, 1 + k / 1000, f"line {k}"] for k in range(4) for w in WEEKS])
    layers = spec(Chart("lines", table, "c", "v", "x", series="s"))["layer"]
    places = sorted(row["at"] for row in layers[-1]["data"]["values"])
    assert all(b - a > 1e-5 for a, b in itertools.pairwise(places))


def test_named_tones_and_highlight_win() -> None:
    chart = make("bars", tones=(("email", "alarm"),))
    rows = spec(chart)["data"]["values"]
    assert [row["colour"] for row in rows] == ["#A7B1BF", "#A61C3C"]


@pytest.mark.parametrize("share", [i / 20 for i in range(21)])
def test_heatmap_text_is_readable_on_every_shade(share: float) -> None:
    fill, ink = style.shade(share)

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(fill), luminance(ink)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 3.0


def test_a_stack_with_one_message_keeps_one_colour_and_names_each_part_in_place() -> None:
    """As in the deck: the part that matters is coloured, the others are grey and carry their names, no legend."""
    table = evidence("c v s", [["May", 1, "social"], ["May", 5, "organic"], ["May", 4, "email"],
                               ["Oct", 6, "social"], ["Oct", 3, "organic"], ["Oct", 1, "email"]])  # fmt: skip
    chart = Chart(
        "stacked", table, "c", "v", "x", series="s", format="percent", tones=(("social", "outcome"),)
    )
    made = spec(chart)
    colours = {row["series"]: row["colour"] for row in made["data"]["values"]}
    assert colours == {"social": COLOURS["outcome"], "organic": COLOURS["pale"], "email": COLOURS["mist"]}
    assert "social  60\u00a0%" in {row["part"] for row in made["data"]["values"]}
    assert "social  60\u00a0%" in svg(chart).replace("\u2003", " ")
    assert {series.tone for series in grid(chart).series} == {"outcome", "pale", "mist"}
    months = evidence("c v s", [[f"m{i}", 1, s] for i in range(6) for s in ("social", "organic")])
    many = Chart(
        "stacked", months, "c", "v", "x", series="s", format="percent", tones=(("social", "outcome"),)
    )
    assert "part" not in spec(many)["data"]["values"][0]
