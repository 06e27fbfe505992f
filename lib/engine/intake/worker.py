"""What the process of a file does: reads it, or writes its clean table, and says a full disk or memory in words."""

import sys
from collections.abc import Callable, Mapping
from typing import Any


class _NoPandas:
    """PyArrow loads pandas to look at any list it is given; nothing here is a data frame, and that takes half a second."""

    def find_spec(self, name: str, *_: object) -> None:
        if name == "pandas":
            raise ImportError("pandas is not needed here")


def begin(_: Mapping[str, Any]) -> Callable[..., tuple[Any, bytes]]:
    """What answers a task, {"kind": "read" | "accept", ...}."""
    sys.meta_path.insert(0, _NoPandas())

    from lib.engine.intake import clean
    from lib.engine.intake.readers import parse

    kinds = {"read": parse.parse, "accept": clean.clean}

    def answer(task: dict[str, Any], _: bytes, say: Callable[[float, str], None]) -> tuple[Any, bytes]:
        return in_words(lambda: kinds[task["kind"]](task, say)), b""

    return answer


def in_words(work: Callable[[], Any]) -> Any:
    """The result of some work on a file.

    Args:
        work: Gives it.

    Raises:
        LimitError: The memory or the disk is full.
    """
    from lib.errors import LimitError

    try:
        return work()
    except MemoryError as error:
        raise LimitError(
            "The file needs more memory than is allowed.", "Upload a shorter period or fewer columns."
        ) from error
    except Exception as error:
        # From the system, or from DuckDB in its own words: the disk of temporary files or of the datasets.
        if not any(sign in str(error).lower() for sign in ("no space left", "quota exceeded")):
            raise
        raise LimitError(
            "The server's disk is full, so the file could not be taken in.",
            "Free some space there (temporary files count too), then try it again.",
        ) from error


if __name__ == "__main__":
    sys.path.insert(0, sys.argv[1])
    from lib.engine.worker import child

    child.serve(begin)
