"""A child for tests: does what its task names."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any


def begin(options: Mapping[str, Any]) -> Callable[..., tuple[Any, bytes]]:
    """What answers a task, {"do": ...}."""
    import resource

    from lib.errors import FileError

    def answer(task: dict[str, Any], data: bytes, say: Callable[[float, str], None]) -> tuple[Any, bytes]:
        if task["do"] == "refuse":
            raise FileError("It is empty.", "Export it again.")
        if task["do"] == "sleep":
            say(0.5, "Sleeping")
            time.sleep(60)
        if task["do"] == "fork":
            child = subprocess.Popen(["sleep", "60"])
            say(child.pid, "Started")
            time.sleep(60)
        if task["do"] == "break":
            raise ZeroDivisionError("broken inside")
        if task["do"] == "lie":
            os.write(3, b"\xff" * 16)  # lengths that nobody can hold
        sys.stdout.write("noise between the answers\n")
        kinds = ("RLIMIT_CORE", "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_AS")
        limits = {kind: resource.getrlimit(getattr(resource, kind)) for kind in kinds}
        return {"options": options, "environment": dict(os.environ), "limits": limits}, data[::-1]

    return answer


if __name__ == "__main__":
    sys.path.insert(0, sys.argv[1])
    from lib.engine.worker import child as worker_child

    worker_child.serve(begin)
