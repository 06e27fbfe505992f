"""Channel names: what every export calls them, and the one name the workbook uses.

A workbook keeps alias -> canonical name under `channels/<alias>`. Analyses that join spend, customers and events put
`case(...)` where they read the channel, so that "fb", "facebook / cpc" and "Paid Social" are one channel everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lib.engine import query
from lib.engine.datasets.dataset import Dataset
from lib.engine.evidence.evidence import Evidence
from lib.engine.query import literal

CANONICAL = (
    "organic", "paid_search", "paid_social", "display", "email", "referral", "partner", "affiliate", "direct",
    "organic_social", "content", "webinar", "event", "outbound", "video", "offline", "other",
)  # fmt: skip
_SOCIAL = "facebook|instagram|linkedin|twitter|tiktok|youtube|reddit|pinterest|snapchat|meta|fb|ig|x"
_SEARCH = "google|bing|baidu|microsoft|yahoo|duckduckgo|ecosia"
_PAID = "ads?|cpc|cpm|paid|ppc|adwords|paid social|paid search|sponsored|business"
# The first that fits wins, so the narrow ones come first. Written for lower case words split by single spaces.
_RULES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("direct", (r"^(direct( none| traffic)?|direkt(zugriff|zugriffe)?|directo|none|type in)$",)),
    (
        "organic_social",
        (
            r"organic social",
            r"^social( media| network)?$",
            r"^soziale? (medien|netzwerke?)$",
            rf"^({_SOCIAL}) (organic|social|referral|post)",
        ),
    ),
    ("affiliate", (r"affiliat",)),
    ("partner", (r"partner|reseller|integration|marketplace",)),
    ("display", (r"display|banner|programmatic|gdn|dv360|criteo|retarget|remarket",)),
    ("video", (r"^youtube (ads?|cpv|paid)|paid video|^video$|ctv",)),
    ("paid_social", (r"paid social|^social (paid|cpc|ads?)", rf"^({_SOCIAL})( ({_PAID}))*$")),
    (
        "paid_search",
        (
            r"paid search|^search (paid|ads?|cpc)",
            rf"^({_SEARCH}) ({_PAID})",
            r"adwords|apple search ads|bezahlte suche|suchanzeigen",
        ),
    ),
    ("paid_search", (r"^(sem|ppc|cpc|paid|google ?ads|gads)$",)),
    ("organic", (r"organi(c|sch)|^organique|natural search|^seo$", rf"^({_SEARCH})$")),
    ("email", (r"e ?mail|newsletter|mailchimp|klaviyo|drip|^crm$",)),
    ("webinar", (r"webinar",)),
    ("event", (r"^events?$|trade ?show|conference|field marketing|meetup",)),
    ("outbound", (r"outbound|cold (call|mail|outreach)|^(sdr|bdr)|sales (prospect|sourced)",)),
    ("referral", (r"refer|word of mouth|^wom$|invite|recommend|empfehl|^verweis",)),
    ("content", (r"content|blog|podcast|^pr$|press|whitepaper",)),
    ("offline", (r"offline|^print|^radio|^tv$|direct mail|billboard|^ooh$",)),
    ("other", (r"^(other|unassigned|unknown|not set|n a|cross network)$",)),
)


def suggest(alias: str) -> str:
    """The canonical name an alias most likely means; the alias in snake_case when nothing is known.

    >>> [suggest(a) for a in ("fb", "facebook / cpc", "Paid Social", "google / organic", "Partner Program")]
    ['paid_social', 'paid_social', 'paid_social', 'organic', 'partner']
    """
    plain = re.sub(r"[^a-z0-9]+", " ", alias.lower()).strip()
    if plain.replace(" ", "_") in CANONICAL:
        return plain.replace(" ", "_")
    for name, patterns in _RULES:
        if any(re.search(pattern, plain) for pattern in patterns):
            return name
    return plain.replace(" ", "_") or "other"


def used(channels: Mapping[str, Any]) -> dict[str, str]:
    """The aliases of a workbook that say something, as text."""
    return {
        alias: name
        for alias, name in channels.items()
        if isinstance(name, str) and name.strip() and name != alias
    }


def case(column: str, channels: Mapping[str, Any]) -> str:
    """SQL for the canonical channel of a column: the one way in which every analysis reads channels.

    Upper case and spaces around a name do not make another channel.

    Args:
        column: The column as SQL, e.g. `channel` or `e.channel`.
        channels: `workbook.channels`.

    >>> case("channel", {"FB": "paid_social"})
    "CASE LOWER(TRIM(channel)) WHEN 'fb' THEN 'paid_social' ELSE LOWER(TRIM(channel)) END"
    """
    plain = f"LOWER(TRIM({column}))"
    named = {alias.strip().lower(): name for alias, name in sorted(used(channels).items())}
    pairs = " ".join(
        f"WHEN {literal(alias)} THEN {literal(name)}" for alias, name in named.items() if alias != name
    )
    return f"CASE {plain} {pairs} ELSE {plain} END" if pairs else plain


def found(data: Mapping[str, Dataset]) -> Evidence | None:
    """Every channel name of every table, with rows; None when no table has channels.

    Args:
        data: Slot -> dataset.
    """
    having = {slot: dataset for slot, dataset in data.items() if dataset.has("channel")}
    if not having:
        return None
    parts = [
        f"SELECT channel AS alias, {literal(slot)} AS slot, count(*) AS row_count FROM {query.quote(slot)} "
        f"WHERE channel IS NOT NULL GROUP BY channel"
        for slot in having
    ]
    sql = " UNION ALL ".join(parts) + " ORDER BY 1, 2"
    return query.evidence(
        "Channel names", "Every value of the channel column of each table, with its rows.", sql, having
    )
