"""Contracts of `python -m lib power` and `python -m lib experiment`."""

import json
from pathlib import Path

import pytest

from lib.__main__ import main
from lib.engine.datasets import demo

COOKIE_CATS = Path(__file__).resolve().parents[2].parent / "shared" / "datasets" / "cookie_cats.csv"
COLUMNS = (
    "metric", "variant", "n_control", "n_variant", "control", "treatment", "effect", "ci_low", "ci_high",
    "relative_effect", "relative_ci_low", "relative_ci_high", "p_value", "p_adjusted",
)  # fmt: skip


def _json(capsys: pytest.CaptureFixture[str], *argv: str) -> dict:
    assert main([*argv, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_power_for_an_effect(capsys: pytest.CaptureFixture[str]) -> None:
    found = _json(capsys, "power", "--baseline", "0.1", "--relative-mde", "0.1", "--variants", "2")
    assert found == {"n_per_variant": 14751, "relative_mde": 0.1, "weeks": None}
    weekly = _json(capsys, "power", "--baseline", "0.1", "--relative-mde", "0.1", "--weekly-users", "500")
    assert weekly["weeks"] == 60
    more = _json(capsys, "power", "--baseline", "0.1", "--relative-mde", "0.1", "--variants", "3")
    assert more["n_per_variant"] > 14751  # two comparisons share alpha


def test_power_for_the_weeks_at_hand(capsys: pytest.CaptureFixture[str]) -> None:
    found = _json(capsys, "power", "--baseline", "0.1", "--weekly-users", "500", "--weeks", "4")
    assert found["n_per_variant"] == 1000
    assert found["relative_mde"] == pytest.approx(0.376, abs=5e-4)


@pytest.mark.parametrize(
    "argv",
    [
        ["--baseline", "10"], ["--baseline", "0.1"], ["--baseline", "0.1", "--relative-mde", "-1"],
        ["--baseline", "0.9", "--relative-mde", "0.5"], ["--baseline", "0.1", "--weekly-users", "5", "--weeks", "0"],
        ["--baseline", "0.1", "--relative-mde", "0.1", "--variants", "1"],
    ],
)  # fmt: skip
def test_power_mistakes(capsys: pytest.CaptureFixture[str], argv: list[str]) -> None:
    assert main(["power", *argv]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.strip().splitlines()) == 1


def test_experiment_of_the_demo(capsys: pytest.CaptureFixture[str]) -> None:
    path = str(demo.files()["experiment"])
    found = _json(capsys, "experiment", path, "--control", "five_steps", "--metrics",
                  "activated:proportion,paid:proportion,revenue:mean", "--covariate", "visits_before")  # fmt: skip
    assert [row["metric"] for row in found["rows"]] == ["activated", "paid", "revenue"]
    assert set(COLUMNS) <= set(found["rows"][0])
    activated, paid = found["rows"][:2]
    assert activated["ci_low"] < 0.08 < activated["ci_high"]  # planted: 41 % to 49 %
    assert paid["ci_low"] < 0.023 < paid["ci_high"]  # planted: 10.5 % to 12.8 %
    assert found["verdict"]["code"] == "better"
    assert found["verdict"]["srm_p_value"] > 0.01
    assert found["evidence"]["sources"][0]["rows"] == 6240


def test_planted_null_is_not_found(capsys: pytest.CaptureFixture[str]) -> None:
    path = str(demo.files()["experiment-2"])
    found = _json(capsys, "experiment", path, "--metrics", "trial_started:proportion,paid:proportion")
    trial, paid = found["rows"]
    assert trial["ci_low"] < 0.021 < trial["ci_high"]
    assert (trial["state"], paid["state"]) == ("better", "unclear")


@pytest.mark.skipif(not COOKIE_CATS.exists(), reason="the public A/B test is not beside the repository")
def test_public_file_by_its_own_headers(capsys: pytest.CaptureFixture[str]) -> None:
    found = _json(capsys, "experiment", str(COOKIE_CATS), "--variant", "test_version", "--control", "gate_30",
                  "--metrics", "retention_1:proportion,retention_7:proportion")  # fmt: skip
    one, seven = found["rows"]
    assert (one["n_control"], one["n_variant"]) == (44700, 45489)
    assert one["p_value"] == pytest.approx(0.0744, abs=5e-5)
    assert seven["p_value"] == pytest.approx(0.0016, abs=5e-5)
    assert found["verdict"]["srm_p_value"] == pytest.approx(0.0086, abs=5e-5)
    assert main(["experiment", str(COOKIE_CATS), "--variant", "test_version", "--control", "nobody"]) == 2
    assert "Choose control from gate_30, gate_40." in capsys.readouterr().err


def test_unknown_columns_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    path = str(demo.files()["experiment"])
    assert main(["experiment", path, "--metrics", "gone:mean"]) == 2
    assert "no column 'gone'" in capsys.readouterr().err
    assert main(["experiment", path, "--metrics", "paid"]) == 2


def test_power_for_means(capsys: pytest.CaptureFixture[str]) -> None:
    """With a standard deviation the baseline is a mean: the same keys, agreeing both ways."""
    found = _json(capsys, "power", "--baseline", "20", "--sd", "10", "--relative-mde", "0.05")
    assert found["n_per_variant"] == 1570  # a difference of 1 at a deviation of 10
    back = _json(capsys, "power", "--baseline", "20", "--sd", "10", "--weekly-users", "1570", "--weeks", "2")
    assert back["relative_mde"] == pytest.approx(0.05, rel=1e-3)
    assert set(back) == set(found)
    assert main(["power", "--baseline", "20", "--sd", "-1", "--relative-mde", "0.05"]) == 2


@pytest.mark.parametrize(
    "argv",
    [
        ("--baseline", "0.1", "--weekly-users", "1", "--weeks", "1"),
        ("--baseline", "0.1", "--weekly-users", "10", "--weeks", "1"),
        ("--baseline", "0.9", "--weekly-users", "20", "--weeks", "1"),  # at most everybody: +11 %
        ("--baseline", "10", "--sd", "5", "--weekly-users", "1", "--weeks", "1"),
        ("--baseline", "10", "--sd", "50", "--weekly-users", "100", "--weeks", "1"),
    ],
)
def test_too_little_traffic_is_said_and_no_impossible_number_printed(
    capsys: pytest.CaptureFixture[str], argv: tuple[str, ...]
) -> None:
    found = _json(capsys, "power", *argv)
    assert found["relative_mde"] is None
    assert found["n_per_variant"] is None or found["n_per_variant"] >= 1
    assert (found["verdict"]["status"], found["verdict"]["code"]) == ("bad", "no_traffic")
    assert found["verdict"]["text"].startswith("Can't be tested with this traffic")
    (row,) = found["evidence"]["rows"]
    cells = dict(zip(found["evidence"]["columns"], row, strict=True))
    assert cells.get("smallest_effect") is None
    assert cells.get("relative_effect") is None


def test_an_effect_asked_for_keeps_its_people_when_the_traffic_is_too_little(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = _json(
        capsys, "power", "--baseline", "0.01", "--relative-mde", "0.1", "--weekly-users", "3", "--weeks", "4"
    )
    assert (found["n_per_variant"], found["relative_mde"]) == (163_095, 0.1)
    assert found["verdict"]["code"] == "no_traffic"
