"""What the process of files does: makes a summary's files and slides."""

import json
import pickle
import sys
from collections.abc import Callable, Mapping
from typing import Any


def begin(_: Mapping[str, Any]) -> Callable[..., tuple[Any, bytes]]:
    """What answers a task: {"kind": "file" | "slides"} and the pickled arguments, which come from our own parent."""
    from lib.report.writers import html, writers

    def file(*args: Any) -> tuple[Any, bytes]:
        made = writers.make(*args)
        about = {"name": made.name, "mime": made.mime, "warnings": made.warnings, "slides": made.slides}
        return about, made.data

    def slides(summary: Any) -> tuple[Any, bytes]:
        return None, json.dumps([html.section(summary, message) for message in summary.messages]).encode()

    makers = {"file": file, "slides": slides}
    return lambda task, data, _: makers[task["kind"]](*pickle.loads(data))  # noqa: S301


if __name__ == "__main__":
    sys.path.insert(0, sys.argv[1])
    from lib.engine.worker import child

    child.serve(begin)
