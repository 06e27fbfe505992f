"""Light and dark: every colour has both, words are readable on every ground, what is downloaded keeps plain colours."""

import re
import tomllib
from pathlib import Path

import pytest

from lib.charts import style
from lib.charts.altair_draw import BUILDERS, on_page
from lib.charts.spec import COLOURS, DARK, GROUNDS, Chart
from lib.engine.evidence.evidence import Evidence

ROOT = Path(__file__).resolve().parents[2]
LIGHT = GROUNDS | COLOURS
WORDS = ("ink", "soft", "process", "outcome", "shared", "alarm")
PLACES = ("paper", "card", "field")
HEX = re.compile(r"#[0-9A-Fa-f]{6}")


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_every_colour_has_a_light_and_a_dark_value() -> None:
    assert set(LIGHT) == set(DARK)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_words_are_readable_on_every_ground(theme: dict[str, str]) -> None:
    for word in WORDS:
        for place in PLACES:
            assert contrast(theme[word], theme[place]) >= 4.5, (word, place)
    for role in ("process", "outcome", "shared", "muted", "alarm"):
        assert contrast(theme["ink"], theme[f"{role}-ground"]) >= 4.5, role
    assert contrast(theme["alarm"], theme["alarm-ground"]) >= 4.5
    for tone in ("process", "outcome", "shared", "alarm"):
        assert contrast(theme["paper"], theme[tone]) >= 4.5, (
            f"a stack's part of {tone} carries its share in paper"
        )


@pytest.mark.parametrize("step", range(style.STEPS + 1))
def test_a_cell_keeps_its_place_on_the_scale_in_the_dark(step: int) -> None:
    share = step / style.STEPS
    fill, _ = style.shade(share, on_dark=True)
    assert contrast(COLOURS["paper"], fill) >= 4.5
    assert luminance(fill) >= luminance(style.shade(max(0, step - 1) / style.STEPS, on_dark=True)[0])
    assert f'[fill="{style.shade(share)[0]}"]' in style.style(), "the page's style sheet knows the shade"


@pytest.mark.parametrize("kind", BUILDERS)
def test_every_colour_of_a_chart_is_one_the_page_can_paint(kind: str) -> None:
    rows = tuple(
        (x, 0.1 * (k + 1), s, 0.05, 0.6) for k, x in enumerate(("a", "b", "c")) for s in ("one", "two")
    )
    ends = {"low": "lo", "high": "hi"} if kind in ("lines", "intervals") else {}
    series = "s" if kind in ("lines", "stacked", "columns", "heatmap", "scatter") else ""
    table = Evidence("t", "d", "", ("c", "v", "s", "lo", "hi"), rows)
    chart = Chart(kind, table, "c", "v", "x", series=series, format="percent1", reference=0.2, **ends)  # type: ignore[arg-type]
    made = on_page(chart)
    assert made["usermeta"]["embedOptions"]["renderer"] == "svg", "no style sheet reaches into a canvas"
    known = {*LIGHT.values(), *(style.shade(step / style.STEPS)[0] for step in range(style.STEPS + 1))}
    assert set(HEX.findall(str(made))) <= known
    assert "var(" not in str(made), "a downloaded picture has no style sheet"


def test_the_style_sheet_paints_each_colour_once_and_falls_back_to_light() -> None:
    text = style.style()
    before, _, modern = text.partition("@supports")
    assert "light-dark" not in before
    for name, value in LIGHT.items():
        assert f"--{name}:{value}" in before
        assert f"--{name}:light-dark({value},{DARK[name]})" in modern
    for value in set(LIGHT.values()):
        assert before.count(f'[fill="{value}"]') == 1


def test_streamlits_own_parts_use_the_same_colours() -> None:
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
    assert "base" not in theme, "the reader's system chooses between light and dark"
    roles = {"blue": "process", "orange": "outcome", "green": "shared", "red": "alarm", "gray": "muted"}
    for part, palette in (("light", LIGHT), ("dark", DARK)):
        mine = theme[part]
        for colour, role in roles.items():
            assert mine[f"{colour}Color"] == palette[role], (part, colour)
            assert contrast(mine[f"{colour}TextColor"], mine[f"{colour}BackgroundColor"]) >= 4.5, (
                part,
                colour,
            )
            assert contrast(mine[f"{colour}TextColor"], palette["card"]) >= 4.5, (part, colour)
        assert mine["backgroundColor"] == palette["paper"]
        assert mine["textColor"] == palette["ink"]
        assert contrast("#FFFFFF", mine["primaryColor"]) >= 4.5, "white words on a primary button"
        assert contrast(mine["primaryColor"], mine["backgroundColor"]) >= 3


@pytest.mark.parametrize(
    "path", [*ROOT.glob("lib/charts/*.css"), ROOT / "lib/ui/kit/style.css"], ids=lambda path: path.name
)
def test_style_sheets_name_colours_of_the_palette_only(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.findall(r"#[0-9A-Fa-f]{3,8}\b", text), "a colour by itself would not follow the theme"
    names = set(re.findall(r"var\(--([\w-]+)", text))
    assert names <= {*LIGHT, "tone", "line-of"}
