from pathlib import Path

import pytest

from lib.errors import DataError, NotAllowedError
from lib.workbook.members import Members
from lib.workbook.store import Store

pytestmark = pytest.mark.usefixtures("database")

# role -> actions it may do, written by hand
GRID = {"owner": "look answer share delete", "editor": "look answer", "viewer": "look", "": ""}


@pytest.fixture
def members(tmp_path: Path) -> Members:
    made = Members(Store(tmp_path).engine)
    made.claim("w", "Ann@Example.com")
    return made


@pytest.mark.parametrize("role", GRID)
@pytest.mark.parametrize("action", ["look", "answer", "share", "delete"])
def test_grid(members: Members, role: str, action: str) -> None:
    if role:
        members.grant("ann@example.com", "w", "bo@example.com", role)
    if action in GRID[role].split():
        members.require("w", "Bo@example.com", action)
    else:
        with pytest.raises(NotAllowedError):
            members.require("w", "bo@example.com", action)


def test_the_first_stays_owner_and_only_owners_share(members: Members) -> None:
    members.claim("w", "eve@example.com")
    assert members.role("w", "eve@example.com") == ""
    members.grant("ann@example.com", "w", "bo@example.com", "editor")
    with pytest.raises(NotAllowedError):
        members.grant("bo@example.com", "w", "bo@example.com", "owner")
    with pytest.raises(DataError):
        members.grant("ann@example.com", "w", "ann@example.com", "")
    members.grant("ann@example.com", "w", "bo@example.com", "owner")
    members.grant("bo@example.com", "w", "ann@example.com", "")
    assert [m.who for m in members.of("w")] == ["bo@example.com"]
    assert members.workbooks("bo@example.com") == {"w"}


@pytest.mark.parametrize("address", ["", "ann", "@", "a b@c", "x" * 201 + "@y"])
def test_addresses_are_checked(members: Members, address: str) -> None:
    with pytest.raises(DataError):
        members.grant("ann@example.com", "w", address, "viewer")
