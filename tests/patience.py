"""How long a test waits at most: an upper limit that a machine busy with other work keeps too. Waiting less is free."""

import time
from collections.abc import Callable
from typing import TypeVar

SECONDS = 120
MILLISECONDS = 1000 * SECONDS
T = TypeVar("T")


def until(look: Callable[[], T], pause: Callable[[float], object] = time.sleep) -> T:
    """What `look` finds as soon as that is true, or what it found last.

    Args:
        look: Asked again and again.
        pause: Called between two looks with the seconds to let pass.
    """
    end = time.monotonic() + SECONDS
    while not (found := look()) and time.monotonic() < end:
        pause(0.05)
    return found
