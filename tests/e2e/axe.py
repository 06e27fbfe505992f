"""axe-core in the page: fetched once from npm, its findings that are ours returned."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

VERSION = "4.10.3"
_CACHE = Path(tempfile.gettempdir()) / f"axe-core-{VERSION}.min.js"
# Markup that only Streamlit can change, each with what it is. Everything else counts as ours.
STREAMLITS = {
    "[data-testid=stFileUploaderDropzone]": "the drop zone is a section with a presentation role",
    "[data-testid=stDataFrame]": "the grid's hidden table has an empty header",
    "[data-testid=stDataFrameGlideDataEditor]": "the same",
    "[data-testid=stNumberInputContainer]": "the step buttons are out of the tab order on purpose",
}


class NoAxeError(RuntimeError):
    """axe-core could not be fetched."""


@functools.cache
def script() -> str:
    """axe-core's source: from AXE_CORE, from this machine's copy, else by `npm pack`."""
    named = os.environ.get("AXE_CORE")
    if named:
        return Path(named).read_text(encoding="utf-8")
    if not _CACHE.exists():
        npm = shutil.which("npm")
        if npm is None:
            raise NoAxeError("npm is not installed")
        with tempfile.TemporaryDirectory() as folder:
            command = [npm, "pack", f"axe-core@{VERSION}", "--silent"]
            done = subprocess.run(
                command, cwd=folder, capture_output=True, text=True, timeout=120, check=False
            )
            if done.returncode:
                raise NoAxeError(done.stderr[-500:])
            with tarfile.open(Path(folder) / done.stdout.strip().splitlines()[-1]) as packed:
                member = packed.extractfile("package/axe.min.js")
                if member is None:
                    raise NoAxeError("the package has no axe.min.js")
                _CACHE.write_bytes(member.read())
    return _CACHE.read_text(encoding="utf-8")


def violations(page: Page) -> list[dict[str, Any]]:
    """Serious and critical violations of the page as it stands, without those of Streamlit's own markup."""
    page.evaluate(script())
    run = """async (excluded) => {
      const result = await axe.run({exclude: excluded.map(selector => [selector])},
        {resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']});
      return result.violations.filter(v => ['serious', 'critical'].includes(v.impact)).map(v => ({
        id: v.id, help: v.help, nodes: v.nodes.map(n => ({target: n.target.join(' '), html: n.html.slice(0, 300)}))}));
    }"""
    return page.evaluate(run, list(STREAMLITS))
