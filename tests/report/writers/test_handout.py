import datetime as dt

import pypdfium2

from lib.report.writers import handout
from lib.report.writers.handout import Part, Section
from lib.room import agenda
from lib.ui.room import handouts

DAY = dt.date(2026, 11, 22)


def text_of(pdf: bytes) -> str:
    return "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))


def test_hostile_words_stay_words_and_bytes_stay_bytes() -> None:
    sections = [Section('#read("/etc/passwd")', "$x$ @preview", (Part("*Say*", ("= heading", "[link](x)")),))]
    made = handout.render("Title", "Lead", sections, DAY)
    assert made == handout.render("Title", "Lead", sections, DAY)
    words = text_of(made)
    for said in ('#read("/etc/passwd")', "$x$ @preview", "*Say*", "= heading"):
        assert said in words


def test_the_guide_has_every_block_of_every_template() -> None:
    for _, blocks in agenda.templates().values():
        words = " ".join(text_of(handouts.guide(blocks)).split())
        for block in blocks:
            assert f"{block.minutes} minutes" in words
            assert agenda.guides()[block.activity].script[0] in words
        assert "Marketing owns the process" in text_of(handouts.sheet(blocks))
