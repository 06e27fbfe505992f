"""Which contract a file fulfils, and how its columns fit; the contracts themselves are in `terms`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from lib.engine.contracts import meaning
from lib.engine.contracts.contract_schema import (
    Contract,
    ContractColumn,
    Recipe,
    check_mapping,
    choose,
    contracts,
    normal,
    template,
)
from lib.engine.contracts.metric_names import is_nameless, name_of_file
from lib.engine.contracts.proposal import ContractProposal, of_kinds, open_questions, proposal
from lib.engine.intake.model import RawColumn, Reading
from lib.engine.intake.values import patterns, time_zones, value_kinds
from lib.framework import slots

__all__ = [
    "Contract",
    "ContractColumn",
    "ContractProposal",
    "Recipe",
    "check_mapping",
    "choose",
    "contracts",
    "normal",
    "open_questions",
    "propose",
    "recognise",
    "template",
]


def _by_name(contract: Contract, reading: Reading) -> tuple[dict[str, str], dict[str, str], float]:
    """Mapping by names, its reasons, and how sure it is."""
    names: dict[str, str] = {}
    for header in reading.headers:
        names.setdefault(normal(header), header)
    mapping: dict[str, str] = {}
    reasons: dict[str, str] = {}
    certainty = 0.0
    for column in contract.columns:
        fitting = {name: header for name, header in names.items() if _fits(column, reading.column(header))}
        found, weight, reason = _match(column, fitting, set(mapping.values()))
        if found:
            mapping[column.name], reasons[column.name] = found, reason
            certainty += weight * (2 if column.required else 0.5)
    return mapping, reasons, certainty


def _match(column: ContractColumn, names: Mapping[str, str], used: set[str]) -> tuple[str, float, str]:
    """The free header that fits a column best by its name, how sure that is, and why; "" for none."""
    free = {name: header for name, header in names.items() if header not in used}
    if column.name in free:
        return free[column.name], 1.0, "the same name"
    alias = next((alias for alias in column.aliases if alias in free), "")
    if alias:
        return free[alias], 0.9, f"“{free[alias]}” is a usual name for it"
    like = (
        header for pattern in column.patterns for name, header in free.items() if re.search(pattern, name)
    )
    found = next(like, "")
    return (found, 0.6, f"“{found}” sounds like it") if found else ("", 0.0, "")


def _fits(column: ContractColumn, raw: RawColumn) -> bool:
    """Whether the column's values could be of the wanted type at all."""
    is_named = normal(raw.header) in (column.name, *column.aliases)
    if column.repeats and not is_named and (raw.is_unique or meaning.by_name(raw.header)[0] == "never"):
        return False
    if not raw.examples or column.type == "text":
        return True
    guess = value_kinds.for_target(raw.examples, column.type)
    if column.type == "boolean":
        return all(re.match(patterns.BOOLEAN, value) for value in raw.examples)
    return guess.share >= 0.5 and (
        column.type not in ("number", "integer") or raw.kind not in ("date", "timestamp")
    )


def _names(reading: Reading) -> dict[str, str]:
    """Headers by their normal form, and by what is left of it without a zone, without what it belongs to, in one word."""
    names = {normal(header): header for header in reversed(reading.headers)}
    for header in reading.headers:
        zone = time_zones.of_header(header)
        bare = re.sub(rf"[ _(\[]+{zone}[)\]]?$", "", header, flags=re.IGNORECASE) if zone else header
        owner, _, name = bare.partition(": ")
        bare = name if name and owner in ("Opportunity", "Deal", "Contact") else bare
        for key in (normal(bare), normal(bare).replace("_", "")):
            names.setdefault(key, header)
    return names


def _alternatives(source: str, names: Mapping[str, str]) -> list[str]:
    """Headers that a recipe's "A | B | C (*)" names, in its order; (*) stands for any currency."""
    found: list[str] = []
    for option in source.split("|"):
        name = normal(option)
        if option.rstrip().endswith("(*)"):
            found += [header for key, header in names.items() if re.fullmatch(rf"{name}_[a-z]{{3}}", key)]
        else:
            found += [names[key] for key in (name, name.replace("_", "")) if key in names][:1]
    return found


def _alternative(source: str, names: Mapping[str, str], reading: Reading, *, required: bool) -> str:
    """The header to read: one that says something, and for a required column the one that says most."""
    if source.startswith("="):
        return source
    found = [reading.column(header) for header in _alternatives(source, names)]
    if required:  # a tool's own user_id is empty until somebody signs in, its device's identifier never
        return min(found, key=lambda c: c.missing).header if found else ""
    said = (c.header for c in found if c.missing < reading.accounting.accepted)
    return next(said, found[0].header if found else "")


def _recipe(contract: Contract, recipe: Recipe, reading: Reading) -> ContractProposal | None:
    names = _names(reading)
    if not _has_form(recipe, names):
        return None
    read_from = {
        name: _alternative(source, names, reading, required=name in contract.required)
        for name, source in recipe.mapping.items()
    }
    mapping = {name: source for name, source in read_from.items() if source}
    named, why, _ = _by_name(contract, reading)
    # What an export lets people name themselves (survey questions, own properties) is found as in any other file.
    further = {n: s for n, s in named.items() if n not in recipe.mapping and s not in mapping.values()}
    reasons = {name: why[name] for name in further} | _recipe_reasons(recipe, mapping)
    score = min(0.99, 0.93 + 0.005 * len(recipe.requires))
    return proposal(contract, reading, recipe.title, score, further | mapping, reasons)


def _has_form(recipe: Recipe, names: Mapping[str, str]) -> bool:
    """Whether a file has all the columns an export must have, and none that makes it another table."""
    is_other = any(normal(header) in names for header in recipe.without)
    return not is_other and all(_alternatives(header, names) for header in recipe.requires)


def _recipe_reasons(recipe: Recipe, mapping: Mapping[str, str]) -> dict[str, str]:
    reasons = {
        name: f"{recipe.title} holds nothing else"
        if source.startswith("=")
        else f"{recipe.title} calls it “{source}”"
        for name, source in mapping.items()
    }
    whole = f"It has the columns of {recipe.title}."
    return reasons | {"": f"{whole} {recipe.note}" if recipe.note else whole}


def _periods_across(reading: Reading, reasons: Mapping[str, str]) -> ContractProposal | None:
    """A metric a row, a period a column."""
    periods = [c.header for c in reading.columns if value_kinds.guess_date([c.header], numeric=False)]
    names = [c.header for c in reading.columns if c.kind == "text" and c.header not in periods]
    if len(periods) < max(3, len(reading.columns) - 3) or not names:
        return None
    why = {**reasons, "metric": "the other columns are named by periods"}
    return proposal(contracts()[slots.METRICS_WIDE], reading, "", 0.8, {"metric": names[0]}, why)


def _metrics_across(
    reading: Reading, mapping: Mapping[str, str], reasons: Mapping[str, str]
) -> ContractProposal:
    """A period a row, a metric a column."""
    wide = contracts()[slots.METRICS_WIDE]
    mapping, reasons = dict(mapping), dict(reasons)
    numbers = _numbers(reading, mapping)
    if "date" not in mapping:
        dates = [c.header for c in of_kinds(reading, "date", "timestamp")]
        if not dates:
            return proposal(wide, reading, "", 0.0, mapping, reasons)
        mapping["date"] = dates[0]
        reasons["date"] = f"the {'only' if len(dates) == 1 else 'first'} column of dates"
    if "segment" not in mapping and (parts := _parts(reading, mapping["date"])):
        mapping["segment"], reasons["segment"] = parts, "each date stands once for each of its values"
    reasons[""] = f"{len(numbers)} columns of numbers stand beside a date."
    others = len(reading.columns) - len(mapping)
    share = len(numbers) / others if others else 0.0
    certainty = 0.35 + 0.3 * share + (0.1 if reading.column(mapping["date"]).is_unique else 0.0)
    return proposal(wide, reading, "", certainty if numbers else 0.0, mapping, reasons)


def _numbers(reading: Reading, mapping: Mapping[str, str]) -> list[RawColumn]:
    """The columns of numbers that are free and no identifiers."""
    free = [c for c in of_kinds(reading, "integer", "number") if c.header not in mapping.values()]
    return [column for column in free if meaning.by_name(column.header)[0] != "never"]


def _parts(reading: Reading, date: str) -> str:
    """The column of text that tells the rows of one date apart, "" where no single one does."""
    at = reading.headers.index(date)
    if reading.column(date).is_unique or len(reading.head) < 4:
        return ""
    for column in of_kinds(reading, "text"):
        index = reading.headers.index(column.header)
        pairs = [(row[at], row[index]) for row in reading.head]
        if len(set(pairs)) == len(pairs) and 1 < len({part for _, part in pairs}) <= len(pairs) / 2:
            return column.header
    return ""


def _says_outcome(contract: Contract, reading: Reading, mapping: Mapping[str, str]) -> bool:
    """Whether a column that only sounds like a state holds one of the states that the contract knows."""
    for column in contract.columns:
        header = mapping.get(column.name, "")
        if not (column.values and column.otherwise and header) or re.search("deal|opp", normal(header)):
            continue
        index = reading.headers.index(header)
        cells = [str(row[index]).lower() for row in reading.head if row[index]]
        if cells and not any(re.search(v["pattern"], cell) for cell in cells for v in column.values):
            return False
    return True


def _named(contract: Contract, reading: Reading) -> ContractProposal:
    mapping, reasons, certainty = _by_name(contract, reading)
    if contract.id == slots.METRICS_WIDE:
        mapping.pop("metric", None)
        return _periods_across(reading, reasons) or _metrics_across(reading, mapping, reasons)
    if contract.id == slots.METRICS_LONG and (single := _single_metric(contract, reading, mapping)):
        return single
    most = sum(2.0 if c.required else 0.5 for c in contract.columns)
    needed = sum(2.0 for c in contract.columns if c.required)
    score = 0.9 * min(1.0, certainty / max(needed, 1)) * 0.8 + 0.2 * certainty / most
    if contract.id == slots.SURVEY and not {"nps_score", "pmf_answer", "csat_score"} & mapping.keys():
        score /= 2  # a list of people with neither answer is hardly a survey
    if not _says_outcome(contract, reading, mapping):
        score /= 2  # payments and orders have a status too
    return proposal(contract, reading, "", min(0.92, score), mapping, reasons)


def _single_metric(
    contract: Contract, reading: Reading, mapping: Mapping[str, str]
) -> ContractProposal | None:
    """A date and one number whose header says nothing: the metric has the file's name, or its name is asked."""
    numbers = of_kinds(reading, "integer", "number")
    dates = (
        [mapping["date"]] if "date" in mapping else [c.header for c in of_kinds(reading, "date", "timestamp")]
    )
    if "metric" in mapping or len(numbers) != 1 or not dates or not is_nameless(numbers[0].header):
        return None
    name = name_of_file(reading.name)
    found = {**mapping, "date": dates[0], "value": numbers[0].header, "metric": f"={name}"}
    reasons = {
        "date": "the column of dates",
        "value": "the only column of numbers",
        "metric": "the name of the file",
        "": "One number a date. "
        + (f"It is called “{name}”, as the file." if name else "Say what it is called."),
    }
    return replace(proposal(contract, reading, "", 0.8, found, reasons), score=0.8)  # only its name is open


def _nameless(reading: Reading) -> ContractProposal | None:
    """A file without a header whose columns look like purchases: who, when, how much."""
    dates, numbers = of_kinds(reading, "date", "timestamp"), of_kinds(reading, "number")
    repeated = [column for column in of_kinds(reading, "text", "integer") if not column.is_unique]
    if reading.has_header or not dates or not repeated:
        return None
    mapping = {
        "user_id": repeated[0].header,
        "event": "=purchase" if numbers else "=event",
        "timestamp": dates[0].header,
    }
    reasons = {
        "user_id": "the first column with repeated values that could be identifiers",
        "timestamp": "the only column of dates",
        "event": "no column holds names of events, so every row is one",
        "": "Check what each column holds.",
    }
    if numbers:
        mapping["revenue"], reasons["revenue"] = numbers[-1].header, "a column of amounts with decimals"
    return proposal(contracts()[slots.EVENTS], reading, "", 0.6, mapping, reasons)


def recognise(reading: Reading) -> list[ContractProposal]:
    """Every contract with how well the file fits it, best first.

    Args:
        reading: From `intake.read`.
    """
    found: list[ContractProposal] = []
    for contract in contracts().values():
        options = [
            _named(contract, reading),
            *(_recipe(contract, recipe, reading) for recipe in contract.recipes),
        ]
        found.append(max((p for p in options if p), key=lambda p: p.score))
    nameless = _nameless(reading)
    if nameless:
        found = [nameless if p.contract == slots.EVENTS and p.score < nameless.score else p for p in found]
    return sorted(found, key=lambda p: (-p.score, len(p.missing)))


def propose(reading: Reading, contract: str) -> ContractProposal:
    """The best proposal for a given contract id or slot."""
    slot = re.sub(r"-\d+$", "", contract)
    options: Sequence[ContractProposal] = [p for p in recognise(reading) if slot in (p.slot, p.contract)]
    if not options:
        choose(contract, {})
    return options[0]
