"""The page's explorer: the table's numbers, bands paired, what is a stretch, what is no finding."""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from strikelean import resources
from strikelean.declarations import Declaration, read_declarations
from strikelean.report.amounts import LEAN_ANGLE
from strikelean.report.dose_studies import published_points
from strikelean.report.doses import (
    MEAN,
    cadence_rungs,
    dose_curves,
    lean_rungs,
    sweep_cohort,
)
from strikelean.report.explored import KINDS, METRICS
from strikelean.report.explorer import Explorer, explore, explorer_data, explorers, none_of
from strikelean.report.explorer_words import explorer_shown, row_at
from strikelean.report.page import TEMPLATES
from strikelean.report.page_data import SCRIPTS
from strikelean.studies.cohort import build_cohort
from strikelean.studies.definitions import Study
from strikelean.studies.reading import read_studies
from strikelean.techniques import LEAN_WARNS_DEG

KNEE, HIP, BACK, STRESS = METRICS[0], METRICS[3], METRICS[4], METRICS[1]
IMPULSE = "knee_extension_moment_cumulative_per_km_per_kg"
HIPS, SPINE = "technique: lean from the hips alone", "technique: lean from the spine alone"
ANGLES = (-10, 0, 10, 20, 25)
LEAN = KINDS["lean"]


def swept(subjects: str = "AB", metrics: tuple[str, ...] = (KNEE, HIP)) -> pd.DataFrame:
    """A sweep: a foot's own value and a change a degree; under either choice it changes more.

    Runner A's right foot begins at 2, the left at 3; B's at 4 and 5. All lose 0.02 a degree.
    """
    rows = []
    for number, subject in enumerate(subjects):
        for foot, side in enumerate(("right", "left")):
            for metric in metrics:
                for angle in ANGLES:
                    value = 2.0 + 2 * number + foot - 0.02 * angle
                    shifts = (0.01 * angle, -0.002 * angle) if angle else (np.nan, np.nan)
                    known = [*shifts, 0.0] if angle else [np.nan]
                    rows.append(
                        {
                            "subject": subject,
                            "trial": "run",
                            "side": side,
                            "trunk_lean_change_deg": angle,
                            "metric": metric,
                            "value": value,
                            "value_low": value + min(known),
                            "value_high": value + max(known),
                            "unit": "N m/kg",
                            "status": "stretch" if abs(angle) > LEAN_WARNS_DEG else "solved",
                            HIPS: shifts[0],
                            SPINE: shifts[1],
                        }
                    )
    return pd.DataFrame(rows)


@cache
def declared() -> dict[str, Declaration]:
    return read_declarations(resources.techniques(), resources.metrics_list())


@cache
def studies() -> tuple[Study, ...]:
    return read_studies(resources.studies(), resources.metrics_list().parent)


def of_lean(sweep: pd.DataFrame, **given: Any) -> Explorer:
    cohort = sweep_cohort(sweep, METRICS)
    usual = {"techniques": declared(), "studies": (), "assumed": {}}
    return explore(LEAN, cohort, lean_rungs(cohort), **(usual | given))


def curves_of(sweep: pd.DataFrame, metric: str = KNEE) -> dict[str, Any]:
    (load,) = (one for one in explorer_data(of_lean(sweep))["loads"] if one["metric"] == metric)
    return dict(load["curves"])


def test_every_number_is_the_tables_mean_over_feet_and_runners() -> None:
    sweep = swept()
    for metric in (KNEE, HIP):
        curves = curves_of(sweep, metric)
        own = sweep[sweep["metric"] == metric]
        by_runner = own.pivot_table(
            index="subject", columns="trunk_lean_change_deg", values="value", aggfunc="mean"
        )
        for runner in "AB":
            assert curves[runner]["value"] == pytest.approx(list(by_runner.loc[runner]))
        assert curves[MEAN]["value"] == pytest.approx(list(by_runner.mean()))


def test_numbers_and_band_of_one_foot_are_those_of_the_table() -> None:
    sweep = swept("A").query("side == 'right'")
    found = of_lean(sweep)
    curve = explorer_data(found)["loads"][0]["curves"]["A"]
    own = sweep[sweep["metric"] == KNEE]
    assert curve["value"] == list(own["value"].map(lambda value: float(f"{value:.7g}")))
    ends = own.set_index("trunk_lean_change_deg")[["value_low", "value_high"]].drop(0)
    places = [n for n, angle in enumerate(ANGLES) if angle]
    assert [curve["low"][n] for n in places] == pytest.approx(list(ends["value_low"]))
    assert [curve["high"][n] for n in places] == pytest.approx(list(ends["value_high"]))
    assert found.feet == ["A: right foot only"]


def test_changes_are_percent_of_each_runners_own() -> None:
    curves = curves_of(swept())
    # 0.2 of 2.5 and of 4.5 at 10 degrees
    assert curves["A"]["change"][2] == pytest.approx(-8.0)
    assert curves["B"]["change"][2] == pytest.approx(-20.0 / 4.5)
    assert curves[MEAN]["change"][2] == pytest.approx((-8.0 - 20.0 / 4.5) / 2, rel=1e-6)
    assert curves["A"]["change"][1] == 0.0


def test_a_band_is_made_of_one_choice_for_all_and_not_of_each_ones_worst() -> None:
    sweep = swept()
    # the hips move A up and B down by as many percent: made once, they do not move the mean
    b = sweep["subject"] == "B"
    sweep.loc[b, HIPS] *= -4.5 / 2.5
    sweep.loc[:, SPINE] = np.where(sweep[SPINE].isna(), np.nan, 0.0)
    shifts = sweep[[HIPS, SPINE]]
    sweep["value_low"] = sweep["value"] + shifts.min(axis=1).clip(upper=0.0)
    sweep["value_high"] = sweep["value"] + shifts.max(axis=1).clip(lower=0.0)
    curves = curves_of(sweep)
    assert curves["A"]["change_high"][2] - curves["A"]["change"][2] == pytest.approx(4.0)
    assert curves["B"]["change"][2] - curves["B"]["change_low"][2] == pytest.approx(4.0)
    assert curves[MEAN]["change_low"][2] == pytest.approx(curves[MEAN]["change"][2], rel=1e-6)
    assert curves[MEAN]["change_high"][2] == pytest.approx(curves[MEAN]["change"][2], rel=1e-6)


def test_a_stretch_is_flagged_and_nothing_lies_beyond_what_was_solved() -> None:
    found = of_lean(swept())
    data = explorer_data(found)
    assert data["doses"] == [float(angle) for angle in ANGLES]
    assert data["stretch"] == LEAN_WARNS_DEG
    shown = explorer_shown(found, virtual=False)
    assert shown["stretch"]
    assert "stretch" in shown["panels"][0]["svg"]
    assert (shown["least"], shown["most"]) == ("-10", "25")
    near = explorer_shown(of_lean(swept().query("trunk_lean_change_deg <= 20")), virtual=False)
    assert not near["stretch"]
    assert "stretch" not in near["panels"][0]["svg"]


def test_nothing_published_lies_beyond_what_is_not_called_a_stretch() -> None:
    doses = [
        effect.contrast.dose
        for study in studies()
        for effect in study.effects
        if effect.contrast.dose is not None
    ]
    leans = [dose.change for dose in doses if dose.metric.startswith("trunk_lean")]
    assert max(leans) <= LEAN_WARNS_DEG


def test_a_refused_angle_of_one_runner_is_blank_there_and_leaves_the_mean_to_the_others() -> None:
    sweep = swept("ABC")
    refused = (sweep["subject"] == "C") & (sweep["trunk_lean_change_deg"] == 25)
    sweep.loc[refused, "status"] = "refused"
    curves = curves_of(sweep)
    assert curves["C"]["change"][-1] is None
    assert curves["C"]["value"][0] is not None
    assert curves[MEAN]["value"] == pytest.approx(curves_of(swept())[MEAN]["value"])
    shown = explorer_shown(of_lean(sweep), virtual=False)
    assert (shown["count"], shown["rows"][0]["averaged"]) == (3, 2)


def test_a_foot_that_is_lost_at_an_angle_does_not_pass_for_a_change() -> None:
    sweep = swept("A")
    lost = (sweep["side"] == "left") & (sweep["trunk_lean_change_deg"] == 10)
    sweep.loc[lost, "value"] = np.nan
    data = explorer_data(of_lean(sweep))
    assert data["doses"] == [-10.0, 0.0, 20.0, 25.0]
    assert data["loads"][0]["curves"]["A"]["change"] == pytest.approx([8.0, 0.0, -16.0, -20.0])


def test_order_of_rows_does_not_matter() -> None:
    sweep = swept()
    shuffled = sweep.sample(frac=1.0, random_state=1)
    assert explorer_data(of_lean(sweep)) == explorer_data(of_lean(shuffled))


def test_runners_in_mirror_image_show_the_same() -> None:
    sweep = swept()
    mirrored = sweep.replace({"side": {"right": "left", "left": "right"}})
    first, second = (explorer_data(of_lean(table)) for table in (sweep, mirrored))
    for one, other in zip(first["loads"], second["loads"], strict=True):
        for runner, curve in one["curves"].items():
            for name, values in curve.items():
                assert values == pytest.approx(other["curves"][runner][name])


def test_one_runner_stands_alone_without_a_mean() -> None:
    found = of_lean(swept("A"))
    assert found.runners == ["A"]
    shown = explorer_shown(found, virtual=True)
    assert shown["runners"] == [("A", "A")]
    assert shown["who"] == "1 virtual runner"


def test_without_a_sweep_or_an_unchanged_angle_a_sentence_says_so() -> None:
    assert "No other angle of lean" in explorer_shown(none_of(LEAN), virtual=False)["why_not"]
    without = of_lean(swept().query("trunk_lean_change_deg != 0"))
    assert without.why_not
    assert not without.charts
    empty = of_lean(swept().iloc[:0])
    assert empty.why_not


def test_what_is_assumed_is_said_beside_its_number() -> None:
    found = of_lean(swept(metrics=(KNEE, BACK)), assumed={BACK: {"A", "B"}})
    shown = explorer_shown(found, virtual=False)
    assert [row["assumed"] for row in shown["rows"]] == [False, True]
    assert shown["assumed"] == 2


def test_what_a_lean_sets_or_keeps_is_not_shown_and_named() -> None:
    techniques = declared()
    kept = {"lean": Declaration("lean", kept=(HIP,), depends=techniques["lean"].depends)}
    found = of_lean(swept(), techniques=kept)
    assert [chart.load.metric for chart in found.charts] == [KNEE]
    assert found.withheld == ["Hip extension moment, peak (kept)"]
    # nobody has said that anything is a finding
    undeclared = of_lean(swept(), techniques={})
    assert not undeclared.charts
    assert explorer_shown(undeclared, virtual=False)["why_not"]


def test_what_only_follows_is_drawn_beside_a_study_and_is_no_finding() -> None:
    sweep = swept(metrics=(KNEE, IMPULSE))
    sweep.loc[sweep["metric"] == IMPULSE, "unit"] = "N m s/(kg km)"
    assert [chart.load.metric for chart in of_lean(sweep).charts] == [KNEE]
    found = of_lean(sweep, studies=studies())
    (chart,) = (one for one in found.charts if one.load.metric == IMPULSE)
    assert "contact time" in chart.follows
    assert chart.change_unit == "N m s/(kg km)"
    (point,) = chart.published
    assert (point.line, point.dose) == (True, 20.0)
    assert point.change == pytest.approx(-1.08 * 20.0)
    assert point.link == "https://doi.org/10.1016/j.jshs.2024.100985"
    # it is no row among the findings
    shown = explorer_shown(found, virtual=False)
    assert [row["metric"] for row in shown["rows"]] == [KNEE]


def test_published_points_are_of_the_same_quantity_unit_and_technique() -> None:
    points = published_points(studies(), "lean", STRESS, "%", (-10.0, 20.0))
    assert [(p.dose, p.change) for p in points] == [(6.8, -6.0), (-3.3, 7.4)]
    assert {p.study for p in points} == {"Teng and Powers 2014"}
    assert published_points(studies(), "lean", STRESS, "%", (-2.0, 5.0)) == []
    assert published_points(studies(), "lean", KNEE, "%", (-10.0, 20.0)) == []
    assert {p.dose for p in published_points(studies(), "cadence", STRESS, "%", (0.0, 20.0))} == {
        10.0,
        11.1,
        18.9,
    }
    assert published_points(studies(), "strike", STRESS, "%", (0.0, 100.0)) == []


def landings(*shares: str) -> pd.DataFrame:
    """Metrics of two runners' own run and of predicted strikes, a tenth less each."""
    table = steps(())
    parts = [table]
    for number, name in enumerate(shares, start=1):
        made = table.assign(trial=f"run~{name}", condition="forefoot_upright", basis="predicted")
        parts.append(made.assign(value=made["value"] * (1.0 - 0.1 * number)))
    return pd.concat(parts, ignore_index=True)


def test_shares_of_a_strike_make_a_slider_and_the_whole_way_alone_a_sentence() -> None:
    cohort = build_cohort(landings("forefoot+050", "forefoot"))
    found = explorers(None, cohort, declared(), (), {})[2]
    assert found.doses == [0.0, 50.0, 100.0]
    assert found.charts[0].curves["A"].change == pytest.approx([0.0, -10.0, -20.0])
    shown = explorer_shown(found, virtual=False)
    assert shown["doses"] == ["0 %", "50 %", "100 %"]
    alone = explorers(None, build_cohort(landings("forefoot")), declared(), (), {})[2]
    assert "100 % of the way to a forefoot landing" in alone.why_not


def steps(doses: tuple[int, ...], recorded: float = 0.0) -> pd.DataFrame:
    """Metrics of two runners: their own run, predicted step rates, and one that they ran."""
    rows = []
    for number, subject in enumerate("AB"):
        trials = [("run", "heel_strike", 0.0)]
        trials += [(f"run~cadence{dose:+03d}", "cadence", float(dose)) for dose in doses]
        trials += [("quick", "cadence", recorded)] if recorded else []
        for trial, condition, dose in trials:
            for metric, value in (
                (KNEE, (2.0 + number) * (1.0 - dose / 100.0)),
                ("step_rate", 160.0 * (1.0 + dose / 100.0)),
            ):
                for side in ("right", "left"):
                    rows.append(
                        {
                            "subject": subject,
                            "trial": trial,
                            "condition": condition,
                            "side": side,
                            "step": 1,
                            "metric": metric,
                            "value": value,
                            "value_low": np.nan,
                            "value_high": np.nan,
                            "unit": "N m/kg" if metric == KNEE else "1/min",
                            "basis": "predicted" if "~" in trial else "measured",
                        }
                    )
    return pd.DataFrame(rows)


def test_two_step_rates_make_a_slider_and_one_makes_a_sentence() -> None:
    for metrics in (steps((10, 19)), steps((19,), recorded=9.8)):
        cohort = build_cohort(metrics)
        doses = [rung.dose for rung in cadence_rungs(cohort)]
        assert doses == [10.0, 19.0]
        curves = dose_curves(cohort, KNEE, cadence_rungs(cohort))
        assert curves[MEAN].change[0] == 0.0
        assert curves[MEAN].change[-1] == pytest.approx(-19.0)
    one = explorers(None, build_cohort(steps((10,))), declared(), (), {})
    assert [found.why_not != "" for found in one] == [True, True, True]
    assert "One other step rate was run or predicted (+10 % of step rate)" in one[1].why_not


def test_a_step_rate_that_was_run_is_not_called_predicted() -> None:
    found = explorers(None, build_cohort(steps((19,), recorded=9.8)), declared(), (), {})[1]
    assert found.recorded == [10.0]
    assert explorer_shown(found, virtual=False)["sources"] == "+10 %: recorded; +19 %: predicted."


def test_the_slider_opens_at_the_lean_that_was_recorded_and_says_why_its_numbers_are_others() -> (
    None
):
    ran = steps(()).assign(metric=LEAN_ANGLE, unit="deg", value=8.0)
    lean = ran.assign(trial="leaning", condition="lean", value=27.0)
    table = pd.concat([steps(()), ran, lean])
    found = explorers(swept(), build_cohort(table), declared(), (), {})[0]
    assert found.answered == pytest.approx(19.0)
    assert found.start == 20.0
    assert "(+19 deg)" in explorer_shown(found, virtual=True)["why_other"]
    alone = of_lean(swept())
    assert alone.start > 0.0
    assert explorer_shown(alone, virtual=True)["why_other"] == ""


def test_a_cohort_without_other_doses_is_told_so_once() -> None:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined
    )
    none = {kind: explorer_shown(none_of(KINDS[kind]), virtual=False) for kind in KINDS}
    template = environment.get_template("lean.html")
    text = template.render(explored=none | {"one_way": True}, virtual=False)
    assert text.count("<h") == 1
    assert text.count("recorded one way only") == 1
    # settings stand under Methods
    assert "sweep." not in text and "counterfactual." not in text
    assert "<h3" not in template.render(explored=none | {"one_way": False}, virtual=False)


def page_section(shown: list[Explorer]) -> str:
    """Return the section of the page, without a script."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined
    )
    explored = {one.kind.name: explorer_shown(one, virtual=False) for one in shown}
    text: str = environment.get_template("lean.html").render(explored=explored, virtual=False)
    return text


def test_the_section_holds_its_numbers_and_charts_without_a_script() -> None:
    found = of_lean(swept(metrics=(KNEE, HIP)), assumed={HIP: {"A"}})
    text = page_section([found, none_of(KINDS["cadence"]), none_of(KINDS["strike"])])
    for row in explorer_shown(found, virtual=False)["rows"]:
        for name in ("change", "band", "value", "value_band", "word"):
            assert row[name] in text
    assert "assumed" in text
    assert "model prediction" in text
    for metric in (KNEE, HIP):
        assert f'data-figure="lean-{metric}"' in text
    assert text.count("<svg") == 3
    assert "No other step rate" in text
    assert "No other strike" in text


def test_the_section_of_a_cohort_without_anything_says_why() -> None:
    text = page_section([none_of(kind) for kind in KINDS.values()])
    assert "<svg" not in text
    assert "No other angle of lean" in text


def _node(script: str, data: Any) -> Any:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed: the script's numbers are not tried")
    told = f"const doses = require({json.dumps(str(SCRIPTS / 'doses.js'))});\n"
    told += f"const part = {json.dumps(data)};\n"
    told += f"console.log(JSON.stringify((() => {{ {script} }})()));"
    done = subprocess.run([node, "-e", told], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_the_script_prints_what_python_prints_at_every_solved_angle() -> None:
    found = of_lean(swept(metrics=(KNEE, HIP)))
    printed = _node(
        "return part.loads.map((load) => Object.fromEntries(Object.entries(load.curves).map("
        "([who, curve]) => [who, part.doses.map((dose) => doses.cells(load, doses.at(part.doses,"
        " curve, dose)))])));",
        explorer_data(found),
    )
    for chart, cells in zip(found.charts, printed, strict=True):
        for runner, curve in chart.curves.items():
            for place in range(len(found.doses)):
                expected = row_at(chart, curve, place)
                for name, text in cells[runner][place].items():
                    assert text == expected[name]


def test_the_script_says_interpolated_between_angles_and_nothing_beyond() -> None:
    data = explorer_data(of_lean(swept()))
    between, beyond, stretch = _node(
        "const curve = part.loads[0].curves.A; const at = (dose) => doses.at(part.doses, curve,"
        " dose); return [[at(13).change, doses.standing(part, at(13), 13)], at(26),"
        " doses.standing(part, at(25), 25)];",
        data,
    )
    assert between[0] == pytest.approx(-8.0 - 0.3 * 8.0)
    assert between[1] == "interpolated between +10 deg and +20 deg"
    assert beyond is None
    assert stretch == "solved; a stretch: beyond what was published"


def test_rows_to_take_away_hold_every_solved_number() -> None:
    data = explorer_data(of_lean(swept()))
    rows = _node("return doses.rows(part, part.loads[0]);", data)
    table = pd.DataFrame(rows[1:], columns=rows[0])
    assert len(table) == 3 * len(ANGLES)
    assert (
        list(table.loc[table["runner"] == "A", "value"]) == data["loads"][0]["curves"]["A"]["value"]
    )
    assert set(table.loc[table["dose_deg"] == 25, "status"]) == {"stretch"}
