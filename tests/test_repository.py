"""What a repository needs besides its code: license, changelog, packaging, decisions, hooks, continuous integration."""

import importlib
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]


def test_the_license_is_named_the_same_everywhere() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "Version 2.0" in text
    assert "Copyright 2026 The Process-Outcome Workbook authors" in text
    assert PROJECT["license"] == "Apache-2.0"


def test_the_newest_entry_of_the_changelog_is_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - (?:unreleased|\d{4}-\d{2}-\d{2})$", text, re.MULTILINE)
    assert versions[0] == PROJECT["version"]
    assert versions == sorted(versions, key=lambda v: [int(part) for part in v.split(".")], reverse=True)
    kinds = set(re.findall(r"^### (.+)$", text, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_an_install_needs_what_the_requirements_say() -> None:
    assert "dependencies" in PROJECT["dynamic"]
    assert PYPROJECT["tool"]["setuptools"]["dynamic"]["dependencies"]["file"] == ["requirements.txt"]


def test_no_wheel_puts_a_package_named_lib_on_a_machine() -> None:
    settings = PYPROJECT["tool"]["setuptools"]
    assert settings["packages"] == []
    assert settings["py-modules"] == []
    assert "Private :: Do Not Upload" in PROJECT["classifiers"]


def test_the_console_script_is_the_command_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module, _, name = PROJECT["scripts"]["workbook"].partition(":")
    monkeypatch.setattr("sys.argv", ["workbook", "kpis", "no-such-file.csv"])
    assert getattr(importlib.import_module(module), name)() == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_types_are_offered() -> None:
    assert (ROOT / "lib" / "py.typed").is_file()


def test_each_decision_has_a_record_with_context_decision_and_consequence() -> None:
    folder = ROOT / "docs" / "decisions"
    records = sorted(folder.glob("[0-9]*.md"))
    assert [int(path.name[:4]) for path in records] == list(range(1, len(records) + 1))
    index = (folder / "README.md").read_text(encoding="utf-8")
    for path in records:
        text = path.read_text(encoding="utf-8")
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequence"], (
            path.name
        )
        assert f"]({path.name})" in index, path.name
    table = (
        (ROOT / "lib" / "README.md").read_text(encoding="utf-8").split("## Decisions")[1].split("\n## ")[0]
    )
    rows = [line for line in table.splitlines() if re.match(r"\| \d{4}-", line)]
    linked = re.findall(r"docs/decisions/(\d{4}-[\w-]+\.md)", table)
    assert len(linked) == len(rows) == len(set(linked)), "each row of the table leads to its record"
    assert set(linked) <= {path.name for path in records}


def test_every_supported_python_runs_what_continuous_integration_runs() -> None:
    flow = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    low, high = (int(minor) for minor in re.findall(r"3\.(\d+)", PROJECT["requires-python"]))
    (versions,) = re.findall(r"python: \[(.*)\]", flow)
    assert re.findall(r'"3\.(\d+)"', versions) == [str(minor) for minor in range(low, high)]
    assert "run: .ci/run" in flow
    assert "-m hypothesis --hypothesis-profile random" in flow


def test_the_share_of_run_lines_has_a_floor() -> None:
    assert PYPROJECT["tool"]["coverage"]["report"]["fail_under"] >= 92
    assert "--cov" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_hooks_check_lint_format_and_types_before_a_commit() -> None:
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    assert re.findall(r"id: (\S+)", hooks) == ["ruff", "ruff-format", "pyright"]
