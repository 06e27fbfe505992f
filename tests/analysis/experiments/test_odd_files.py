"""Odd files of tests: each gives numbers that are right, or a check that says what is wrong; and agreement on random ones."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.__main__ import main

N = 600


def _file(folder: Path, seed: int = 1, **columns: object) -> Path:
    rng = np.random.default_rng(seed)
    base = {"user_id": [f"u{i}" for i in range(N)], "variant": rng.choice(["control", "new"], N)}
    made = folder / "test.csv"
    pd.DataFrame({**base, **columns}).to_csv(made, index=False)
    return made


def _read(capsys: pytest.CaptureFixture[str], path: Path, *argv: str) -> dict:
    assert main(["experiment", str(path), *argv, "--json"]) == 0
    out = capsys.readouterr().out
    assert "NaN" not in out
    assert "Infinity" not in out
    return json.loads(out)


def _checks(found: dict) -> dict[str, str]:
    return {check["check"]: check["state"] for check in found["checks"]}


def _coin(seed: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 2, N)


@pytest.mark.parametrize(("columns", "metric"), [
    ({"m": [5.0] * N}, "m:mean"), ({"m": [None] * N}, "m:mean"), ({"c": [1] * N}, "c:proportion"),
    ({"c": [0] * N}, "c:proportion"),
    ({"rev": list(range(N)), "sess": [0] * N}, "rev/sess:ratio"),
])  # fmt: skip
def test_a_metric_that_says_nothing_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], columns: dict, metric: str
) -> None:
    found = _read(capsys, _file(tmp_path, **columns), "--metrics", metric)
    assert _checks(found)["values"] == "fail"
    assert found["verdict"]["status"] == "unclear"
    assert "says nothing" in found["verdict"]["needs"]


def test_one_silent_metric_does_not_stop_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = _file(tmp_path, m=[5.0] * N, c=_coin())
    found = _read(capsys, path, "--metrics", "m:mean,c:proportion,c:proportion")
    assert [(row["metric"], row["state"]) for row in found["rows"]] == [("m", "silent"), ("c", "unclear")]
    assert _checks(found)["values"] == "watch"


def test_one_person_in_a_variant(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = _file(tmp_path, c=_coin(), variant=["control"] * (N - 1) + ["new"])
    found = _read(capsys, path, "--metrics", "c:proportion")
    assert {"sample_ratio": "fail", "people": "fail"}.items() <= _checks(found).items()
    assert found["rows"][0]["p_value"] is None


def test_people_missing_from_one_variant_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(5)
    variant = rng.choice(["control", "new"], N)
    values = rng.normal(10, 3, N)
    uneven = np.where((variant == "new") & (rng.random(N) < 0.3), np.nan, values)
    found = _read(capsys, _file(tmp_path, variant=variant, m=uneven), "--metrics", "m:mean")
    assert _checks(found)["missing"] == "fail"
    even = np.where(rng.random(N) < 0.3, np.nan, values)
    assert (
        _checks(_read(capsys, _file(tmp_path, variant=variant, m=even), "--metrics", "m:mean"))["missing"]
        == "watch"
    )


def test_numbers_as_variants_and_negative_values(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(6)
    path = _file(tmp_path, variant=rng.choice([0, 1], N), m=rng.normal(-5, 2, N))
    (row,) = _read(capsys, path, "--control", "0", "--metrics", "m:mean")["rows"]
    assert (row["variant"], row["relative_effect"]) == ("1", None)
    assert row["control"] < 0
    assert row["ci_low"] < row["effect"] < row["ci_high"]


def test_yes_and_no_however_they_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    coin = _coin()
    spelt = {"a": ("no", "yes"), "b": ("FALSE", "TRUE"), "c": ("0", "1"), "d": ("N", "Y"), "e": ("f", "t")}
    columns = {name: np.where(coin == 1, words[1], words[0]) for name, words in spelt.items()}
    found = _read(
        capsys, _file(tmp_path, **columns), "--metrics", ",".join(f"{name}:proportion" for name in spelt)
    )
    assert len({(row["control"], row["treatment"], row["p_value"]) for row in found["rows"]}) == 1


def test_numbers_are_no_share(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = _file(tmp_path, m=np.random.default_rng(0).normal(0.5, 0.1, N))
    assert main(["experiment", str(path), "--metrics", "m:proportion", "--json"]) == 2
    assert "Read it as a mean: m:mean." in capsys.readouterr().err


def test_people_in_two_variants_and_with_two_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = pd.read_csv(_file(tmp_path, c=_coin()))
    other = whole.head(40).assign(variant=lambda d: np.where(d.variant == "control", "new", "control"))
    path = tmp_path / "two.csv"
    pd.concat([whole, other]).to_csv(path, index=False)
    found = _read(capsys, path, "--metrics", "c:proportion")
    assert _checks(found)["crossed"] == "fail"
    assert sum(found["rows"][0][name] for name in ("n_control", "n_variant")) == N - 40
    pd.concat([whole, whole.head(40)]).to_csv(path, index=False)
    found = _read(capsys, path, "--metrics", "c:proportion")
    assert _checks(found)["repeated"] == "watch"
    assert sum(found["rows"][0][name] for name in ("n_control", "n_variant")) == N


def test_one_variant_written_in_two_ways(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = _file(
        tmp_path, c=_coin(), variant=np.random.default_rng(3).choice(["Control", "control", "New"], N)
    )
    found = _read(capsys, path, "--metrics", "c:proportion")
    assert _checks(found)["alike"] == "fail"
    assert found["verdict"]["status"] == "unclear"


def test_three_variants_and_a_control_that_is_not_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(4)
    path = _file(tmp_path, c=_coin(), m=rng.normal(0, 1, N), variant=rng.choice(["A", "B", "C"], N))
    found = _read(capsys, path, "--control", "A", "--metrics", "c:proportion,m:mean")
    assert [(row["metric"], row["variant"]) for row in found["rows"]] == [
        ("c", "B"),
        ("c", "C"),
        ("m", "B"),
        ("m", "C"),
    ]
    # Ten percent of a mean that may be zero is nothing to plan for: no number of millions is asked for.
    assert all(row["more_per_variant"] is None for row in found["rows"] if row["metric"] == "m")
    assert main(["experiment", str(path), "--control", "D", "--metrics", "c:proportion"]) == 2
    assert "Choose control from A, B, C." in capsys.readouterr().err


def test_a_covariate_without_variation_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    values = np.random.default_rng(8).normal(10, 3, N)
    path = _file(tmp_path, m=values, visits_before=[3] * N)
    with_it = _read(capsys, path, "--metrics", "m:mean", "--covariate", "visits_before")["rows"]
    without = _read(capsys, path, "--metrics", "m:mean")["rows"]
    assert [row.keys() for row in with_it] == [row.keys() for row in without]
    for mine, other in zip(with_it, without, strict=True):
        for name, value in mine.items():  # sums over several threads differ in the last digits
            same = pytest.approx(other[name], rel=1e-9, abs=1e-9) if isinstance(value, float) else other[name]
            assert value == same, name


@pytest.mark.parametrize("seed", range(5))
def test_random_files_agree_with_tea_tasting_statsmodels_and_scipy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], seed: int
) -> None:
    """Through file, intake, query and statistics: shares, means, ratios, CUPED, two to four variants, Holm and BH, SRM."""
    import tea_tasting as tt
    from scipy import stats
    from statsmodels.stats.multitest import multipletests
    from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

    rng = np.random.default_rng(seed)
    names = ["control", "b", "c", "d"][: int(rng.integers(2, 5))]
    n = int(rng.integers(900, 2500))
    x = rng.gamma(2, 10, n)
    variant = rng.choice(names, n)
    y = np.round(0.6 * x + rng.normal(30, 8, n) + (variant != "control") * rng.normal(0, 2), 6)
    frame = pd.DataFrame({
        "user_id": [f"u{i}" for i in range(n)], "variant": variant, "x_before": np.round(x, 6), "y": y,
        "visits": rng.poisson(3, n) + 1, "c": (rng.random(n) < rng.uniform(0.1, 0.6)).astype(int),
    })  # fmt: skip
    path = tmp_path / "random.csv"
    frame.to_csv(path, index=False)
    metrics = "c:proportion,y:mean,y/visits:ratio"
    for correction, theirs in (("holm", "holm"), ("bh", "fdr_bh")):
        found = _read(capsys, path, "--control", "control", "--metrics", metrics, "--correction", correction)
        p = [row["p_value"] for row in found["rows"]]
        assert [row["p_adjusted"] for row in found["rows"]] == pytest.approx(
            list(multipletests(p, method=theirs)[1]), rel=1e-9
        )
    counts = frame.variant.value_counts()
    assert found["verdict"]["srm_p_value"] == pytest.approx(
        stats.chisquare(counts.to_numpy()).pvalue, rel=1e-9
    )
    cuped = _read(capsys, path, "--control", "control", "--metrics", "y:mean", "--covariate", "x_before")
    rows = {
        (row["metric"], row["variant"]): row
        for row in [*found["rows"], *({**r, "metric": "cuped"} for r in cuped["rows"])]
    }
    control = frame[frame.variant == "control"]
    for name in names[1:]:
        other = frame[frame.variant == name]
        share = rows["c", name]
        x1, n1, x2, n2 = control.c.sum(), len(control), other.c.sum(), len(other)
        assert share["p_value"] == pytest.approx(proportions_ztest([x1, x2], [n1, n2])[1], rel=1e-9)
        assert (share["ci_low"], share["ci_high"]) == pytest.approx(
            confint_proportions_2indep(x2, n2, x1, n1, method="newcomb", compare="diff"), abs=1e-9
        )
        pair = pd.concat([control.assign(variant=0), other.assign(variant=1)])
        tea = tt.Experiment(
            mean=tt.Mean("y"), cuped=tt.Mean("y", "x_before"), ratio=tt.RatioOfMeans("y", "visits")
        ).analyze(pair)
        for mine, theirs_name in (("y", "mean"), ("y/visits", "ratio"), ("cuped", "cuped")):
            if mine == "cuped" and cuped["checks"][0]["check"] == "covariate":
                continue  # refused: by chance it differs between the variants
            row, their = rows[mine, name], tea[theirs_name]
            assert row["effect"] == pytest.approx(their.effect_size, rel=1e-6)
            assert (row["ci_low"], row["ci_high"]) == pytest.approx(
                (their.effect_size_ci_lower, their.effect_size_ci_upper), rel=1e-6
            )
            assert row["p_value"] == pytest.approx(their.pvalue, rel=1e-6)
        welch = stats.ttest_ind(other.y, control.y, equal_var=False).pvalue
        assert rows["y", name]["p_value"] == pytest.approx(welch, rel=1e-6)


def test_nobody_converting_gives_no_range_out_of_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A spread of zero is a spread that is not known: an always-valid range of width zero would be sure of it."""
    found = _read(
        capsys, _file(tmp_path, paid=np.zeros(N, int)), "--control", "control", "--metrics", "paid:proportion"
    )
    (row,) = found["rows"]
    assert row["state"] == "silent"
    assert (row["always_low"], row["always_high"], row["p_always"]) == (None, None, 1.0)
    assert (row["relative_effect"], row["relative_ci_low"], row["relative_ci_high"]) == (None, None, None)
    assert row["ci_low"] < 0 < row["ci_high"]


def test_too_few_people_lack_at_least_those_up_to_the_floor(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arms = np.array(["control"] + ["new"] * (N - 1))
    found = _read(capsys, _file(tmp_path, variant=arms, spent=np.full(N, 3.0)), "--control", "control",
                  "--metrics", "spent:mean")  # fmt: skip
    assert found["rows"][0]["more_per_variant"] >= 99
