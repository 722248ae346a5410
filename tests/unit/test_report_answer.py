"""The question and its two answers: their words follow from the tables, whatever these hold."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from made_page import Cohort, classes, page_files
from strikelean.report.amounts import LEAN_ANGLE
from strikelean.report.answer import (
    CANNOT,
    answer_rows,
    lean_sentence,
    own_sentences,
    strike_sentence,
)
from strikelean.report.answer_runners import ONE_SAYS_NOTHING, Runners, runners_of
from strikelean.report.answer_words import BY_MUSCLES, KNEECAP, MOMENT, percent, reached_words
from strikelean.report.digits import number
from strikelean.report.effects import Effect, Sources, dose_contrast
from strikelean.report.where import Errors
from strikelean.studies.claim_tests import Question
from strikelean.studies.claims import TEST_COLUMNS
from strikelean.studies.compare import COMPARISON_COLUMNS
from strikelean.studies.definitions import ContrastSpec, Dose
from strikelean.studies.verdicts import Intervals, answers

NAN = float("nan")
HIP, TENDON = "hip_extension_moment_peak_per_kg", "achilles_force_peak_bw"
NO_TESTS = pd.DataFrame(columns=list(TEST_COLUMNS))
MADE = Runners(6, 0, True, {"heel_strike": {"rearfoot": 12}}, {"rearfoot": 6}, True)


def row(
    metric: str,
    change: float,
    ends: tuple[float, float],
    *,
    a: str = "heel_strike",
    b: str = "forefoot_upright",
    muscles: tuple[float, float] = (NAN, NAN),
    predicted: bool = True,
    **told: Any,
) -> dict[str, Any]:
    """Return a row of comparisons.csv whose percents are given; the level is 2."""
    share = 0.02
    low, high = (share * end for end in ends)
    kind = "band" if predicted else "ci"
    return {
        **dict.fromkeys(COMPARISON_COLUMNS, NAN),
        "metric": metric, "unit": "u", "condition_a": a, "condition_b": b,
        "design": "within_runners", "n_a": 6, "n_b": 6,
        "mean_a": 2.0, "mean_b": 2.0 + share * change, "difference": share * change,
        f"{kind}_low": low, f"{kind}_high": high,
        "muscles_low": share * muscles[0], "muscles_high": share * muscles[1],
        "virtual": predicted, "predicted": predicted,
        "imposed": False, "kept": False, "follows": False, "reason": "", **told,
    }  # fmt: skip


def sources(*rows: dict[str, Any], tests: pd.DataFrame = NO_TESTS, **told: Any) -> Sources:
    """Return sources with 5 % as the smallest effect of everything."""
    table = pd.DataFrame(list(rows), columns=list(COMPARISON_COLUMNS))
    return Sources(table, tests, told.pop("contrasts", {}), lambda metric: 5.0, **told)


def knee(change: float, ends: tuple[float, float], **told: Any) -> list[dict[str, Any]]:
    return [row(metric, change, ends, **told) for metric in (KNEECAP, MOMENT)]


def turned(one: dict[str, Any]) -> dict[str, Any]:
    """Return a row with its effect reversed."""
    ends = {
        f"{kind}_{end}": -one[f"{kind}_{other}"]
        for kind in ("band", "ci", "muscles")
        for end, other in (("low", "high"), ("high", "low"))
    }
    return one | ends | {"difference": -one["difference"], "mean_b": 4.0 - one["mean_b"]}


def test_the_sentence_has_the_tables_percents_and_what_is_paid() -> None:
    told = strike_sentence(sources(*knee(-9.0, (-13.9, -1.7)), row(HIP, 25.6, (15.7, 35.6))), MADE)
    text = told.text.replace("\u00a0", " ")
    assert "lowers the stress behind the kneecap by 9 % (2 to 14 %)" in text
    assert "The price: 26 % (16 to 36 %) more at the hip." in text
    assert text.startswith("By the model, ")
    assert told.short == "Yes, but perhaps too little to matter."
    assert any("more than the 5 % that matter is open" in s.replace("\u00a0", " ")
               for s in told.sure)  # fmt: skip


def test_reversed_data_reverse_the_answer() -> None:
    rows = [*knee(-9.0, (-13.9, -6.0)), row(TENDON, 8.0, (6.0, 9.0))]
    plain = strike_sentence(sources(*rows), MADE)
    other = strike_sentence(sources(*map(turned, rows)), MADE)
    assert plain.short == "Yes."
    assert other.short == "No, it loads the knee more."
    assert "lowers the stress" in plain.text and "raises the stress" in other.text
    assert "more at the Achilles tendon" in plain.text
    assert "No rise elsewhere is sure" in other.text
    for leaning in (False, True):
        at = {"a": "heel_strike", "b": "lean"}
        rows = [*knee(-9.0, (-13.9, -6.0), **at), row(LEAN_ANGLE, 250.0, (NAN, NAN), **at)]
        rows = [rows[0], rows[1], rows[2] | {"imposed": True}]
        made = sources(*(map(turned, rows[:2]) if leaning else rows[:2]), rows[2])
        told = lean_sentence(made, MADE, None, 5.0)
        assert told.short == ("No, it loads the knee more." if leaning else "Yes.")
        assert "leaning 5 degrees further forward" in told.text


def test_a_rise_that_only_the_methods_own_error_may_explain_is_no_open_direction() -> None:
    key = ("forefoot_upright", "heel_strike", "hip_extension_moment_peak")
    errors = Errors({key: 5.0})
    below = row("lumbar_extension_moment_peak_per_kg", 7.0, (-2.0, 9.0))
    for low in (1.0, -1.0):
        rows = [*knee(-9.0, (-13.9, -6.0)), row(HIP, 20.0, (low, 40.0)), below]
        text = strike_sentence(sources(*rows, errors=errors), MADE).text.replace("\u00a0", " ")
        open_ = text[text.index("Not clear, so a rise is not ruled out: ") :]
        assert "lower back (\u22122 to +9 %)" in open_
        assert ("hip (" in open_) == (low < 0.0)
        told = "Higher, perhaps by no more than the method's own error: hip (+1 to +40 %)." in text
        assert told == (low > 0.0)


def test_the_order_of_rows_and_of_conditions_does_not_matter() -> None:
    rows = [*knee(-9.0, (-13.9, -1.7)), row(HIP, 25.6, (15.7, 35.6))]
    swapped = [
        turned(one) | {"condition_a": one["condition_b"], "condition_b": one["condition_a"],
                       "mean_a": one["mean_b"], "mean_b": one["mean_a"]}
        for one in reversed(rows)
    ]  # fmt: skip
    plain, other = (strike_sentence(sources(*own), MADE) for own in (rows, swapped))
    assert (plain.short, plain.text, plain.sure) == (other.short, other.text, other.sure)


@pytest.mark.parametrize(
    ("change", "ends", "short", "words"),
    [
        (-1.0, (-3.0, 2.0), "No relevant difference.", "makes no relevant difference to"),
        (-1.0, (-20.0, 18.0), "No clear answer.", "gives no clear answer for"),
        (6.0, (1.0, 9.0), "No, it loads the knee more.", "raises"),
    ],
)
def test_small_and_unclear_effects_are_called_so(
    change: float, ends: tuple[float, float], short: str, words: str
) -> None:
    told = strike_sentence(sources(*knee(change, ends)), MADE)
    assert told.short == short
    assert words in told.text


def test_a_change_within_the_methods_own_error_is_no_finding() -> None:
    errors = Errors({("forefoot_upright", "heel_strike", "knee_extension_moment_peak"): 12.0})
    rows = [row(MOMENT, -9.0, (-11.0, -7.0))]
    assert strike_sentence(sources(*rows), MADE).short == "Yes."
    told = strike_sentence(sources(*rows, errors=errors), MADE)
    assert told.short == "No relevant difference."
    assert "no more than the method's own error (12.0" in told.text


def test_muscle_models_that_disagree_in_sign_decide_nothing() -> None:
    rows = [*knee(-9.0, (-13.0, -6.0)), row(BY_MUSCLES, -7.0, (-9.0, -6.0), muscles=(-8.0, 3.0))]
    told = strike_sentence(sources(*rows), MADE)
    assert told.short == "It depends on the muscle model."
    assert any("the muscle model decides whether it falls" in line for line in told.sure)
    rows[-1] = row(BY_MUSCLES, -7.0, (-9.0, -6.0), muscles=(-8.0, -6.0))
    assert strike_sentence(sources(*rows), MADE).short == "Yes."


def test_what_the_technique_made_is_no_finding() -> None:
    rows = [*knee(-9.0, (-13.9, -6.0)), row(HIP, 25.0, (20.0, 30.0), kept=True)]
    assert "hip" not in strike_sentence(sources(*rows), MADE).text
    rows = knee(-9.0, (-13.9, -6.0), imposed=True)
    assert strike_sentence(sources(*rows), MADE).short == CANNOT


def test_the_strike_that_was_reached_is_named() -> None:
    assert reached_words({"forefoot": 12}) == "landing on the forefoot"
    assert reached_words({"midfoot": 12}).startswith("landing on the midfoot (no foot")
    assert "mostly on the midfoot (3 of 12" in reached_words({"midfoot": 9, "forefoot": 3})
    assert "(with 9 of 12 feet)" in reached_words({"midfoot": 3, "forefoot": 9})
    strikes = {"heel_strike": {"rearfoot": 12}, "forefoot_upright": {"midfoot": 12}}
    runners = Runners(6, 0, True, strikes, {}, True)
    told = strike_sentence(sources(*knee(-9.0, (-13.9, -1.7))), runners)
    assert told.heading == "Landing on the forefoot: the midfoot was reached"
    assert "instead of the heel" in told.text


def test_an_answer_of_a_claims_test_is_the_claims_own() -> None:
    """The same ends and smallest effect give the same answer, of claims and of the sentence."""
    for change, ends in ((-9.0, (-13.0, -6.0)), (-1.0, (-3.0, 2.0)), (-3.0, (-8.0, 1.0))):
        effect = Effect(MOMENT, change, ends, ends, (NAN, NAN), NAN, 5.0)
        assert effect.answer == answers(Question("decrease", 5.0), Intervals(ends, ends, ends))


def test_recorded_runners_have_the_interval_of_the_claims_test() -> None:
    test = {
        "contrast": "forefoot against heel strike", "metric": MOMENT, "unit": "%",
        "design": "within_runners", "estimate": -9.0, "ci_low": -15.0, "ci_high": -2.0,
        "ci90_low": -14.0, "ci90_high": -3.0, "smallest_effect": 5.0,
    }  # fmt: skip
    tests = pd.DataFrame([test], columns=list(TEST_COLUMNS))
    spec = ContrastSpec("f", test["contrast"], "heel_strike", "forefoot_upright")
    made = sources(
        row(MOMENT, -9.0, (-14.5, -2.5), predicted=False),
        tests=tests, contrasts={spec.label: spec},
    )  # fmt: skip
    contrast = made.contrast("heel_strike", "forefoot_upright")
    assert contrast is not None
    assert contrast.effects[MOMENT].ends == (-15.0, -2.0)
    assert contrast.effects[MOMENT].narrow == (-14.0, -3.0)


def test_slopes_answer_the_lean_where_no_second_lean_was_run() -> None:
    doses = pd.DataFrame(
        {"metric": [MOMENT, MOMENT], "unit": ["%", "N m/kg"], "slope_per_deg": [-1.0, -0.03],
         "ci_low": NAN, "ci_high": NAN, "band_low": [-1.5, -0.04], "band_high": [-0.8, -0.02],
         "n": 6}
    )  # fmt: skip
    contrast = dose_contrast(doses, 5.0, sources(), True)
    assert contrast is not None and contrast.effects[MOMENT].change == -5.0
    told = lean_sentence(sources(), MADE, doses, 5.0)
    assert "leaning 5 degrees further forward lowers" in told.text
    assert "5\u00a0% (4 to 8\u00a0%)" in told.text


def test_a_claims_test_answers_the_lean_where_it_was_run_at_several_doses() -> None:
    spec = ContrastSpec(
        "lean", "trunk 5 deg further forward", "heel_strike", "lean", Dose("a", 5.0)
    )
    test = {
        "contrast": spec.label, "metric": KNEECAP, "unit": "%", "design": "within_runners",
        "predicted": "yes", "estimate": -9.0, "band_low": -12.0, "band_high": -7.0,
        "smallest_effect": 5.0, "n_a": 8, "n_b": 8,
    }  # fmt: skip
    tests = pd.DataFrame([test], columns=list(TEST_COLUMNS))
    made = sources(tests=tests, contrasts={spec.label: spec})
    told = lean_sentence(made, MADE, None, 5.0)
    assert told.short == "Yes."
    assert "leaning 5 degrees further forward lowers the stress" in told.text


def test_percents_are_whole_unless_they_are_small() -> None:
    plain = [percent(*given).replace("\u00a0", " ") for given in (
        (-9.0, (-13.9, -1.7)), (0.6, (0.2, 0.9)), (3.0, (-1.0, 7.0)), (5.0, (NAN, NAN)),
    )]  # fmt: skip
    assert plain == ["9 % (2 to 14 %)", "0.6 % (0.2 to 0.9 %)", "3 % (\u22121 to 7 %)", "5 %"]


def answers_of(cohort: Cohort) -> list[dict[str, Any]]:
    """Return the answers of a made-up cohort's page."""
    cohort.page()
    files = page_files(cohort.folder)
    runners = runners_of(cohort.metrics, cohort.quality, {}, cohort.virtual)
    return answer_rows(files, runners)


def test_every_number_behind_an_answer_is_the_tables_own(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    runs = [(s, n, n, a) for s in "ABCDEF" for n, a in
            (("heel_strike", 15.0), ("forefoot_upright", 4.0))]  # fmt: skip
    made = Cohort(tmp_path, runs)
    made.metrics["value"] *= 1.0 + 0.02 * rng.standard_normal(len(made.metrics))
    strike, _ = answers_of(made)
    table = pd.read_csv(tmp_path / "comparisons.csv").set_index("metric")
    table = table[table["design"] == "within_runners"]
    assert {one["metric"] for one in strike["rows"]} >= {KNEECAP, MOMENT, BY_MUSCLES, TENDON}
    for one in strike["rows"]:
        own = table.loc[one["metric"]]
        share = 100.0 / own["mean_a"]
        assert one["change"] == number(share * own["difference"], 2)
    tests = pd.read_csv(tmp_path / "claim_tests.csv")
    test = tests[(tests["metric"] == MOMENT) & (tests["claim"] == 9)].iloc[0]
    moment = next(one for one in strike["rows"] if one["metric"] == MOMENT)
    assert moment["change"] == number(test["estimate"], 2)
    assert moment["ends"] == " to ".join(number(test[end], 2) for end in ("ci_low", "ci_high"))
    size = percent(test["estimate"], (test["ci_low"], test["ci_high"]))
    assert size.split("\u00a0")[0] in strike["text"] or "no clear answer" in strike["text"]


def test_runners_at_two_speeds_answer_by_how_they_land(tmp_path: Path) -> None:
    runs = [(s, f"{name}_{n}", name, angle) for s, _, _, angle in classes(4)
            for n, name in enumerate(("slow", "fast"))]  # fmt: skip
    strike, lean = answers_of(Cohort(tmp_path, runs))
    assert "real runners who land on the forefoot" in strike["text"]
    assert strike["short"] != CANNOT
    tests = pd.read_csv(tmp_path / "claim_tests.csv")
    own = tests[(tests["unit"] == "%") & (tests["design"] == "between_runners")]
    own = own.drop_duplicates("metric").set_index("metric")
    for one in strike["rows"]:
        assert one["change"] == number(own.loc[one["metric"], "estimate"], 2)
    assert lean["short"] == CANNOT


def test_a_cohort_that_cannot_answer_says_why(tmp_path: Path) -> None:
    strike, lean = answers_of(Cohort(tmp_path, [(name, "run1", "", 15.0) for name in "AB"]))
    assert strike["short"] == lean["short"] == CANNOT
    assert "two runners who land on the heel and two on the forefoot" in strike["text"]
    assert "No trunk carried markers" in lean["text"]


def test_a_cohort_with_every_trial_excluded_says_so(tmp_path: Path) -> None:
    cohort = Cohort(tmp_path, [])
    cohort.quality = pd.DataFrame(
        [{"subject": "A", "trial": "run1", "included": "no", "reason": "no plate"}],
        columns=["subject", "trial", "included", "reason", "warnings"],
    )
    for one in answers_of(cohort):
        assert one["short"] == CANNOT
        assert "Every trial was excluded" in one["text"]


def test_the_page_opens_with_question_answers_and_at_most_one_banner(tmp_path: Path) -> None:
    page = Cohort(tmp_path, classes(4)).page()
    main = page[page.index("<main>") :]
    order = [main.index(f'id="{name}"') for name in
             ("answer-title", "answer-strike", "answer-lean", "claims", "numbers")]  # fmt: skip
    assert order == sorted(order)
    assert "Nobody ran" not in re.sub(r"<script.*", "", main, flags=re.DOTALL)
    runs = [(s, n, n, 15.0) for s in "ABC" for n in ("heel_strike", "lean")]
    page = Cohort(tmp_path, runs, virtual=True).page()
    assert page.count("Nobody ran") == 1


def alone(change: float, ends: tuple[float, float], **told: Any) -> list[dict[str, Any]]:
    """Return rows of one runner's recordings."""
    one = {"design": "one_runner", "n_a": 1, "n_b": 1, "steps_a": 20, "steps_b": 18}
    one |= {"smallest_detectable": 0.02 * 3.0, "predicted": False}
    return knee(change, ends, **one | told)


ONE = Runners(1, 0, False, {"heel_strike": {"rearfoot": 2}}, {"rearfoot": 1}, True)


def test_one_runner_is_told_of_in_the_same_words_and_says_nothing_of_others() -> None:
    rows = alone(-9.0, (-13.9, -6.0))
    told = strike_sentence(sources(*rows), ONE)
    assert told.short == "For this runner: yes."
    text = told.text.replace("\u00a0", " ")
    assert "lowers the stress behind the kneecap by 9 % (6 to 14 %)" in text
    assert text.startswith("In this runner landing on the forefoot")
    assert told.ends == "95 % interval over this runner's steps"
    sure = " ".join(told.sure).replace("\u00a0", " ")
    assert "let be seen: 3.0 % of the stress behind the kneecap" in sure
    assert "20 and 18 steps" in sure
    assert sure.endswith(ONE_SAYS_NOTHING)
    band = knee(-9.0, (-13.9, -6.0), **{k: rows[0][k] for k in ("design", "n_a", "n_b")})
    predicted = strike_sentence(sources(*[one | {"virtual": False} for one in band]), ONE)
    assert predicted.ends == "range over the model's own choices"
    assert predicted.text.startswith("By the model, in this runner")
    assert "other technique a model predicts" in predicted.sure[-1]
    assert predicted.sure[-1].endswith(ONE_SAYS_NOTHING)


def test_a_technique_stands_against_the_recording_at_its_own_speed() -> None:
    def rows(base: str, change: float, speed: float) -> list[dict[str, Any]]:
        at = row("running_speed", speed, (NAN, NAN), a=base, b="lean", predicted=False)
        lean = row(LEAN_ANGLE, 250.0, (NAN, NAN), a=base, b="lean", predicted=False)
        return [*alone(change, (change - 1.0, change + 1.0), a=base, b="lean"), lean, at]

    told = lean_sentence(sources(*rows("fast", 30.0, -40.0), *rows("usual", -9.0, 0.5)), ONE,
                         None, 5.0)  # fmt: skip
    assert "lowers" in told.text and "m/s" not in told.text
    slower = lean_sentence(sources(*rows("fast", 30.0, -40.0)), ONE, None, 5.0)
    assert "They were run at 1.20 instead of 2.00 m/s" in slower.text


def test_other_conditions_of_one_runner_are_told_of_and_those_of_several_are_not() -> None:
    rows = alone(-9.0, (-13.9, -6.0), a="new_shoes", b="old_shoes")
    (told,) = own_sentences(sources(*rows), ONE)
    assert told.heading == "Beside them: old shoes against new shoes"
    assert told.short == "For this runner: yes."
    assert own_sentences(sources(*rows), MADE) == []


def test_one_runner_with_one_recording_is_told_what_it_takes(tmp_path: Path) -> None:
    made = Cohort(tmp_path, [("A", "run1", "", 12.0)])
    page = made.page()
    assert "It takes a second recording of this runner with the other strike" in page
    assert ONE_SAYS_NOTHING in page
