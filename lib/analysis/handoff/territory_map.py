"""The handoff map as plain data: two territories, the stages in them and every crossing. Pages and decks draw this."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from lib.analysis.events.journey import StageFlow
from lib.analysis.handoff import ownership, words
from lib.analysis.handoff import words_measured as measured_words
from lib.analysis.handoff.ownership import WORDS, Territory, territory
from lib.engine.evidence import formats
from lib.engine.evidence.evidence import Evidence, Fact
from lib.framework import metric_kinds
from lib.workbook.model import Handoff, JourneyStage, Owns, Workbook

NO_OWNER, TWO_OWNERS = "No owner", "Two owners, nobody accountable"


@dataclass(frozen=True)
class MapStage:
    """One stage as it is drawn.

    Attributes:
        id: Stage id.
        name: Its name.
        territory: process | outcome | shared | other | unassigned.
        territory_text: The territory in words (colour is never alone).
        owners: Owners in words; "" for none.
        marks: Warnings in words: no owner, two owners.
        window_text: How soon the next stage counts for `step_conversion`, in words.
        order_mark: That most people walk from it in another order than it is drawn, in words; else "".
        volume: People who reached it, or None without data.
        step_conversion: Share who reach the next stage, or None.
        hours: Median time to the next stage, or None.
    """

    id: str
    name: str
    territory: Territory
    territory_text: str
    owners: str
    marks: tuple[str, ...] = ()
    volume: Fact | None = None
    step_conversion: Fact | None = None
    hours: Fact | None = None
    window_text: str = ""
    order_mark: str = ""


@dataclass(frozen=True)
class MapCrossing:
    """A place where responsibility passes, drawn between two stages.

    Attributes:
        id: Handoff id; "" where owners change and no handoff is agreed.
        from_stage, to_stage: Stage ids, neighbours on the map.
        name: What it is called.
        rule: The rule in words; "" without one.
        from_owner, to_owner: Who passes and who receives.
        is_main: The handoff the map is drawn around.
        is_agreed: Whether there is a handoff at all.
        missing: What its contract lacks, in words.
    """

    id: str
    from_stage: str
    to_stage: str
    name: str
    rule: str
    from_owner: str
    to_owner: str
    is_main: bool
    is_agreed: bool
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class TerritoryMap:
    """The whole map.

    Attributes:
        stages: In journey order.
        crossings: In journey order.
        is_proposed: The stages are a proposal from the events, not yet the team's own.
        alt: The map in words, for people who cannot see it.
    """

    stages: tuple[MapStage, ...]
    crossings: tuple[MapCrossing, ...]
    is_proposed: bool
    alt: str

    def crossing_before(self, stage: str) -> tuple[MapCrossing, ...]:
        """Crossings that lead into a stage."""
        return tuple(item for item in self.crossings if item.to_stage == stage)


def missing_parts(handoff: Handoff) -> tuple[str, ...]:
    """What a handoff's contract lacks, in words."""
    parts = {
        "rule": handoff.event,
        "entry criteria": handoff.entry,
        "exit criteria": handoff.exit,
        "response time": handoff.sla_hours,
        "feedback signal": handoff.feedback,
        "escalation": handoff.escalation,
        "review date": handoff.review_on,
    }
    return tuple(name for name, value in parts.items() if value in ("", None))


def ends(handoff: Handoff, stages: Sequence[tuple[str, JourneyStage]]) -> tuple[str, str]:
    """The two neighbouring stages a handoff lies between; ("", "") when that cannot be told."""
    keys = [key for key, _ in stages]
    holding = next((index for index, (_, stage) in enumerate(stages) if handoff.event in stage.events), -1)
    if handoff.event and holding > 0:  # what the rule says goes before what was once typed in
        return keys[holding - 1], keys[holding]
    if handoff.to_stage in keys and keys.index(handoff.to_stage) > 0:
        return keys[keys.index(handoff.to_stage) - 1], handoff.to_stage
    if handoff.from_stage in keys[:-1]:
        return handoff.from_stage, keys[keys.index(handoff.from_stage) + 1]
    return ("", "")


def _stage(
    workbook: Workbook,
    key: str,
    stage: JourneyStage,
    flows: Mapping[str, StageFlow],
    table: Evidence | None,
    wait_format: str,
) -> MapStage:
    owns = workbook.owns.get(key, Owns())
    agreed = ownership.agreed(owns)
    where = territory(workbook, stage.owners or ((agreed,) if agreed else ()))
    marks = _marks(where, has_two=key in workbook.stages and _is_owned_twice(stage, owns))
    name, owners = stage.name or key, " and ".join(stage.owners) or agreed
    measured = _measured(key, flows, table, wait_format)
    turned = measured_words.OTHER_ORDER.text if key in flows and flows[key].is_contradicted else ""
    days = formats.write(dict(table.params)["window_days"], "days") if table and measured else ""
    within = f"within {days}" if days else ""
    drawn = MapStage(key, name, where, WORDS[where], owners, marks, window_text=within, order_mark=turned)
    return replace(drawn, **measured)


def _is_owned_twice(stage: JourneyStage, owns: Owns) -> bool:
    return len(stage.owners) > 1 and owns.resolved not in stage.owners


def _marks(where: str, *, has_two: bool) -> tuple[str, ...]:
    """What is wrong with who owns a stage."""
    if where == metric_kinds.UNASSIGNED:
        return (NO_OWNER,)
    return (TWO_OWNERS,) if has_two else ()


def _measured(
    key: str, flows: Mapping[str, StageFlow], table: Evidence | None, wait_format: str
) -> dict[str, Fact]:
    """What the data say about a stage, by the fields of a `MapStage`."""
    flow = flows.get(key)
    if flow is None or table is None:
        return {}
    row = list(flows).index(key)  # the table has one row per flow, in order
    facts = {"volume": table.fact(row, "people", "count")}
    if flow.is_contradicted:
        return facts  # no rate of an order that most people do not walk
    if flow.mature:
        facts["step_conversion"] = table.fact(row, "step_conversion_rate", "percent")
    if flow.moved_on:
        facts["hours"] = table.fact(row, "median_hours", wait_format)
    return facts


def _side(workbook: Workbook, stage: MapStage) -> Territory:
    """Who answers for a stage: where two share it, the side of the one they agreed on."""
    agreed = ownership.agreed(workbook.owns.get(stage.id, Owns()))
    return (
        territory(workbook, [agreed])
        if agreed and stage.territory == metric_kinds.SHARED
        else stage.territory
    )


def _crossings(
    workbook: Workbook,
    stages: Sequence[tuple[str, JourneyStage]],
    drawn: Sequence[MapStage],
    rules: Mapping[str, str],
    is_proposed: bool,
) -> tuple[MapCrossing, ...]:
    agreed = _agreed(workbook, stages, rules)
    found: list[MapCrossing] = []
    for left, right in pairwise(drawn):
        here = agreed.get((left.id, right.id), [])
        if not here and not is_proposed and _owners_change(workbook, left, right):
            here = [_unagreed(left, right)]
        found += here
    return tuple(found)


def _agreed(
    workbook: Workbook, stages: Sequence[tuple[str, JourneyStage]], rules: Mapping[str, str]
) -> dict[tuple[str, str], list[MapCrossing]]:
    """The workbook's handoffs by the two stages they lie between."""
    main = workbook.main_handoff()
    found: dict[tuple[str, str], list[MapCrossing]] = {}
    for key, handoff in workbook.handoffs.items():
        pair = ends(handoff, stages)
        item = MapCrossing(
            key,
            *pair,
            name=handoff.name or "Handoff",
            rule=rules.get(key, handoff.event),
            from_owner=handoff.from_owner,
            to_owner=handoff.to_owner,
            is_main=main is not None and main[0] == key,
            is_agreed=True,
            missing=missing_parts(handoff),
        )
        found.setdefault(pair, []).append(item)
    return found


def _owners_change(workbook: Workbook, left: MapStage, right: MapStage) -> bool:
    """Whether two neighbours, each somebody's, lie on different sides."""
    is_known = "unassigned" not in (left.territory, right.territory)
    return is_known and _side(workbook, left) != _side(workbook, right)


def _unagreed(left: MapStage, right: MapStage) -> MapCrossing:
    return MapCrossing(
        id="",
        from_stage=left.id,
        to_stage=right.id,
        name=words.NOTHING_AGREED.text,
        rule="",
        from_owner=left.owners,
        to_owner=right.owners,
        is_main=False,
        is_agreed=False,
    )


def territory_map(
    workbook: Workbook,
    stages: Sequence[tuple[str, JourneyStage]],
    flows: Mapping[str, StageFlow],
    table: Evidence | None,
    *,
    rules: Mapping[str, str],
    is_proposed: bool,
    wait_format: str = "hours",
) -> TerritoryMap:
    """Put the map together.

    Args:
        workbook: Handoffs, owners, agreements.
        stages: (id, stage) in journey order.
        flows: What the data say per stage; empty without data.
        table: The evidence of the flows.
        rules: Handoff id -> rule in words.
        is_proposed: Whether the stages are a proposal.
        wait_format: How a time between two stages is written.
    """
    drawn = tuple(_stage(workbook, key, stage, flows, table, wait_format) for key, stage in stages)
    crossings = _crossings(workbook, stages, drawn, rules, is_proposed)
    return TerritoryMap(drawn, crossings, is_proposed, _alt(drawn, crossings))


def _further(stage: MapStage) -> str:
    """How many go on from a stage, or that most walk it in another order."""
    if stage.order_mark:
        return f", {stage.order_mark.lower()}"
    if not stage.step_conversion:
        return ""
    return words.MAP_FURTHER.write(rate=stage.step_conversion, window=stage.window_text)


def _alt(stages: Sequence[MapStage], crossings: Sequence[MapCrossing]) -> str:
    """The map in words."""
    if not stages:
        return words.NO_MAP.text
    parts = []
    for number, stage in enumerate(stages, start=1):
        parts += [_said(item) for item in crossings if item.to_stage == stage.id]
        parts.append(
            words.MAP_STAGE.write(
                number=str(number),
                name=stage.name,
                owners=stage.owners or "no owner",
                volume=words.MAP_VOLUME.write(n=stage.volume) if stage.volume else "",
                further=_further(stage),
            )
        )
    return " ".join(parts)


def _said(item: MapCrossing) -> str:
    """A crossing in words."""
    word = "Handoff" if item.is_agreed else "Crossing without agreement"
    word = "Main handoff" if item.is_main else word
    when = words.MAP_WHEN.write(rule=item.rule) if item.rule else ""
    sides = {"giver": item.from_owner or "nobody", "taker": item.to_owner or "nobody"}
    return words.MAP_CROSSING.write(kind=word, **sides, when=when)
