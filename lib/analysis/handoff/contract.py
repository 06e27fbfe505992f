"""What the handoff contract lacks or breaks, and how to mend it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from lib.analysis.events import event_names
from lib.analysis.handoff.before_after import of_handoff
from lib.analysis.handoff.sla import KEPT
from lib.analysis.handoff.state import State
from lib.analysis.verdict import Finding, Fix
from lib.engine.evidence.evidence import Fact, single


def parts(state: State) -> Iterator[Finding]:
    """What the contract lacks: criteria, a response time, a signal back."""
    if not state.main:
        return
    key, item = state.main
    name = {"handoff": item.name or event_names.event(item.event) or "The handoff"}
    if not item.entry or not item.exit:
        gap = " and ".join(word for word, value in (("entry", item.entry), ("exit", item.exit)) if not value)
        what = event_names.event(item.event) or "The event"
        entry = Fix(
            "Use a first wording",
            tuple(
                (f"handoffs/{key}/{part}", text)
                for part, value, text in (
                    ("entry", item.entry, f"{what} happened, and the person fits the agreed audience"),
                    (
                        "exit",
                        item.exit,
                        f"{item.to_owner} has picked the person up, or sent them back with a reason",
                    ),
                )
                if not value
            ),
        )
        yield Finding(
            "handoff_without_criteria",
            "medium",
            "{handoff} has no {gap} criteria.",
            "Without them the receiving team can always say that what arrived was not ready.",
            (key,),
            {**name, "gap": gap},
            (entry,),
        )
    if item.sla_hours is None:
        yield _no_sla(state, key, name)
    if not item.feedback:
        text = (
            f"Every week {item.to_owner} tells {item.from_owner} by channel how many were picked up, "
            "sent back and why, and reached the outcome"
        )
        yield Finding(
            "handoff_without_feedback",
            "medium",
            "{handoff} sends people one way: no signal flows back.",
            "Without it marketing keeps sending more of what does not convert.",
            (key,),
            name,
            (Fix("Agree on a weekly signal", ((f"handoffs/{key}/feedback", text),)),),
        )


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
    return (Fix(f"Promise {hours:.0f} hours", ((f"handoffs/{key}/sla_hours", hours),)),)


def _no_sla(state: State, key: str, name: Mapping[str, str]) -> Finding:
    return Finding(
        "handoff_without_sla",
        "medium",
        "{handoff} has no response time.",
        "Without a clock nobody is ever late, and people who wait give up unseen.",
        (key,),
        name,
        _promise(state, key, is_kept=False),
    )


def clock(state: State) -> Iterator[Finding]:
    """A promised response time that is not kept, and what can be done about it."""
    if not (state.contract and state.main and state.contract.verdict.code == "broken"):
        return
    key, _ = state.main
    facts = dict(state.contract.verdict.facts)
    fixes = _promise(state, key, is_kept=True)
    text = "The response time is not kept: {share} of {n} handoffs were picked up within {hours}."
    if not fixes and state.contract.waiting.rows:
        waiting = state.contract.waiting
        facts["never"] = waiting.fact(len(waiting.rows) - 1, "still_waiting", "percent")
        text += " {never} are never picked up, so no longer promise could be kept either."
    yield Finding(
        "sla_broken",
        "high",
        text,
        "People go cold while they wait. Find out who is never picked up and why, promise a time that can be kept, or "
        "hand over later, when fewer give up.",
        (key,),
        facts,
        (*fixes, *_work(state, key, are_lost=not fixes)),
        state.contract.summary,
    )


def _work(state: State, key: str, *, are_lost: bool) -> tuple[Fix, ...]:
    """What two people can do about it: an action on the channel that leaks most, a later place, no promise for now."""
    item, contract = state.workbook.handoffs[key], state.contract
    out: list[Fix] = []
    channels = contract.channels if contract else None
    worst = str(channels.rows[0][0]) if channels is not None and channels.rows else ""
    where = f" from {worst.replace('_', ' ')}" if worst else ""
    id = f"pick_up_{key}"
    if id not in state.workbook.actions or state.workbook.actions[id].done:
        due = (dt.date.fromisoformat(state.today) + dt.timedelta(days=14)).isoformat()
        text = f"Call ten people{where} who were handed over and never picked up: what stopped them?"
        out.append(
            Fix(
                f"{item.to_owner} asks ten of them in two weeks",
                (
                    (f"actions/{id}/text", text),
                    (f"actions/{id}/owner", item.to_owner),
                    (f"actions/{id}/due", due),
                    (f"actions/{id}/done", False),
                ),
            )
        )
    if are_lost:
        out += [
            fix for one in state.candidates if one.fix and one.status == "recommended" and (fix := one.fix)
        ][:1]
        out.append(Fix("Take the promise back for now", ((f"handoffs/{key}/sla_hours", None),)))
    return tuple(out)


def review(state: State) -> Iterator[Finding]:
    """The day on which the contract was to be looked at again has come: with what the data say since."""
    if state.main and state.main[1].review_on and state.main[1].review_on <= state.today:
        key, item = state.main
        agreed = single("Review", "Date agreed.", {"on": item.review_on})
        text = "The handoff was to be looked at again on {date}."
        facts: dict[str, Fact | str] = {"date": agreed.fact(0, "on", "date")}
        found = (
            of_handoff(state.contract, _date(item.agreed_on)) if state.contract and item.agreed_on else None
        )
        if found is not None:
            text += f" {found.verdict.template}"
            facts |= found.verdict.facts
        later = (dt.date.fromisoformat(state.today) + dt.timedelta(days=91)).isoformat()
        yield Finding(
            "review_due",
            "medium",
            text,
            "Rules that are never reviewed are the ones people stop following.",
            (key,),
            facts,
            (Fix("Reviewed: ask again in a quarter", ((f"handoffs/{key}/review_on", later),)),),
            found.table if found else None,
        )


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
