"""The documents against the code: what one names, the other has."""

import importlib
import os
import pkgutil
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def table(heading: str) -> list[list[str]]:
    """Rows of the first table under a heading."""
    text = README.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


def test_every_page_is_in_the_tour_with_its_question() -> None:
    from lib.ui.pages import PAGES

    tour = {re.sub(r"^\d ", "", row[0]): row[1] for row in table("A tour")}
    assert tour == {page.title: page.question for page in PAGES}
    assert {page.path for page in PAGES} == {path.stem for path in (ROOT / "pages").glob("*.py")}


def test_every_contract_is_in_the_table_with_what_it_needs() -> None:
    needs = {row[0].split()[0]: row[2] for row in table("Files it reads")}
    slots = {}
    for path in (ROOT / "data" / "contracts").glob("*.toml"):
        contract = tomllib.loads(path.read_text(encoding="utf-8"))
        slots[contract["slot"]] = contract
        for column in contract["columns"]:
            if column.get("required"):
                assert column["name"] in needs[contract["slot"]], f"{path.name}: {column['name']}"
    assert set(needs) == set(slots)


def test_every_requirement_has_its_reason() -> None:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    needed = {re.split(r"[=\[<>]", line)[0] for line in lines if line and not line.startswith("#")}
    explained = {name.strip() for row in table("Dependencies and why") for name in row[0].split(",")}
    assert explained == needed
    assert all(re.search(r"==\d", line) for line in lines if line and not line.startswith("#"))


def test_every_command_answers_help() -> None:
    import lib.cli

    names = []
    for found in pkgutil.iter_modules(lib.cli.__path__):
        module = importlib.import_module(f"lib.cli.{found.name}")
        if hasattr(module, "NAME"):
            names.append(module.NAME)
    help = subprocess.run(
        [sys.executable, "-m", "lib", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in names:
        assert name in help.stdout


@pytest.mark.parametrize("line", re.findall(r"^\.venv/bin/python -m lib (\w+)", README, re.MULTILINE))
def test_commands_of_the_readme_exist(line: str) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "lib", line, "--help"], cwd=ROOT, capture_output=True, check=False
    )
    assert result.returncode == 0


def tracked(*endings: str) -> list[Path]:
    """Files of the repository that have one of these endings."""
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [
        ROOT / name for name in names.splitlines() if Path(name).suffix in endings and (ROOT / name).exists()
    ]


def test_links_of_the_documents_lead_somewhere() -> None:
    for path in tracked(".md"):
        for target in re.findall(r"\]\(([^)#]+)\)", path.read_text(encoding="utf-8")):
            if not target.startswith("http"):
                assert (path.parent / target).exists(), f"{path.name} links to {target}"


def test_the_floor_plan_names_files_that_exist() -> None:
    text = (ROOT / "lib" / "README.md").read_text(encoding="utf-8")
    plan = text.split("\n## How to add")[1].split("\n## Decisions")[0]
    named = {name for name in re.findall(r"`([a-z_/]+(?:\.\w+|/))`", plan) if "/" in name}
    assert len(named) > 40
    assert [
        name for name in sorted(named) if not ((ROOT / "lib" / name).exists() or (ROOT / name).exists())
    ] == []


def test_nothing_names_this_machine() -> None:
    words = re.compile(r"/work/|/root/|/tmp/bash|/\.library")
    texts = tracked(".py", ".md", ".toml", ".txt", ".js", ".html", ".css", ".yml", ".yaml", ".cfg")
    found = [
        str(path.relative_to(ROOT))
        for path in texts
        if path != Path(__file__) and words.search(path.read_text(encoding="utf-8", errors="ignore"))
    ]
    assert not found


def test_demo_is_small_and_made_by_its_generator(tmp_path: Path) -> None:
    folder = ROOT / "data" / "demo"
    assert sum(path.stat().st_size for path in folder.iterdir() if path.is_file()) < 8_000_000
    subprocess.run([sys.executable, "-m", "data.demo.generate", "--to", str(tmp_path)], cwd=ROOT, check=True)
    for made in tmp_path.iterdir():
        assert made.read_bytes() == (folder / made.name).read_bytes(), made.name


def test_project_file_and_environment_agree() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == ">=3.11,<3.14"


def test_ci_runs_the_readme() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert "<!-- test command -->" in script.read_text(encoding="utf-8")
