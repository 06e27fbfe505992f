"""Which rows of a customers table count: who pays, and whose dates can be right.

A row is not a paying customer because it is there. The rule reads what the file has (monthly revenue, plan, status)
and is told beside every number; a person may say that everybody in the file pays.
"""

from __future__ import annotations

from typing import Final

from lib.engine.datasets.dataset import Dataset
from lib.engine.query import literal

ANSWER: Final = "paying"  # id of a person's answer
BY_RULE, ALL = "rule", "all"
FREE_WORDS: Final = (
    "free",
    "freemium",
    "trial",
    "trialing",
    "test",
    "demo",
    "gratis",
    "kostenlos",
    "gratuit",
    "none",
)
ENDED_WORDS: Final = (
    "trial", "trialing", "in trial", "incomplete", "incomplete expired", "canceled", "cancelled", "churned", "expired",
    "inactive", "deleted", "unpaid", "ended", "lead", "prospect", "free",
)  # fmt: skip


def _words(column: str) -> str:
    """SQL of a text as words between single spaces."""
    bare = f"LOWER({column})"
    for sign in ("_", "-", "(", ")", "/"):
        bare = f"REPLACE({bare}, {literal(sign)}, ' ')"
    return f"(' ' || {bare} || ' ')"


def _is_free(column: str) -> str:
    """SQL: whether a plan's name is one that nobody pays for; "ad-free" is no such name."""
    words = _words(column)
    named = " OR ".join(f"{words} LIKE {literal(f'% {word} %')}" for word in FREE_WORDS)
    return f"(({named}) AND {words} NOT LIKE '% ad free %' AND {words} NOT LIKE '% risk free %')"


def pays(customers: Dataset) -> str:
    """SQL: whether a row of the customers table is one of somebody who pays or paid.

    The monthly revenue decides where a row has one, else its plan; a status that says trial, lead or ended without a
    day on which it ended is no customer either.
    """
    if customers.answers.get(ANSWER) == ALL:
        return "TRUE"
    tests = []
    is_free = f"COALESCE({_is_free('plan')}, FALSE)" if customers.has("plan") else "FALSE"
    if customers.has("mrr"):
        # What somebody who left pays today, nothing, does not say that they never paid.
        is_unknown = "mrr IS NULL"
        if customers.has("churn_date"):
            is_unknown += " OR (mrr = 0 AND churn_date IS NOT NULL)"
        tests.append(f"CASE WHEN {is_unknown} THEN NOT {is_free} ELSE mrr > 0 END")
    elif is_free != "FALSE":
        tests.append(f"NOT {is_free}")
    if customers.has("status"):
        listed = ", ".join(literal(word) for word in ENDED_WORDS)
        is_ended = f"COALESCE(TRIM({_words('status')}) IN ({listed}), FALSE)"
        left = "churn_date IS NOT NULL" if customers.has("churn_date") else "FALSE"
        tests.append(f"({left} OR NOT {is_ended})")
    return " AND ".join(tests) or "TRUE"


def is_possible(customers: Dataset) -> str:
    """SQL: whether the dates of a row can be right: nobody leaves before the sign-up or the first payment."""
    if not customers.has("churn_date"):
        return "TRUE"
    starts = [name for name in ("signup_date", "first_paid_date") if customers.has(name)]
    return " AND ".join(f"COALESCE(churn_date >= {name}, TRUE)" for name in starts) or "TRUE"


def words(customers: Dataset) -> str:
    """Who counts as paying, one or two sentences for a person; "" where every row does."""
    if customers.answers.get(ANSWER) == ALL:
        return "You said that everybody in the file pays."
    told = []
    if customers.has("mrr"):
        told.append("a monthly revenue above zero")
    if customers.has("plan"):
        told.append("a plan that is not free, a trial or a test")
    if customers.has("status"):
        told.append("a status that is not a trial, a lead or ended")
    return f"Who pays has {' and '.join(told)}." if told else ""


def started(customers: Dataset) -> str:
    """The day somebody became a customer: where first payments are in the file, whoever has none is not one yet."""
    return "first_paid_date" if customers.has("first_paid_date") else "signup_date"


def counts(customers: Dataset) -> str:
    """SQL: whether a row is a customer at all: somebody who pays, with dates that can be right."""
    return f"({pays(customers)}) AND ({is_possible(customers)})"
