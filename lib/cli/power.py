"""How many people a test needs, or what it could see in the weeks at hand."""

from __future__ import annotations

import argparse
import math
from typing import Any

from lib.analysis.experiments import minimum_detectable_effect, sample_size_mean
from lib.errors import DataError
from lib.stats import power

NAME = "power"
HELP = "people per variant for an effect, or the smallest effect the traffic could show"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """--baseline and either --relative-mde or --weekly-users with --weeks."""
    parser.add_argument(
        "--baseline",
        type=float,
        required=True,
        metavar="VALUE",
        help="share of control, 0.1 for 10 %%; its mean with --sd",
    )
    parser.add_argument(
        "--relative-mde", type=float, metavar="EFFECT", help="relative effect to see, 0.1 for +10 %%"
    )
    parser.add_argument(
        "--weekly-users", type=float, metavar="N", help="new people a week, all variants together"
    )
    parser.add_argument("--weeks", type=float, metavar="N", help="weeks available")
    parser.add_argument("--variants", type=int, default=2, help="variants with control; 2 by default")
    parser.add_argument(
        "--sd", type=float, metavar="VALUE", help="standard deviation of one person's value: compares means"
    )
    parser.add_argument("--alpha", type=float, default=0.05, help="two-sided, shared by several variants")
    parser.add_argument("--power", type=float, default=0.8, help="chance to see the effect")


def _is_positive(value: float) -> bool:
    return value > 0 and math.isfinite(value)


def _check(args: argparse.Namespace) -> None:
    """Refuse what no test can be planned with, the first mistake first."""
    _check_baseline(args)
    if args.variants < 2:
        raise DataError("A test needs at least two variants.", "Give --variants 2 or more.")
    if not 0 < args.alpha < 1 or not 0 < args.power < 1:
        raise DataError("Alpha and power are shares between 0 and 1.", "Write --alpha 0.05 --power 0.8.")
    for name in ("relative_mde", "weekly_users", "weeks"):
        value = getattr(args, name)
        if value is not None and not _is_positive(value):
            raise DataError(f"--{name.replace('_', '-')} has to be more than 0.", "Give a positive number.")
    _check_question(args)


def _check_question(args: argparse.Namespace) -> None:
    """An effect to see, or the traffic to see one with; a share raised by the effect is still a share."""
    if args.relative_mde is None and (args.weekly_users is None or args.weeks is None):
        raise DataError(
            "Neither an effect nor weeks are given.", "Give --relative-mde, or --weekly-users and --weeks."
        )
    if args.sd is None and args.relative_mde is not None and args.baseline * (1 + args.relative_mde) >= 1:
        raise DataError(
            "The baseline raised by this effect is no share any more.", "Give a smaller --relative-mde."
        )


def _check_baseline(args: argparse.Namespace) -> None:
    """A share of control lies between 0 and 1; its mean and the spread around it are above 0."""
    if args.sd is None:
        if not 0 < args.baseline < 1:
            raise DataError("The baseline is not a share between 0 and 1.", "Write 0.1 for 10 %.")
        return
    if not _is_positive(args.sd):
        raise DataError("--sd has to be more than 0.", "Give the standard deviation of one person's value.")
    if not _is_positive(args.baseline):
        raise DataError("The mean of control has to be more than 0.", "Give a positive --baseline.")


def _people(args: argparse.Namespace, alpha: float) -> float:
    """People per variant for the relative effect asked for, of a share or of a mean."""
    if args.sd is not None:
        effect = args.baseline * args.relative_mde
        return power.n_per_variant_mean(args.sd, effect, alpha=alpha, power=args.power)
    target = args.baseline * (1 + args.relative_mde)
    return power.n_per_variant_proportion(args.baseline, target, alpha=alpha, power=args.power)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Compute it.

    Returns:
        n_per_variant, relative_mde, weeks; None where the traffic is not given or cannot show any effect worth
        planning on, which the verdict then says.
    """
    _check(args)
    try:
        return _plan(args)
    except (OverflowError, ZeroDivisionError) as error:
        raise DataError(
            "These numbers are too small or too large to plan a test with.",
            "Check --baseline, --relative-mde, --sd and the people per week.",
        ) from error


def _effect(args: argparse.Namespace, n: float, alpha: float) -> float:
    """The smallest relative effect that this many people per variant show, of a share or of a mean."""
    if args.sd is None:
        return power.smallest_effect_proportion(args.baseline, n, alpha=alpha, power=args.power)
    return power.smallest_effect_mean(args.sd, n, alpha=alpha, power=args.power) / args.baseline


def _plan(args: argparse.Namespace) -> dict[str, Any]:
    """The answer to arguments that were checked."""
    alpha = power.corrected_alpha(args.alpha, args.variants)
    if args.relative_mde is not None:
        n, mde = _people(args, alpha), args.relative_mde
        weeks = power.weeks_needed(n, args.weekly_users, args.variants) if args.weekly_users else None
    else:
        n, weeks = args.weekly_users * args.weeks / args.variants, args.weeks
        mde = _effect(args, n, alpha)
    limit = minimum_detectable_effect.largest_effect(args.baseline if args.sd is None else None)
    is_shown = args.relative_mde is not None or minimum_detectable_effect.can_show(mde, n, limit)
    return {
        "n_per_variant": int(n) or None,
        "relative_mde": mde if is_shown else None,
        "weeks": weeks,
    } | _verdict(args, int(n), mde, weeks)


def _verdict(args: argparse.Namespace, people: int, mde: float, weeks: float | None) -> dict[str, Any]:
    """What the plan means, with its evidence; nothing for a share whose traffic is not given."""
    shared: dict[str, Any] = {"variants": args.variants, "alpha": args.alpha}
    if args.sd is not None:
        is_given = args.relative_mde is not None
        verdict, evidence = sample_size_mean.plan(
            args.baseline, args.sd, people, mde, weeks=weeks, is_given=is_given, **shared
        )
        return {"verdict": verdict.as_json(), "evidence": evidence}
    if not (args.weekly_users and args.weeks):
        return {}
    traffic = (args.baseline, args.weekly_users, args.weeks, args.relative_mde)
    answer = minimum_detectable_effect.assess(*traffic, power_wanted=args.power, **shared)
    return {"verdict": answer.verdict.as_json(), "evidence": answer.evidence}
