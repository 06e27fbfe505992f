"""Opening one page of a workbook through the shell, as a visitor does."""

import re
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from lib.ui import session
from lib.workbook import home as homes
from lib.workbook import store as stores

SHELL = Path(__file__).resolve().parents[2] / "lib" / "ui" / "shell.py"


def make(answers: dict[str, Any]) -> str:
    """A workbook with these answers; its id."""
    store = stores.open_store(homes.home())
    book = store.create("Acme", author="Ann")
    if answers:
        store.save_all(book, list(answers.items()), author="Ann")
    return book


def opened(page: str, book: str) -> AppTest:
    """The page of a workbook, drawn once."""
    app = AppTest.from_file(str(SHELL), default_timeout=120)
    app.query_params[session.PARAM] = book
    app.run()
    return app.switch_page(f"../../pages/{page}.py").run()


def answer(book: str, key: str) -> Any:
    """What is saved."""
    return stores.open_store(homes.home()).snapshot(book).value(key, None)


def said(app: AppTest) -> str:
    """Everything the page says, spaces plain and escapes gone."""
    parts = [*(m.value for m in app.markdown), *(s.value for s in app.subheader), *(e.value for e in app.error),
             *(h.value for h in app.header)]  # fmt: skip
    return re.sub(r"\\([^\w\s])", r"\1", "\n".join(parts).replace("\u00a0", " "))


def healthy(app: AppTest) -> None:
    """No exception, no apology."""
    assert not app.exception
    assert "went wrong on our side" not in said(app)
