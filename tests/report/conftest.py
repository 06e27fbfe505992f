"""The finished example, gathered once for all tests of this folder."""

from __future__ import annotations

import datetime as dt

import pytest

from lib.engine.datasets import demo
from lib.report.story import run_steps
from lib.report.story.inputs import Inputs
from lib.workbook.model import fold


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    """The demo company's workbook and what its steps conclude."""
    home = tmp_path_factory.mktemp("home")
    answers = {key: value for _, key, value in demo.answers()}
    return run_steps.run_steps(
        fold(answers, id="demo", rev=len(answers)), demo.install(home), today=dt.date(2026, 11, 20)
    )
