// The runner moving: figures side by side and in step, played, scrubbed and chosen.
"use strict";

(() => {
  const player = document.getElementById("see-player");
  if (!player) return;
  const find = (name) => player.querySelector(`[data-see="${name}"]`);
  const [runnerList, boxes, stage, playButton, scrub, output, speed, live] =
    ["runner", "shown", "stage", "play", "scrub", "phase", "speed", "live"].map(find);
  const slots = [...stage.querySelectorAll("figure")];
  const FIRST = 3;
  // where the knee is loaded most, where that is known
  const peak = page.data.poses.peak;
  const START = peak === null ? 40 : peak;
  let phase = START;
  let shown = [];
  let last = null;
  let waiting = 0;

  const runner = () => {
    const known = [...runnerList.options].map((option) => option.value);
    return known.includes(page.state.runner) ? page.state.runner : known[0];
  };

  function chosenKeys() {
    const keys = page.figures.choices(runner()).map((record) => record.key);
    const asked = (page.state.figures || "").split(",").filter((key) => keys.includes(key));
    return asked.length ? keys.filter((key) => asked.includes(key)) : keys.slice(0, FIRST);
  }

  const toes = (angle) => Math.abs(angle) < 0.05 ? "foot level" : `toes ${Math.abs(angle).toFixed(1)}° ${angle < 0 ? "down" : "up"}`;

  /** Return the title of a figure: what was asked for, and what was reached where it is not that. */
  function title(pose) {
    const own = (pose.records || [pose]).map((record) => record.strike).filter(Boolean);
    const missed = own.filter((name) => pose.aim && name !== pose.aim);
    if (2 * missed.length <= own.length) return pose.label;
    return `${pose.label}: aimed at ${pose.aim}, landed ${[...new Set(missed)].join(" or ")}`;
  }

  /** Return how a foot landed, whatever the condition is called. */
  function strike(pose) {
    const one = (record) => record.strike || "strike unknown";
    if (pose.records) {
      const counts = new Map();
      for (const record of pose.records) counts.set(one(record), (counts.get(one(record)) || 0) + 1);
      return [...counts].map(([name, count]) => `${count} ${name}`).join(", ");
    }
    return pose.angle === null ? one(pose) : `${one(pose)}, ${toes(pose.angle)}`;
  }

  function whose(pose) {
    if (pose.records) return `mean of ${pose.runners} runner${pose.runners > 1 ? "s" : ""}`;
    const of = pose.of_steps > 1 ? `, one of ${pose.of_steps}` : "";
    return `${pose.side} foot, step ${pose.step}${of}`;
  }

  function line(parent, name, text) {
    const made = document.createElement(name);
    made.textContent = text;
    parent.append(made);
    return made;
  }

  /** Write what stays the same below a figure. */
  function caption(figure, pose) {
    const under = figure.querySelector("figcaption");
    under.replaceChildren();
    line(under, "strong", title(pose));
    line(under, "span", pose.basis).className = "basis";
    const step = pose.records ? "Steps drawn" : "Step drawn";
    line(under, "p", `${pose.grouped ? step : "Landed"}: ${strike(pose)}`);
    line(under, "p", whose(pose)).className = "quiet";
    if (pose.trunk !== "recorded")
      line(under, "p", pose.trunk === "assumed" ? "Trunk assumed: no markers on it" : "Trunk not known");
    line(under, "p", "").dataset.now = "";
  }

  /** Return what changes from instant to instant, in a few words. */
  function now(pose) {
    const points = page.pointsAt(pose, phase);
    const lean = page.figures.lean(points);
    const trunk = pose.trunk === "recorded"
      ? `; trunk ${Math.abs(lean).toFixed(0)}° ${lean < 0 ? "backward" : "forward"}` : "";
    if (!page.figures.hasForce(points)) return `Hardly any ground force${trunk}`;
    const arm = 100 * page.kneeArm(points, pose.side).metres;
    const size = page.figures.forceSize(points).toFixed(2);
    const where = arm < 0 ? "in front of" : "behind";
    return `Force ${size} body weights, ${Math.abs(arm).toFixed(1)} cm ${where} the knee${trunk}`;
  }

  function draw() {
    const together = shown.map((one) => one.pose);
    for (const { figure, pose } of shown) {
      page.drawRunner(figure.querySelector("svg"), pose, phase, { poses: together });
      figure.querySelector("[data-now]").textContent = now(pose);
    }
    scrub.value = String(Math.round(phase));
    const text = `${Math.round(phase)} % of stance`;
    output.textContent = text;
    scrub.setAttribute("aria-valuetext", text);
  }

  /** Say where the figures are, once they stand still. */
  function say() {
    const each = shown.map(({ pose }) => `${pose.label}: ${page.figures.told(pose, phase)}`);
    live.textContent = `${Math.round(phase)} % of stance. ${each.join(". ")}.`;
  }

  /** Tell the rest of the page where the figures stand; read it out once they rest there. */
  function keep() {
    page.set({ phase: Math.round(phase) }, "see");
    clearTimeout(waiting);
    waiting = setTimeout(say, 200);
  }

  function go(to) {
    last = null;
    button(false);
    phase = Math.min(100, Math.max(0, to));
    keep();
  }

  function frame(time) {
    if (last === null) return;
    const contact = (shown[0] && shown[0].pose.contact) || 0.25;
    phase += ((time - last) / 1000 / contact) * 100 * Number(speed.value);
    if (phase > 100) phase = 0;
    last = time;
    draw();
    requestAnimationFrame(frame);
  }

  // nothing moves until it is asked to, whatever a reader's settings
  function button(playing) {
    playButton.textContent = playing ? "Pause" : "Play";
  }

  function play() {
    last = performance.now();
    button(true);
    requestAnimationFrame(frame);
  }

  function pause() {
    if (last === null) return;
    last = null;
    button(false);
    keep();
  }

  /** Fill the list of what can be shown, and the figures. */
  function choose() {
    runnerList.value = runner();
    const keys = chosenKeys();
    boxes.replaceChildren(...page.figures.choices(runner()).map((record) => {
      const label = document.createElement("label");
      const box = document.createElement("input");
      Object.assign(box, { type: "checkbox", value: record.key, checked: keys.includes(record.key) });
      const predicted = record.key.startsWith("~") ? " (prediction)" : "";
      label.append(box, ` ${record.label}${predicted}`);
      return label;
    }));
    boxes.closest("fieldset").hidden = boxes.children.length < 2;
    shown = keys.map((key, n) => ({ figure: slots[n], pose: page.poses(runner(), { key }) }));
    slots.forEach((figure, n) => {
      figure.hidden = n >= shown.length;
      if (n < shown.length) caption(figure, shown[n].pose);
    });
    stage.style.setProperty("--figures", String(shown.length));
  }

  function update(state, changes) {
    const asked = Number(state.phase);
    if ("phase" in changes && state.phase !== "" && asked >= 0 && asked <= 100) phase = asked;
    const others = "runner" in changes || "figures" in changes || !shown.length;
    if (others) choose();
    if (others || "phase" in changes) draw();
  }

  runnerList.addEventListener("change", () => page.set({ runner: runnerList.value }, "see"));
  boxes.addEventListener("change", () => {
    const keys = [...boxes.querySelectorAll("input:checked")].map((box) => box.value);
    const focused = document.activeElement.value;
    page.set({ figures: keys.join(",") }, "see");
    // the list was made anew
    const again = [...boxes.querySelectorAll("input")].find((box) => box.value === focused);
    if (again) again.focus();
    say();
  });
  const toPeak = find("peak");
  if (toPeak) toPeak.addEventListener("click", () => go(peak));
  playButton.addEventListener("click", () => (last === null ? play() : pause()));
  scrub.addEventListener("input", () => go(Number(scrub.value)));
  player.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: -1, ArrowRight: 1, PageDown: -10, PageUp: 10 };
    const tag = event.target.tagName;
    if (tag === "SELECT" || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === " " && (event.target === scrub || event.target === stage)) {
      event.preventDefault();
      playButton.click();
    } else if (event.key in steps && event.target !== scrub) {
      event.preventDefault();
      go(Math.round(phase) + steps[event.key]);
    }
  });
  slots.forEach((_, n) => {
    page.tables[`runner-${n + 1}`] = () => (shown[n] ? page.poseRows(shown[n].pose) : []);
  });
  new ResizeObserver(draw).observe(stage);
  page.on(update);
  update(page.state, page.state);
})();
