"""Entry of the throw-away process: takes one task from stdin, says how it goes on stdout, and ends."""

import contextlib
import json
import os
import sys
from collections.abc import Callable
from typing import Any


def _limit(memory_mb: int, cpu_seconds: int, file_mb: int) -> None:
    """Caps that the operating system holds, set before any byte of the file is looked at."""
    try:
        import resource
    except ImportError:  # Windows has no such limits; the parent's time limit still holds
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_mb << 20, file_mb << 20))
    if sys.platform.startswith("linux"):
        resource.setrlimit(resource.RLIMIT_AS, (memory_mb << 20, memory_mb << 20))


def _say(whole: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(whole) + "\n")
    sys.stdout.flush()


class _NoPandas:
    """PyArrow loads pandas to look at any list it is given; nothing here is a data frame, and that takes half a second."""

    def find_spec(self, name: str, *_: object) -> None:
        if name == "pandas":
            raise ImportError("pandas is not needed here")


def main() -> None:
    """Run one task: {"kind": "read" | "accept", ...}."""
    with contextlib.suppress(AttributeError, OSError):
        os.nice(10)  # the server, and whoever answers there, comes first
    task = json.loads(sys.stdin.readline())
    limits = task["limits"]
    _limit(limits["memory_mb"], 2 * limits["timeout_seconds"], 2 * limits["max_unpacked_mb"])
    sys.path.insert(0, task["root"])
    sys.meta_path.insert(0, _NoPandas())

    from lib.engine.intake import clean
    from lib.engine.intake.readers import parse
    from lib.errors import UserError

    run = {"read": parse.parse, "accept": clean.clean}[task["kind"]]
    _say(
        outcome(
            lambda: run(task, lambda share, message: _say({"share": share, "message": message})), UserError
        )
    )


def outcome(work: Callable[[], Any], known: Any) -> dict[str, Any]:
    """What the parent is told at the end.

    Args:
        work: Gives the result.
        known: Kind of error that is in a person's words already.

    Raises:
        Exception: Nothing that a person can mend; the parent then speaks of a crash.
    """
    try:
        return {"result": work()}
    except known as error:
        return {"error": [type(error).__name__, error.problem, error.remedy]}
    except MemoryError:
        return {
            "error": [
                "LimitError",
                "The file needs more memory than is allowed.",
                "Upload a shorter period or fewer columns.",
            ]
        }
    except Exception as error:
        # From the system, or from DuckDB in its own words: the disk of temporary files or of the datasets.
        if not any(sign in str(error).lower() for sign in ("no space left", "quota exceeded")):
            raise
        return {
            "error": [
                "LimitError",
                "The server's disk is full, so the file could not be taken in.",
                "Free some space there (temporary files count too), then try it again.",
            ]
        }


if __name__ == "__main__":
    main()
