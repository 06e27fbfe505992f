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


def _check(args: argparse.Namespace) -> None:
    if args.sd is not None and not (args.sd > 0 and math.isfinite(args.sd)):
        raise DataError("--sd has to be more than 0.", "Give the standard deviation of one person's value.")
    if args.sd is not None and not (args.baseline > 0 and math.isfinite(args.baseline)):
        raise DataError("The mean of control has to be more than 0.", "Give a positive --baseline.")
    if args.sd is None and not 0 < args.baseline < 1:
        raise DataError("The baseline is not a share between 0 and 1.", "Write 0.1 for 10 %.")
    if args.variants < 2:
        raise DataError("A test needs at least two variants.", "Give --variants 2 or more.")
    if not 0 < args.alpha < 1 or not 0 < args.power < 1:
        raise DataError("Alpha and power are shares between 0 and 1.", "Write --alpha 0.05 --power 0.8.")
    for name in ("relative_mde", "weekly_users", "weeks"):
        value = getattr(args, name)
        if value is not None and not (value > 0 and math.isfinite(value)):
            raise DataError(f"--{name.replace('_', '-')} has to be more than 0.", "Give a positive number.")
    if args.relative_mde is None and (args.weekly_users is None or args.weeks is None):
        raise DataError(
            "Neither an effect nor weeks are given.", "Give --relative-mde, or --weekly-users and --weeks."
        )
    if args.sd is None and args.relative_mde is not None and args.baseline * (1 + args.relative_mde) >= 1:
        raise DataError(
            "The baseline raised by this effect is no share any more.", "Give a smaller --relative-mde."
        )


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


def _plan(args: argparse.Namespace) -> dict[str, Any]:
    """The answer to arguments that were checked."""
    alpha = power.corrected_alpha(args.alpha, args.variants)
    if args.relative_mde is not None:
        n = _people(args, alpha)
        mde = args.relative_mde
        weeks = power.weeks_needed(n, args.weekly_users, args.variants) if args.weekly_users else None
    else:
        n = args.weekly_users * args.weeks / args.variants
        if args.sd is None:
            mde = power.smallest_effect_proportion(args.baseline, n, alpha=alpha, power=args.power)
        else:
            mde = power.smallest_effect_mean(args.sd, n, alpha=alpha, power=args.power) / args.baseline
        weeks = args.weeks
    people = int(n)
    limit = minimum_detectable_effect.largest_effect(args.baseline if args.sd is None else None)
    is_shown = args.relative_mde is not None or minimum_detectable_effect.can_show(mde, n, limit)
    found: dict[str, Any] = {
        "n_per_variant": people or None,
        "relative_mde": mde if is_shown else None,
        "weeks": weeks,
    }
    if args.sd is None and args.weekly_users and args.weeks:
        answer = minimum_detectable_effect.assess(
            args.baseline,
            args.weekly_users,
            args.weeks,
            args.relative_mde,
            variants=args.variants,
            power_wanted=args.power,
            alpha=args.alpha,
        )
        found |= {"verdict": answer.verdict.as_json(), "evidence": answer.evidence}
    if args.sd is not None:
        verdict, evidence = sample_size_mean.plan(
            args.baseline,
            args.sd,
            people,
            mde,
            weeks=weeks,
            is_given=args.relative_mde is not None,
            variants=args.variants,
            alpha=args.alpha,
        )
        found |= {"verdict": verdict.as_json(), "evidence": evidence}
    return found
