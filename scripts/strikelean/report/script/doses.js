// Numbers of the explorer: what stands at a dose, solved or between two, and how it is printed.
// Nothing here touches the page, so that it runs in a test as well.
"use strict";

const doses = (() => {
  const MINUS = "\u2212";
  const UNKNOWN = "\u2013";
  const PARTS = ["value", "low", "high", "change", "change_low", "change_high"];
  const isKnown = (value) => value !== null && value !== undefined && Number.isFinite(value);

  /** A number with so many decimals, a true minus sign, never minus zero; a dash if unknown. */
  function fixed(value, decimals) {
    if (!isKnown(value)) return UNKNOWN;
    const text = value.toFixed(decimals);
    return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", MINUS);
  }

  /** The same with a plus sign above zero. */
  function signed(value, decimals) {
    const text = fixed(value, decimals);
    return isKnown(value) && Number(value.toFixed(decimals)) > 0 ? `+${text}` : text;
  }

  /** "low to high", a dash where either end is not known. */
  function between(low, high, decimals, print = fixed) {
    if (!isKnown(low) || !isKnown(high)) return UNKNOWN;
    return `${print(low, decimals)} to ${print(high, decimals)}`;
  }

  /** The solved doses on both sides of a dose: places in the list, the same twice on a solved one. */
  function around(list, curve, dose) {
    let below = -1;
    let above = -1;
    list.forEach((at, place) => {
      if (!isKnown(curve.change[place])) return;
      if (at <= dose) below = place;
      if (at >= dose && above < 0) above = place;
    });
    return below < 0 || above < 0 ? null : [below, above];
  }

  /**
   * All numbers of a curve at a dose: those of the table at a solved one, else on the straight
   * line between its neighbours; null outside what was solved.
   */
  function at(list, curve, dose) {
    const places = around(list, curve, dose);
    if (!places) return null;
    const [below, above] = places;
    const share = below === above ? 0 : (dose - list[below]) / (list[above] - list[below]);
    const found = { solved: below === above, from: list[below], to: list[above] };
    for (const part of PARTS) {
      const [first, second] = [curve[part][below], curve[part][above]];
      if (below === above) found[part] = first;
      else found[part] = isKnown(first) && isKnown(second) ? first + share * (second - first) : null;
    }
    return found;
  }

  /** The solved dose nearest to one, null where the runner has none. */
  function nearest(list, curve, dose) {
    const known = list.filter((_, place) => isKnown(curve.change[place]));
    if (!known.length) return null;
    return known.reduce((best, own) => (Math.abs(own - dose) < Math.abs(best - dose) ? own : best));
  }

  /** A change in a word: less, more, or no clear change where its band holds zero. */
  function direction(found) {
    if (found.change === 0) return "own run";
    const banded = isKnown(found.change_low) && isKnown(found.change_high);
    if (banded && found.change_low <= 0 && found.change_high >= 0) return "no clear change";
    return found.change < 0 ? "less" : "more";
  }

  /** The cells of one load at a dose, as printed. */
  function cells(load, found) {
    const [ofValue, ofChange] = load.decimals;
    if (!found) return { change: UNKNOWN, band: UNKNOWN, word: "not solved", value: UNKNOWN, value_band: UNKNOWN };
    const moved = found.change !== 0;
    return {
      change: `${signed(found.change, ofChange)} ${load.change_unit}`,
      band: moved ? between(found.change_low, found.change_high, ofChange, signed) : UNKNOWN,
      word: direction(found),
      value: `${fixed(found.value, ofValue)} ${load.unit}`,
      value_band: moved ? between(found.low, found.high, ofValue) : UNKNOWN,
    };
  }

  /** A dose with its sign and unit. */
  function doseText(part, dose) {
    return `${part.signed && dose > 0 ? "+" : ""}${fixed(dose, 0)} ${part.unit}`;
  }

  /** Whether a dose is solved, between two, a stretch or beyond, in words. */
  function standing(part, found, dose) {
    if (!found) return "not solved for this runner";
    const stretch = part.stretch !== null && Math.abs(dose) > part.stretch;
    const words = stretch ? "; a stretch: beyond what was published" : "";
    if (found.solved) return (dose === 0 ? "the runner's own run" : "solved") + words;
    return `interpolated between ${doseText(part, found.from)} and ${doseText(part, found.to)}${words}`;
  }

  /** A curve in words: its changes at the ends of what was solved. */
  function described(part, load, curve) {
    const known = part.doses.map((_, place) => place).filter((place) => isKnown(curve.change[place]));
    const ends = [...new Set([known[0], known[known.length - 1]])];
    const told = (place) => `${signed(curve.change[place], load.decimals[1])} ${load.change_unit}`;
    return ends.map((place) => `${told(place)} at ${doseText(part, part.doses[place])}`).join(", ");
  }

  /** Rows of a load for taking away: every runner, every solved dose, then what was published. */
  function rows(part, load) {
    const header = [
      "metric", "runner", `dose_${part.unit === "%" ? "percent" : part.unit}`, "status", "unit", "value",
      "value_low", "value_high", "change_unit", "change", "change_low", "change_high",
      "source",
    ];
    const table = [header];
    for (const [runner, curve] of Object.entries(load.curves)) {
      part.doses.forEach((dose, place) => {
        if (!isKnown(curve.change[place])) return;
        const stretch = part.stretch !== null && Math.abs(dose) > part.stretch;
        const of = (name) => curve[name][place];
        table.push([
          load.metric, runner, dose, stretch ? "stretch" : "solved", load.unit, of("value"), of("low"),
          of("high"), load.change_unit, of("change"), of("change_low"), of("change_high"),
          "",
        ]);
      });
    }
    for (const one of load.published) {
      const status = one.line ? "published, for one unit of dose" : "published";
      table.push([
        load.metric, one.study, one.dose, status, load.unit, null, null, null, load.change_unit, one.change, one.low,
        one.high, one.link,
      ]);
    }
    return table;
  }

  return { fixed, signed, between, described, at, nearest, direction, cells, doseText, standing, rows, isKnown };
})();

if (typeof module !== "undefined") module.exports = doses;
