"""Where typed answers name a person, for the report of an erasure."""

from __future__ import annotations

import json
import re
from collections import Counter

from lib.workbook.store import Store


def mentions(store: Store, person: str) -> list[tuple[str, str, int]]:
    """(workbook, key, how often) of answers, current and earlier, that name an id where it stands alone.

    Args:
        store: The store.
        person: Their id.
    """
    named = re.compile(rf"(?<![\w.@-]){re.escape(person)}(?![\w@-])")
    found: Counter[tuple[str, str]] = Counter()
    for entry in [*store.entries(), *store.entries(deleted=True)]:
        for event in store.events(entry.id):
            said = f"{event.key}\n{event.author}\n{json.dumps(event.value, ensure_ascii=False)}"
            found[entry.name, event.key] += bool(named.search(said))
    return [(name, key, n) for (name, key), n in sorted(found.items()) if n]
