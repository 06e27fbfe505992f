"""Workbooks made to mislead or to hurt: read as they are or refused in one sentence, and no row is passed over."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.errors import UserError
from tests.engine.hostile_files import Case
from tests.engine.hostile_sheets import SHEETS
from tests.engine.intake.test_hostile import check, read_here


@pytest.mark.parametrize("case", SHEETS, ids=lambda case: case.name)
def test_a_misleading_workbook_is_read_whole_or_refused(case: Case, tmp_path: Path) -> None:
    path = tmp_path / f"{case.name}.xlsx"
    path.write_bytes(case.make())
    if not case.error:
        check(case, read_here(path, tmp_path / "out"))
        return
    with pytest.raises(UserError) as caught:
        read_here(path, tmp_path / "out")
    assert case.error in caught.value.problem
    assert caught.value.remedy
    assert "root:" not in str(caught.value), "the file that the entity names"
