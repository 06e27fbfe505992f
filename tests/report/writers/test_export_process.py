"""Files made in the process beside are the files that would be made here."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import pytest

from lib.errors import FileError
from lib.report.story.summary_model import Summary
from lib.report.writers import chart_files, export_process, html, writers
from tests.report import sample


@pytest.fixture(autouse=True)
def _end() -> Iterator[None]:
    yield
    export_process.end()


@pytest.fixture
def summary() -> Summary:
    return sample.summary()


def test_same_bytes(summary: Summary) -> None:
    for ending in ("pptx", "md", "xlsx"):
        assert export_process.make(summary, ending) == writers.make(summary, ending)


def test_same_slides_and_no_chart_is_drawn_here(summary: Summary, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = [html.section(summary, message) for message in summary.messages]
    assert any("<img" in slide for slide in expected)

    def refuse(*_: object) -> None:
        raise AssertionError("drawn in the server's own process")

    with monkeypatch.context() as patch:
        patch.setattr(chart_files, "svg", refuse)
        assert export_process.slides(summary) == expected
    monkeypatch.setattr(
        export_process, "_running", lambda: (_ for _ in ()).throw(OSError("no more processes"))
    )
    assert export_process.slides(summary) == expected


def test_a_refusal_arrives_in_the_same_words(summary: Summary) -> None:
    for ending, template in (("doc", None), ("pptx", b"no template")):
        with pytest.raises(FileError) as here:
            writers.make(summary, ending, template, "ours.pptx")
        with pytest.raises(FileError) as beside:
            export_process.make(summary, ending, template, "ours.pptx")
        assert str(beside.value) == str(here.value)


def test_one_process_serves_many_and_a_killed_one_is_replaced(summary: Summary) -> None:
    export_process.make(summary, "md")
    first = export_process._process
    export_process.make(summary, "csv")
    assert first is not None
    assert first is export_process._process
    os.kill(first.pid, signal.SIGKILL)
    while first.is_alive:
        time.sleep(0.01)
    assert export_process.make(summary, "md") == writers.make(summary, "md")
    assert export_process._process is not first


def test_without_a_process_the_file_is_made_here(summary: Summary, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OSError("no more processes")

    monkeypatch.setattr(export_process, "_running", refuse)
    assert export_process.make(summary, "md") == writers.make(summary, "md")
