"""Page workbook."""

from lib.ui import anatomy, pages


def render() -> None:
    """Draw the page."""
    anatomy.page(pages.info("workbook").question, "workbook")
