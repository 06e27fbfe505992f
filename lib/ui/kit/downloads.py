"""Files made on click stay long enough to be fetched.

Streamlit stores such a file without saying whose it is, and after every run of anybody it sweeps out what is nobody's: the
first sweep marks the file, the next deletes it. While fifty people save, both come before the browser asks for its
deck, which then is not found.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable

from streamlit import runtime

SWEEP_SECONDS = 60.0


@functools.cache
def limit_sweeps() -> None:
    """Have the server sweep at most once in KEPT_SECONDS; asked by every run, done once."""
    if runtime.exists():
        manager = runtime.get_instance().media_file_mgr
        manager.remove_orphaned_files = seldom(manager.remove_orphaned_files)


def seldom(sweep: Callable[[], None], every: float = SWEEP_SECONDS) -> Callable[[], None]:
    """A sweep that does nothing until some time after the last one.

    Args:
        sweep: What is done seldom.
        every: Seconds between two.
    """
    lock = threading.Lock()
    last = time.monotonic()

    def run() -> None:
        nonlocal last
        with lock:
            now = time.monotonic()
            if now - last < every:
                return
            last = now
        sweep()

    return run
