"""The Methods paragraph and the limits, worded from what was run and never from habit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from strikelean.constants import ASSUMED_LEAN_DEG
from strikelean.lab.strike_classes import FOREFOOT_BELOW_DEG, REARFOOT_ABOVE_DEG
from strikelean.markersets import SIDES
from strikelean.report.digits import known
from strikelean.report.explored import KINDS
from strikelean.report.groups import words
from strikelean.studies.cohort import KNOWN_SHARE
from strikelean.studies.regressions import RUNNERS_PER_PREDICTOR
from strikelean.studies.statistics import SMALL_GROUP

STRENGTH = {
    "mass_two_thirds": "scaled with body mass to the power 2/3 (Jaric 2002)",
    "handsfield2014": "set from muscle volumes by mass and height (Handsfield 2014)",
    "none": "left as in the generic model",
}
ENGINE = {
    "fast": "by weighted least squares, all frames at once, iterated until no coordinate moved",
    "opensim": "with OpenSim's solver",
}
TENDON = {
    "compliant": "tendons stretching with their force (fibres and tendons in equilibrium, "
    "Millard 2013)",
    "rigid": "tendons rigid",
}
CAPACITY = {
    "pennated": "a muscle's capacity counted the cosine of its pennation",
    "opensim_tool": "a muscle's capacity left out the cosine of its pennation, as OpenSim's own "
    "tool does",
}


def _worded(table: Mapping[str, str], key: object) -> str:
    return table.get(str(key), f"by the choice \u201c{key}\u201d")


def methods(
    settings: Mapping[str, Any],
    provenance: Mapping[str, str],
    paired: bool,
    virtual: bool = False,
    alone: bool = False,
) -> list[str]:
    """Return the paragraphs of Methods.

    Args:
        settings: the configuration used.
        provenance: versions out of ``cohort.h5``.
        paired: whether conditions were compared within runners.
        virtual: whether the runners are virtual.
        alone: whether there is one runner.
    """
    return [
        _recording(settings),
        _motion(settings),
        _muscles(settings),
        _doses(),
        _statistics(paired, virtual, alone),
        _software(provenance),
    ]


def _doses() -> str:
    more = "; ".join(f"{kind.noun}: {kind.asked}" for kind in KINDS.values())
    return f"The sliders hold the doses that were run or worked out. Settings give more ({more})."


def _recording(settings: Mapping[str, Any]) -> str:
    recording, steps = settings["recording"], settings["steps"]
    moved = (
        "Forces were moved onto the markers\u2019 clock where Newton\u2019s law of the whole body "
        "and the landing of foot and shank agreed on their delay. "
        if recording["correct_clock"]
        else ""
    )
    return moved + (
        f"A contact was the time with a vertical force above {recording['contact_threshold_n']} N, "
        f"{recording['min_contact_s']} to {recording['max_contact_s']} s long; the first "
        f"{steps['contacts_per_foot']} valid contacts of each foot were used. Marker gaps up to "
        f"{recording['max_gap_s']} s were filled, longer ones left blank. The centre of pressure "
        f"was used above {recording['cop_min_force_n']} N. Foot-strike angle is the line from heel "
        "to fifth metatarsal against the ground at contact less its angle in standing; rearfoot "
        f"above {REARFOOT_ABOVE_DEG} deg, forefoot below \u2212{abs(FOREFOOT_BELOW_DEG)} deg, "
        "midfoot between (Mo 2023)."
    )


def _motion(settings: Mapping[str, Any]) -> str:
    motion, cutoffs = settings["kinematics"], settings["filter"]
    engine, stock = _worded(ENGINE, settings["engine"]), settings["engine"] == "opensim"
    accuracy = f" at accuracy {motion['accuracy']:g}" if stock else ""
    text = (
        f"The generic model (\u201c{settings['model']['name']}\u201d where the table of subjects "
        "names no other) was scaled to each runner's standing trial (mid stances of a recording "
        "where there is none, which warnings say) and given the runner's mass; "
        f"maximum isometric muscle force was {_worded(STRENGTH, settings['scaling']['strength'])}. "
        f"Inverse kinematics was solved {engine}{accuracy}. "
        f"Coordinates and ground forces were filtered alike at {cutoffs['cutoff_hz']} Hz "
        f"(Butterworth, zero lag, order {cutoffs['order']}), for impact peak and loading rates at "
        f"{cutoffs['loading_rate_cutoff_hz']} Hz; net moments follow by inverse dynamics and are "
        "internal, extension and plantarflexion positive."
    )
    if motion["knee3"]:
        text += (
            " Knee adduction and rotation come from a second solution with both free "
            "(Grood and Suntay 1983); they take no part in the loads."
        )
    return text


def _muscles(settings: Mapping[str, Any]) -> str:
    muscles = settings["muscles"]
    if settings["engine"] == "opensim":
        of_tool = {"passive_force": False, "capacity": "opensim_tool"}
        muscles = muscles | of_tool | {"tendon": "rigid", "strength": 1.0, "hip_strength": 1.0}
    passive = "with" if muscles["passive_force"] else "without"
    return (
        "In every frame of stance the net moments were shared among muscles by the least sum of "
        f"squared activations (each {muscles['activation_min']} to {muscles['activation_max']}), "
        f"{_worded(TENDON, muscles['tendon'])}, {passive} the passive force of stretched fibres, "
        f"active forces times {muscles['strength']}, of muscles that cross the hip alone times "
        f"{muscles['hip_strength']} more; "
        f"{_worded(CAPACITY, muscles['capacity'])}; a reserve of {muscles['reserve_nm']} N m cost "
        "as much as one fully active muscle. Joint forces follow from Newton's and Euler's laws. "
        "Patellofemoral force was computed three times: net extension moment over the effective "
        "lever arm, and sum of the quadriceps forces, both times the ratio of patellofemoral to "
        "quadriceps force (Nunes 2018), and the model's joint reaction; stress is each over the "
        "contact area of Connolly and of Powers. Beyond a curve's data the waveform is blank, and "
        "peaks hold the last area and carry a bracket."
    )


def _statistics(paired: bool, virtual: bool, alone: bool) -> str:
    text = (
        "Steps were averaged within a side (a metric known in fewer than "
        f"{KNOWN_SHARE:.0%} of a side's steps was left out), then sides, so that the runner is the "
        "unit. Values that rest on an assumption were not compared. "
    )
    if virtual:
        return text + (
            "The runners are virtual and their number is a setting, so nothing was tested: "
            "intervals are the model's own bands, and verdicts say what the model predicts. A "
            "metric that a technique sets or keeps as recorded is no finding and has no verdict."
        )
    if alone:
        return text + (
            "There is one runner, whose conditions were compared over their own steps: intervals "
            "of recordings are 95 %, Welch's with each foot of each recording as a group, and take "
            "steps as independent; a prediction has the model's band. Nothing was tested and "
            "nothing follows for other runners."
        )
    compared = (
        "Conditions were compared within runners by paired t-tests, and for metrics that studies "
        "name by a mixed model on single steps (random intercept and effect of every runner)"
        if paired
        else "Runners were compared between strike classes by Welch's t-test"
    )
    return text + (
        f"{compared}; effect sizes are Hedges' {'g_av' if paired else 'g'}; regression on "
        "foot-strike angle is by least squares over feet, as runners run of their own accord, with "
        "errors from leaving out one runner at a time, alone and with speed, mass and "
        f"stature held as far as there are {RUNNERS_PER_PREDICTOR} runners for every predictor "
        "(Austin and Steyerberg 2015). Intervals are 95 %: of a difference between fewer than "
        f"{SMALL_GROUP} runners by permutation (Nguyen 2009), else from the test, of a change in "
        "percent by Fieller's method. p is two-sided, of the t-test and in the claims of the "
        "interval's own method, and given uncorrected and after Holm's correction: in the "
        "comparisons within two families (metrics that studies or claims name, and all others), "
        "beside a study within that study, over the claims. "
        "Whole curves were compared by statistical parametric mapping (spm1d; Pataky 2010)."
    )


def _software(provenance: Mapping[str, str]) -> str:
    named = {"opensim": "OpenSim", "python": "Python", "numpy": "NumPy", "scipy": "SciPy"}
    parts = [f"{text} {provenance[key]}" for key, text in named.items() if key in provenance]
    if not parts:
        return "The versions of the software were not recorded."
    return f"Computed with {', '.join(parts)}; all versions stand under Provenance."


def limits(
    quality: pd.DataFrame, assumed: list[str], settings: Mapping[str, Any], paired: bool
) -> list[str]:
    """Return the limits that apply to this cohort.

    Args:
        quality: quality.csv.
        assumed: metrics with the basis ``assumed``.
        settings: the configuration used.
        paired: whether conditions were compared within runners.
    """
    lines = [
        "Muscle and joint forces are model estimates, never measurements. Patellofemoral stress "
        "of the same runners has differed twofold between methods (Kernozek 2015, doi "
        "10.1016/j.gaitpost.2015.05.017): compare within one method, not between laboratories.",
        "The knee that carries the loads is a hinge with coupled motions, the foot one rigid "
        "segment, tendons do not stretch. None of the three patellofemoral methods has a frontal "
        "or transverse term: they say nothing about valgus or tibial rotation. The estimate that "
        "has one (Huberti and Hayes 1984) takes the effect of the Q-angle for granted and is shown "
        "beside them only.",
        "On a treadmill (trials with a belt speed in the table) the belt holds the speed: nobody "
        "is slowed by braking, and results need not carry over to the road.",
    ]
    if not paired:
        lines.append(
            "Groups of runners differ in more than the way they land. A difference between them is "
            "no evidence that a runner who changes will change by as much."
        )
    if assumed:
        lines.append(
            "The trunk or arms were not observed in some or all trials: there the trunk is held "
            f"steady, {ASSUMED_LEAN_DEG} deg forward, and {len(assumed)} metrics rest on that "
            f"({_listed(assumed)}). They are "
            "marked \u201cassumed\u201d in metrics.csv and not compared; hip moments and forces "
            "and root residuals contain the assumed trunk's inertia as well."
        )
    used = quality[quality["included"] == "yes"]
    if "reserves_carry_share" in used and used["reserves_carry_share"].notna().any():
        worst = used["reserves_carry_share"].max()
        if known(worst) and worst > 0:
            lines.append(
                "The model's muscles were too weak in some frames, where reserve actuators carried "
                f"part of a moment: up to {worst:.0%} of the stance frames of a trial. The forces "
                "of the muscles concerned are underestimated there."
            )
    single = used[used["sides"].isin(SIDES)] if "sides" in used else used[:0]
    if len(single):
        runners = single.groupby("sides", sort=False)["subject"].unique()
        told = [f"{', '.join(map(str, own))} by the {side} one" for side, own in runners.items()]
        lines.append(
            "Runners of whom one foot alone has enough steps are compared by that foot in all "
            f"their conditions: {'; '.join(told)}."
        )
    if not settings["kinematics"]["knee3"]:
        lines.append("Knee adduction and rotation were not computed (kinematics.knee3 is off).")
    return lines


def _listed(metrics: list[str]) -> str:
    stems = dict.fromkeys(
        words(name).removesuffix(" per height").split(" moment ")[0] for name in metrics
    )
    return ", ".join(stems)
