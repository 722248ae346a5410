"""A runner drawn from points: what must not change a pose, and what a page says without one."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from stance_runner import CONTACTS, HEIGHT_M, MASS_KG, body_points, forces_of, ground, pose, static
from strikelean.counterfactual.shown_step import (
    ANGLE,
    KNEE_PEAK,
    shown_step,
    usual_step,
)
from strikelean.counterfactual.sweep_poses import POSE_COLUMNS
from strikelean.exclusions import write_note
from strikelean.formats.contacts import Contacts, FootContact, write_contacts
from strikelean.formats.files import Note, write_table
from strikelean.formats.ground import write_ground
from strikelean.formats.hdf5 import Waveform
from strikelean.formats.series import TimeSeries
from strikelean.formats.sto import write_sto
from strikelean.formats.trc import write_trc
from strikelean.lab.strike_classes import FOREFOOT, REARFOOT
from strikelean.motion.stance_poses import (
    COLUMNS,
    FRAMES,
    knee_arm_m,
    pose_table,
)
from strikelean.report.page import TEMPLATES
from strikelean.report.page_data import SCRIPTS
from strikelean.report.page_files import DrawnRunner, DrawnTrial, PageFiles
from strikelean.report.poses import (
    ASSUMED,
    RECORDED,
    UNSEEN,
    Figures,
    decode_pose,
    encode_pose,
    pose_data,
    read_figures,
)
from strikelean.report.see import habitual_classes, peak_share, see_parts, see_tables
from strikelean.report.strobe import PERCENT
from strikelean.studies.cohort import STRIKE_ANGLE, build_cohort
from study_cohorts import ROOT


def test_text_keeps_a_pose_to_half_a_millimetre() -> None:
    found = pose()
    assert np.abs(decode_pose(encode_pose(found)) - found).max() <= 0.5e-3
    found[:, 3] = np.nan
    back = decode_pose(encode_pose(found))
    assert np.isnan(back[:, 3]).all()
    assert np.isfinite(np.delete(back, 3, axis=1)).all()


def test_the_usual_step_is_nearest_the_mean() -> None:
    assert usual_step({2: 100.0, 4: 140.0, 6: 123.0}) == 6
    # as near: the earlier
    assert usual_step({4: 110.0, 2: 90.0}) == 2


def peaks(values: dict[tuple[str, int], float]) -> pd.DataFrame:
    rows = [
        {
            "subject": "A",
            "trial": "run",
            "metric": KNEE_PEAK,
            "side": side,
            "step": step,
            "value": v,
        }
        for (side, step), v in values.items()
    ]
    columns = ["subject", "trial", "metric", "side", "step", "value"]
    return pd.DataFrame(rows, columns=columns)


def test_a_figure_shows_the_right_foot_where_it_has_steps() -> None:
    table = peaks({("right", 2): 90.0, ("right", 4): 101.0, ("right", 6): 110.0, ("left", 1): 9.0})
    steps = [(1, "left"), (2, "right"), (4, "right"), (6, "right")]
    assert shown_step(table, steps) == (4, "right")
    assert shown_step(table.iloc[::-1], steps[::-1]) == (4, "right")
    assert shown_step(table, steps[:1]) == (1, "left")
    # no moment is known
    assert shown_step(table.iloc[:0], steps) == (2, "right")
    assert shown_step(table, []) is None


class Laboratory:
    """A cohort's files of motion in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.trials: list[DrawnTrial] = []
        self.sweeps: list[Path] = []
        self.out: dict[tuple[str, str], str] = {}

    def runner(self, name: str) -> DrawnRunner:
        static_file = self.folder / name / "static.trc"
        write_trc(static_file, static())
        marker_set = self.folder / "made.yaml"
        rows = [
            f"  {side}: {{heel: {side}.heel, fifth_metatarsal: {side}.fifth_metatarsal, "
            f"toe: {side}.toe}}"
            for side in CONTACTS
        ]
        text = (ROOT / "models/markersets/virtual.yaml").read_text(encoding="utf-8").splitlines()
        begin = next(n for n, line in enumerate(text) if line.startswith("landmarks:"))
        lines = [*text[: begin + 1], *rows, *text[begin + 3 :]]
        marker_set.write_text("\n".join(lines), encoding="utf-8")
        return DrawnRunner(MASS_KG, HEIGHT_M, static_file, marker_set)

    def trial(
        self,
        subject: str,
        name: str,
        condition: str,
        *,
        sides: tuple[str, ...] = ("right", "left"),
        points: TimeSeries | None = None,
        selected: bool = True,
    ) -> DrawnTrial:
        at = self.folder / subject / name
        at.mkdir(parents=True)
        made = DrawnTrial(
            subject, name, condition, at / "body_points.sto", at / "grf.mot", at / "contacts.csv"
        )
        write_sto(made.body_points, points or body_points(), "body_points")
        write_ground(made.grf, forces_of(ground()))
        rows = [
            (n, side, *CONTACTS[side], True, "", selected and side in sides, 12.3, 5.0, "rearfoot")
            for n, side in enumerate(CONTACTS, 1)
        ]
        write_contacts(Contacts([FootContact(*row) for row in rows]), made.contacts)
        self.trials.append(made)
        return made

    def sweep(self, subject: str, trial: str, angles: tuple[int, ...]) -> None:
        tables = []
        for angle in angles:
            table = pose_table(pose())
            table[["subject", "trial", "side", "step"]] = subject, trial, "right", 1
            table[ANGLE], table["trunk_observed"] = angle, "yes"
            tables.append(table)
        path = self.folder / subject / trial / "sweep_poses.csv"
        write_table(pd.concat(tables)[list(POSE_COLUMNS)], path)
        self.sweeps.append(path)

    def figures(self, classes: Mapping[str, str] | None = None) -> Figures:
        files = PageFiles(
            *[Path("unused")] * 9, [], Path("unused"), Path("unused"),
            drawn_trials=self.trials,
            drawn_runners={t.subject: self.runner(t.subject) for t in self.trials},
            sweep_poses=self.sweeps,
        )  # fmt: skip
        quality = pd.DataFrame(
            [
                {"subject": t.subject, "trial": t.trial, "included": "no" if reason else "yes",
                 "reason": reason}
                for t in self.trials
                for reason in [self.out.get((t.subject, t.trial), "")]
            ],
            columns=["subject", "trial", "included", "reason"],
        )  # fmt: skip
        return read_figures(files, peaks({}), quality, virtual=False, classes=classes or {})


@pytest.fixture
def laboratory(tmp_path: Path) -> Laboratory:
    return Laboratory(tmp_path)


def section(figures: Figures) -> str:
    """Return the page's section."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("see.html").render(see=see_parts(figures))


def test_conditions_come_in_the_articles_order_and_predictions_last(laboratory: Laboratory) -> None:
    for name, condition in (
        ("c", "cadence"), ("a~lean+05", "lean"), ("a", "heel_strike"), ("b", "forefoot_lean"),
        ("a~forefoot", "forefoot_upright"), ("again", "heel_strike"),
    ):  # fmt: skip
        laboratory.trial("A", name, condition)
    found = laboratory.figures()
    assert [one.trial for one in found.trials] == ["a", "b", "c", "a~forefoot", "a~lean+05"]
    assert [one.basis for one in found.trials] == ["recorded"] * 3 + ["model prediction"] * 2
    first = found.trials[0]
    assert (first.side, first.strike, first.angle_deg) == ("right", "rearfoot", 12.3)
    np.testing.assert_allclose(first.pose, pose(), atol=1e-9)
    drawing = ElementTree.fromstring(str(see_parts(found)["strobe"]))
    # three conditions, five instants each
    assert len([e for e in drawing.iter() if e.get("class") == "mass"]) == 3 * len(PERCENT)
    assert len(see_tables(found)["strobe"]) == 1 + 3 * len(PERCENT)


def test_excluded_and_failed_trials_are_left_out_with_their_reason(laboratory: Laboratory) -> None:
    laboratory.trial("A", "good", "heel_strike")
    excluded = laboratory.trial("A", "bad", "forefoot_upright")
    write_note([excluded.contacts, excluded.body_points], Note("markers on a wall"))
    laboratory.trial("B", "judged", "heel_strike")
    laboratory.out["B", "judged"] = "no steps"
    laboratory.trial("B", "none", "heel_strike", selected=False)
    laboratory.sweep("A", "good", (-5, 0, 5))
    broken = laboratory.folder / "B" / "judged" / "sweep_poses.csv"
    write_note([broken], Note("no stride"))
    laboratory.sweeps.append(broken)
    found = laboratory.figures()
    assert [one.trial for one in found.trials] == ["good"]
    assert [one.lean_deg for one in found.leans] == [-5, 0, 5]
    assert found.left_out == (
        "A bad: markers on a wall",
        "B judged: no steps",
        "B none: no step of it is selected",
        "B judged at other angles of the trunk: no stride",
    )
    text = section(found)
    assert "4 not drawn, and why" in text
    assert "markers on a wall" in text


def test_steps_of_one_foot_are_enough(laboratory: Laboratory) -> None:
    laboratory.trial("A", "run", "", sides=("left",))
    (only,) = laboratory.figures().trials
    assert (only.side, only.key, only.label) == ("left", "", "no condition")
    assert "A at 0, 25, 50, 75 and 100 % of stance" in section(laboratory.figures())


def test_a_trunk_without_markers_is_dashed_and_called_assumed(laboratory: Laboratory) -> None:
    laboratory.trial("A", "run", "heel_strike", points=body_points(observed="no"))
    points = body_points()
    unknown = points.values.copy()
    unknown[:, [points.index(f"torso_axis_{axis}") for axis in "xyz"]] = np.nan
    laboratory.trial("B", "run", "heel_strike", points=replace(points, values=unknown))
    laboratory.trial("C", "run", "heel_strike")
    found = laboratory.figures()
    assert [one.trunk for one in found.trials] == [ASSUMED, UNSEEN, RECORDED]
    only = {one.runner: see_parts(Figures((one,))) for one in found.trials}
    assert 'class="limb trunk assumed"' in only["A"]["strobe"]
    assert "assumed" in only["A"]["strobe_caption"]
    assert "trunk" not in only["B"]["strobe"]
    assert "assumed" not in only["C"]["strobe"]
    # JSON has no NaN
    json.dumps(pose_data(found), allow_nan=False)


def test_recordings_of_habit_are_named_after_the_landing_and_not_the_tables_label(
    laboratory: Laboratory,
) -> None:
    laboratory.trial("A", "run", "midfoot")
    laboratory.trial("A", "run~lean+05", "lean")
    laboratory.trial("B", "run", "midfoot")
    found = laboratory.figures({"A": FOREFOOT, "B": REARFOOT})
    assert [(one.key, one.label) for one in found.trials] == [
        (FOREFOOT, "lands on the forefoot"),
        ("~lean+05", "lean"),
        (REARFOOT, "lands on the heel"),
    ]
    assert {one.aim for one in found.trials} == {""}
    text = section(found)
    assert "different people" in text
    assert "midfoot" not in text
    # from the heel forward, one runner of each
    assert text.index("B lands on the heel") < text.index("A lands on the forefoot")


def landed(*trials: tuple[str, str, str, float]) -> pd.DataFrame:
    rows = [
        {"subject": subject, "trial": trial, "condition": condition, "side": side, "step": 1,
         "metric": STRIKE_ANGLE, "value": angle, "unit": "deg", "basis": "measured"}
        for subject, trial, condition, angle in trials
        for side in ("right", "left")
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_runners_recorded_one_way_only_are_grouped_by_landing_and_others_by_condition() -> None:
    one_way = (("A", "run", "midfoot", -12.0), ("B", "run", "heel_strike", 12.0))
    assert habitual_classes(build_cohort(landed(*one_way))) == {"A": FOREFOOT, "B": REARFOOT}
    predicted = (*one_way, ("B", "run~forefoot", "forefoot_upright", -9.0))
    assert habitual_classes(build_cohort(landed(*predicted))) == {"A": FOREFOOT, "B": REARFOOT}
    both = (*one_way, ("B", "other", "forefoot_upright", -9.0))
    assert habitual_classes(build_cohort(landed(*both))) == {}


def test_the_marked_instant_is_that_of_the_highest_mean_moment(laboratory: Laboratory) -> None:
    laboratory.trial("A", "run", "heel_strike")
    laboratory.trial("A", "other", "forefoot_upright")
    found = laboratory.figures()
    share = np.arange(101.0)

    def curve(peak: float) -> Waveform:
        values = -np.abs(share - peak) * np.ones((3, 1))
        return Waveform(values, "N m", "extension positive", "", "measured")

    place = "A/{}/{}/knee_extension_moment".format
    curves = {place("run", "right"): curve(43.0), place("other", "right"): curve(20.0)}
    assert peak_share(curves, found) == 43
    assert peak_share({}, found) is None
    assert see_parts(found, 43)["peak"] == 43


def test_a_page_without_any_runner_says_why() -> None:
    text = section(Figures(left_out=("A run: no steps",)))
    assert "No runner can be drawn" in text
    assert "A run: no steps" in text
    assert "<svg" not in text
    assert see_tables(Figures()) == {}


STUB = """
const elements = {};
const page = { data: { poses: JSON.parse(require("fs").readFileSync(0, "utf-8")) } };
"""
ASK = """
const pose = page.poses("A", { key: "heel_strike" });
const arms = [...Array(60).keys()].map((n) =>
  page.kneeArm(page.pointsAt(pose, (100 * n) / 59), "right").metres);
const half = page.poses("A", { lean: 2.5 });
const mean = page.poses("mean", { lean: 0 });
console.log(JSON.stringify({ arms, values: [...pose.values], half: half.interpolated,
  mean: [...mean.values], beyond: page.poses("A", { lean: 9 }) }));
"""


def test_the_script_draws_what_python_wrote(laboratory: Laboratory, tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node to run the page's script with")
    laboratory.trial("A", "run", "heel_strike")
    laboratory.sweep("A", "run", (0, 5))
    figures = laboratory.figures()
    script = tmp_path / "ask.js"
    own = (SCRIPTS / "figure.js").read_text(encoding="utf-8")
    script.write_text(STUB + own + ASK, encoding="utf-8")
    run = subprocess.run(
        [node, str(script)], input=json.dumps(pose_data(figures)), capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    said = json.loads(run.stdout)
    drawn = np.reshape(said["values"], (FRAMES, len(COLUMNS)))
    np.testing.assert_allclose(drawn, pose(), atol=0.51e-3)
    ends = slice(1, -1)
    np.testing.assert_allclose(said["arms"][ends], knee_arm_m(drawn)[ends], atol=1e-9)
    assert said["half"] is True
    assert said["beyond"] is None
    np.testing.assert_allclose(np.ravel(said["mean"]), drawn.ravel(), atol=1.1e-3)
