"""Developer's tool: build the house template `house.pptx` (`python -m data.deck.build_template`).

16:9, five real layouts with typed placeholders, colours and fonts in the theme, so that a company may restyle it in
PowerPoint's master view and a deck made with another template is restyled by that template.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pptx import Presentation
from pptx.opc.constants import RELATIONSHIP_TYPE as RT
from pptx.oxml import parse_xml
from pptx.util import Inches

from lib.charts.spec import COLOURS

TARGET = Path(__file__).with_name("house.pptx")
WIDTH, HEIGHT = 13.333, 7.5
MARGIN = 0.6
_NS = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
)
_FONT = '<a:latin typeface="Arial"/><a:ea typeface=""/><a:cs typeface="Arial"/>'
_NAVY = "12263F"
_WASH = "F3F5F8"


def _theme() -> str:
    hexes = {key: value.removeprefix("#") for key, value in COLOURS.items()}
    slots = {
        "dk1": hexes["ink"],
        "lt1": "FFFFFF",
        "dk2": _NAVY,
        "lt2": _WASH,
        "accent1": hexes["process"],
        "accent2": hexes["outcome"],
        "accent3": hexes["shared"],
        "accent4": hexes["alarm"],
        "accent5": "5B6673",
        "accent6": hexes["pale"],
        "hlink": hexes["process"],
        "folHlink": "5B4B8A",
    }
    colours = "".join(f'<a:{name}><a:srgbClr val="{value}"/></a:{name}>' for name, value in slots.items())
    fill = '<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>'
    line = f'<a:ln w="9525">{fill}<a:prstDash val="solid"/></a:ln>'
    effect = "<a:effectStyle><a:effectLst/></a:effectStyle>"
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><a:theme {_NS} name="Process-Outcome"><a:themeElements>'
        f'<a:clrScheme name="Process-Outcome">{colours}</a:clrScheme><a:fontScheme name="Process-Outcome">'
        f"<a:majorFont>{_FONT}</a:majorFont><a:minorFont>{_FONT}</a:minorFont></a:fontScheme>"
        f'<a:fmtScheme name="Flat"><a:fillStyleLst>{fill * 3}</a:fillStyleLst><a:lnStyleLst>{line * 3}</a:lnStyleLst>'
        f"<a:effectStyleLst>{effect * 3}</a:effectStyleLst><a:bgFillStyleLst>{fill * 3}</a:bgFillStyleLst></a:fmtScheme>"
        "</a:themeElements></a:theme>"
    )


def _xfrm(left: float, top: float, width: float, height: float) -> str:
    x, y, cx, cy = (int(Inches(v)) for v in (left, top, width, height))
    return f'<a:xfrm><a:off x="{x}" y="{y}"/><a:ext cx="{cx}" cy="{cy}"/></a:xfrm>'


def _placeholder(
    number: int,
    name: str,
    kind: str,
    box: tuple[float, float, float, float] | None,
    *,
    idx: int | None = None,
    style: str = "",
    body: str = "",
    prompt: str = "",
    field: str = "",
) -> str:
    """One placeholder; `style` is the content of lstStyle, `body` the attributes of bodyPr."""
    index = "" if idx is None else f' idx="{idx}"'
    typed = f' type="{kind}"' if kind else ""
    size = ' sz="quarter"' if kind in ("ftr", "sldNum", "dt", "body") and idx is not None else ""
    run = '<a:fld id="{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}" type="slidenum"><a:rPr lang="en-GB"/><a:t>‹#›</a:t></a:fld>'
    content = run if field else f'<a:r><a:rPr lang="en-GB"/><a:t>{prompt}</a:t></a:r>' if prompt else ""
    place = _xfrm(*box) if box else ""
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name="{name}"/><p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr>'
        f"<p:nvPr><p:ph{typed}{size}{index}/></p:nvPr></p:nvSpPr><p:spPr>{place}</p:spPr>"
        f'<p:txBody><a:bodyPr lIns="0" tIns="0" rIns="0" bIns="0" {body}><a:noAutofit/></a:bodyPr>'
        f'<a:lstStyle>{style}</a:lstStyle><a:p>{content}<a:endParaRPr lang="en-GB"/></a:p></p:txBody></p:sp>'
    )


def _style(
    size: float, colour: str, *, bold: bool = False, align: str = "l", caps: bool = False, space: int = 0
) -> str:
    extra = (' cap="all"' if caps else "") + (f' spc="{space}"' if space else "")
    return (
        f'<a:lvl1pPr marL="0" indent="0" algn="{align}"><a:spcBef><a:spcPts val="0"/></a:spcBef><a:buNone/>'
        f'<a:defRPr sz="{int(size * 100)}" b="{int(bold)}"{extra}><a:solidFill><a:schemeClr val="{colour}"/></a:solidFill>'
        "</a:defRPr></a:lvl1pPr>"
    )


def _block(number: int, name: str, box: tuple[float, float, float, float], colour: str) -> str:
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name="{name}"/><p:cNvSpPr/><p:nvPr userDrawn="1"/></p:nvSpPr><p:spPr>{_xfrm(*box)}'  # noqa: E501
        f'<a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:solidFill><a:schemeClr val="{colour}"/></a:solidFill><a:ln><a:noFill/></a:ln>'  # noqa: E501
        '</p:spPr><p:txBody><a:bodyPr/><a:lstStyle/><a:p><a:endParaRPr lang="en-GB"/></a:p></p:txBody></p:sp>'
    )


def _tree(*shapes: str) -> str:
    group = '<p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>'
    return f"<p:spTree>{group}{''.join(shapes)}</p:spTree>"


def _strip(first: int, top: float = 0.0, height: float = 0.08) -> str:
    """Process, shared, outcome: the framework as a ribbon."""
    third = WIDTH * 0.42
    return (
        _block(first, "Ribbon process", (0, top, third, height), "accent1")
        + _block(first + 1, "Ribbon shared", (third, top, WIDTH - 2 * third, height), "accent3")
        + _block(first + 2, "Ribbon outcome", (WIDTH - third, top, third, height), "accent2")
    )


FOOT_TOP = 7.04
TITLE_BOX = (MARGIN, 0.54, WIDTH - 2 * MARGIN, 0.88)  # two lines; one line stands on the rule
KICKER_BOX = (MARGIN, 0.27, 6.0, 0.24)
RULE_TOP = 1.5
CAPTION_BOX = (MARGIN, 1.58, WIDTH - 2 * MARGIN, 0.28)
SOURCE_BOX = (MARGIN, FOOT_TOP, 7.9, 0.3)


def _footers(first: int) -> str:
    return _placeholder(
        first,
        "Footer",
        "ftr",
        (8.7, FOOT_TOP, 3.4, 0.3),
        idx=11,
        style=_style(9, "accent5", align="r"),
        body='anchor="ctr"',
    ) + _placeholder(
        first + 1,
        "Slide Number",
        "sldNum",
        (12.2, FOOT_TOP, 0.533, 0.3),
        idx=12,
        field="slidenum",
        style=_style(9, "tx2", bold=True, align="r"),
        body='anchor="ctr"',
    )


def _headline_layout(name: str, *, kind: str = "titleOnly", extra: str = "") -> tuple[str, str, str]:
    shapes = (
        _placeholder(2, "Title", "title", None, prompt="Headline: a full sentence, answer first"),
        _placeholder(
            3,
            "Kicker",
            "body",
            KICKER_BOX,
            idx=20,
            prompt="Section",
            body='anchor="ctr"',
            style=_style(10, "accent5", bold=True, caps=True, space=60),
        ),
        _placeholder(
            4,
            "Caption",
            "body",
            CAPTION_BOX,
            idx=21,
            prompt="What is shown",
            body='anchor="ctr"',
            style=_style(12, "accent5"),
        ),
        _placeholder(
            5,
            "Source",
            "body",
            SOURCE_BOX,
            idx=22,
            prompt="Source",
            body='anchor="ctr"',
            style=_style(9, "accent5"),
        ),
        _footers(6),
        extra,
    )
    return name, kind, _tree(*shapes)


def _title_tree() -> str:
    return _tree(
        _block(20, "Ground", (0, 0, WIDTH, HEIGHT), "tx2"),
        _strip(21, HEIGHT - 0.22, 0.22),
        _placeholder(
            2,
            "Title",
            "ctrTitle",
            (0.9, 2.05, 11.2, 1.9),
            prompt="Title",
            body='anchor="b"',
            style=_style(38, "bg1", bold=True),
        ),
        _placeholder(
            3,
            "Subtitle",
            "subTitle",
            (0.9, 4.15, 11.2, 0.9),
            idx=1,
            prompt="Subtitle",
            style=_style(18, "accent6"),
        ),
        _placeholder(
            4,
            "Company",
            "body",
            (0.9, 0.75, 8.0, 0.4),
            idx=20,
            prompt="Company",
            style=_style(14, "bg1", bold=True),
            body='anchor="ctr"',
        ),
    )


def _layouts() -> list[tuple[str, str, str]]:
    panel = _block(20, "Panel", (MARGIN, 1.9, 0.05, 4.85), "accent2")
    return [
        ("House title", "title", _title_tree()),
        _headline_layout("House headline"),
        _headline_layout("House decision"),
        _headline_layout("House words", extra=panel),
        _headline_layout("House appendix"),
    ]


def _master() -> str:
    shapes = _tree(
        _strip(20),
        _block(23, "Foot line", (MARGIN, FOOT_TOP - 0.06, WIDTH - 2 * MARGIN, 0.01), "accent6"),
        _block(24, "Headline line", (MARGIN, RULE_TOP, WIDTH - 2 * MARGIN, 0.014), "tx2"),
        _placeholder(2, "Title", "title", TITLE_BOX, prompt="Headline", body='anchor="b"'),
        _placeholder(3, "Body", "body", (MARGIN, 1.95, WIDTH - 2 * MARGIN, 4.85), idx=1, prompt="Text"),
        _placeholder(
            4,
            "Footer",
            "ftr",
            (8.7, FOOT_TOP, 3.4, 0.3),
            idx=3,
            style=_style(9, "accent5", align="r"),
            body='anchor="ctr"',
        ),
        _placeholder(
            5,
            "Slide Number",
            "sldNum",
            (12.2, FOOT_TOP, 0.533, 0.3),
            idx=4,
            field="slidenum",
            style=_style(9, "tx2", bold=True, align="r"),
            body='anchor="ctr"',
        ),
    )
    return f'<p:cSld {_NS}><p:bg><p:bgPr><a:solidFill><a:schemeClr val="bg1"/></a:solidFill><a:effectLst/></p:bgPr></p:bg>{shapes}</p:cSld>'  # noqa: E501


def _text_styles() -> str:
    def level(size: int, colour: str, bold: int, font: str) -> str:
        return (
            f'<a:lvl1pPr algn="l"><a:lnSpc><a:spcPct val="100000"/></a:lnSpc><a:spcBef><a:spcPts val="0"/></a:spcBef><a:buNone/><a:defRPr '  # noqa: E501
            f'sz="{size}" b="{bold}"><a:solidFill><a:schemeClr val="{colour}"/></a:solidFill><a:latin typeface="+{font}-lt"/>'
            f'<a:ea typeface="+{font}-ea"/><a:cs typeface="+{font}-cs"/></a:defRPr></a:lvl1pPr>'
        )

    return (
        f"<p:txStyles {_NS}><p:titleStyle>{level(2600, 'tx2', 1, 'mj')}</p:titleStyle><p:bodyStyle>{level(1400, 'tx1', 0, 'mn')}"
        f"</p:bodyStyle><p:otherStyle>{level(1400, 'tx1', 0, 'mn')}</p:otherStyle></p:txStyles>"
    )


def _swap(root: Any, tag: str, xml: str) -> None:
    old = root.find(f"{{http://schemas.openxmlformats.org/presentationml/2006/main}}{tag}")
    root.replace(old, parse_xml(xml))


def build(target: Path = TARGET) -> None:
    """Write the template."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(WIDTH), Inches(HEIGHT)
    master = deck.slide_master
    for layout in list(deck.slide_layouts)[5:]:
        deck.slide_layouts.remove(layout)
    master.part.part_related_by(RT.THEME)._blob = _theme().encode()
    _swap(master.element, "cSld", _master())
    _swap(master.element, "txStyles", _text_styles())
    for layout, (name, kind, tree) in zip(deck.slide_layouts, _layouts(), strict=True):
        layout.element.set("type", kind)
        layout.element.set("preserve", "1")
        if kind == "title":
            layout.element.set("showMasterSp", "0")
        _swap(layout.element, "cSld", f'<p:cSld {_NS} name="{name}">{tree}</p:cSld>')
    properties = deck.core_properties
    properties.title, properties.author, properties.last_modified_by = (
        "Process-Outcome house template",
        "",
        "",
    )
    deck.save(str(target))


if __name__ == "__main__":
    build()
