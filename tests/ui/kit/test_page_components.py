"""Findings: the first five are drawn, the rest when somebody opens them."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def _page() -> None:
    from lib.analysis.verdict import Finding
    from lib.ui.kit import page_components

    page_components.findings(
        [Finding(f"code_{i}", "low", f"Finding number {i}.", "Because.") for i in range(300)]
    )


def test_findings_behind_the_fold_cost_nothing_until_they_are_opened() -> None:
    app = AppTest.from_function(_page).run()
    assert [e.label for e in app.expander] == ["295 more findings"]
    assert len([m for m in app.markdown if "Finding number" in m.value]) == 5
    app.session_state["more-findings"] = True
    app.run()
    assert not app.exception
    assert len([m for m in app.markdown if "Finding number" in m.value]) == 300
