"""What the handoff contract lacks or breaks, and how to mend it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from lib.analysis.events import event_names
from lib.analysis.handoff import words
from lib.analysis.handoff.before_after import of_handoff, with_review
from lib.analysis.handoff.sla import KEPT
from lib.analysis.handoff.state import State
from lib.analysis.verdict import Finding, Fix, answers
from lib.engine.calendar import iso_day
from lib.engine.evidence.evidence import single
from lib.workbook.model import Handoff


def parts(state: State) -> Iterator[Finding]:
    """What the contract lacks: criteria, a response time, a signal back."""
    if not state.main:
        return
    key, item = state.main
    name = {"handoff": item.name or event_names.event(item.event) or words.THE_HANDOFF.text}
    gaps = [part for part in words.FIRST_CRITERIA if not getattr(item, part)]
    if gaps:
        facts = {**name, "gap": " and ".join(gaps)}
        yield words.NO_CRITERIA.finding(facts, [key], [_first_wording(key, item, gaps)])
    if item.sla_hours is None:
        yield words.NO_RESPONSE_TIME.finding(name, [key], _promise(state, key, is_kept=False))
    if not item.feedback:
        text = words.FIRST_FEEDBACK.write(taker=item.to_owner, giver=item.from_owner)
        signal = words.WEEKLY_SIGNAL.fix(*answers("handoffs", key, feedback=text))
        yield words.NO_FEEDBACK.finding(name, [key], [signal])


def _first_wording(key: str, item: Handoff, gaps: Sequence[str]) -> Fix:
    """Entry and exit criteria to start from, where they are missing."""
    event = event_names.event(item.event) or words.THE_EVENT.text
    criteria = {part: words.FIRST_CRITERIA[part].write(event=event, taker=item.to_owner) for part in gaps}
    return words.FIRST_WORDING.fix(*answers("handoffs", key, **criteria))


def _promise(state: State, key: str, *, is_kept: bool) -> tuple[Fix, ...]:
    """A response time from what happens today, in whole days: four of five handoffs are picked up within it.

    Where so many are never picked up that no time would do, a first promise covers four of five of those who are; it
    is not offered in place of a broken one (`is_kept`), because it would be broken too.
    """
    rows = state.contract.waiting.records() if state.contract else []
    lost = rows[-1]["still_waiting"] if rows else 1.0
    if len(rows) < 2 or (is_kept and lost > 1 - KEPT):
        return ()
    enough = 1 - KEPT if lost <= 1 - KEPT else 1 - KEPT * (1 - lost)
    seen = next(row["hours"] for row in rows if row["still_waiting"] <= enough)
    hours = max(24.0, -(-seen // 24) * 24)
    return (words.PROMISE.fix(*answers("handoffs", key, sla_hours=hours), hours=f"{hours:.0f}"),)


def clock(state: State) -> Iterator[Finding]:
    """A promised response time that is not kept, and what can be done about it."""
    if not (state.contract and state.main and state.contract.verdict.code == "broken"):
        return
    key, _ = state.main
    facts = dict(state.contract.verdict.facts)
    fixes = _promise(state, key, is_kept=True)
    said, waiting = words.BROKEN, state.contract.waiting
    if not fixes and waiting.rows:
        facts["never"] = waiting.fact(len(waiting.rows) - 1, "still_waiting", "percent")
        said = words.BROKEN_FOR_GOOD
    work = _work(state, key, are_lost=not fixes)
    yield said.finding(facts, [key], [*fixes, *work], state.contract.summary)


def _work(state: State, key: str, *, are_lost: bool) -> tuple[Fix, ...]:
    """What two people can do about it: an action on the channel that leaks most, a later place, no promise for now."""
    item, contract = state.workbook.handoffs[key], state.contract
    out: list[Fix] = []
    channels = contract.channels if contract else None
    worst = str(channels.rows[0][0]) if channels is not None and channels.rows else ""
    where = words.FROM_CHANNEL.write(channel=worst.replace("_", " ")) if worst else ""
    id = f"pick_up_{key}"
    if id not in state.workbook.actions or state.workbook.actions[id].done:
        ask = answers(
            "actions",
            id,
            text=words.CALL_TEN.write(where=where),
            owner=item.to_owner,
            due=_later(state, 14),
            done=False,
        )
        out.append(words.ASK_TEN.fix(*ask, taker=item.to_owner))
    if are_lost:
        out += [one.fix for one in state.candidates if one.fix and one.status == "recommended"][:1]
        out.append(words.TAKE_BACK.fix(*answers("handoffs", key, sla_hours=None)))
    return tuple(out)


def _later(state: State, days: int) -> str:
    return (dt.date.fromisoformat(state.today) + dt.timedelta(days=days)).isoformat()


def review(state: State) -> Iterator[Finding]:
    """The day on which the contract was to be looked at again has come: with what the data say since."""
    if state.main and state.main[1].review_on and state.main[1].review_on <= state.today:
        key, item = state.main
        agreed = single(words.REVIEW_TABLE.text, words.REVIEW_TABLE.means, {"on": item.review_on})
        again = words.REVIEWED.fix(*answers("handoffs", key, review_on=_later(state, 91)))
        made = words.REVIEW_DUE.finding({"date": agreed.fact(0, "on", "date")}, [key], [again])
        yield with_review(
            made, of_handoff(state.contract, iso_day(item.agreed_on)) if state.contract else None
        )
