// The explorer: sliders over lean, step rate and strike move the loads, their charts and the figure.
"use strict";

(() => {
  const every = page.data.explorer || {};
  // about where the knee is loaded most
  const peak = page.data.poses ? page.data.poses.peak : null;
  const PHASE = peak === null || peak === undefined ? 40 : peak;

  /** Functions from numbers to places in a load's chart. */
  function scales(part, load) {
    const { left, right, top, bottom } = part.frame;
    return {
      x: (dose) => left + ((dose - load.x[0]) / (load.x[1] - load.x[0])) * (right - left),
      y: (change) => bottom - ((change - load.y[0]) / (load.y[1] - load.y[0])) * (bottom - top),
    };
  }

  function path(points) {
    return points.length ? `M${points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join("L")}` : "M0,0";
  }

  /** Move a chart's curve and band to another runner. */
  function drawCurve(svg, part, load, curve) {
    const { x, y } = scales(part, load);
    const places = part.doses.map((_, place) => place).filter((place) => doses.isKnown(curve.change[place]));
    const end = (name, place) => (doses.isKnown(curve[name][place]) ? curve[name][place] : curve.change[place]);
    const along = (name) => places.map((place) => [x(part.doses[place]), y(end(name, place))]);
    svg.setAttribute("aria-label", `${load.label}, ${part.axis}: ${doses.described(part, load, curve)}`);
    svg.querySelector(".dose-line").setAttribute("d", path(along("change")));
    const around = [...along("change_high"), ...along("change_low").reverse()];
    svg.querySelector(".dose-band").setAttribute("d", `${path(around)}Z`);
    const dots = svg.querySelector(".dose-dots");
    dots.replaceChildren();
    for (const place of places) {
      const open = part.stretch !== null && Math.abs(part.doses[place]) > part.stretch;
      const at = { cx: x(part.doses[place]), cy: y(curve.change[place]), r: 3 };
      page.svg(dots, "circle", { ...at, class: open ? "dose-dot open" : "dose-dot" });
    }
  }

  /** Move a chart's mark to a dose. */
  function drawMark(svg, part, load, dose, found) {
    const { x, y } = scales(part, load);
    const line = svg.querySelector(".dose-mark line");
    for (const end of ["x1", "x2"]) line.setAttribute(end, x(dose));
    const dot = svg.querySelector(".dose-mark circle");
    dot.setAttribute("cx", x(dose));
    dot.setAttribute("cy", found ? y(found.change) : -99);
  }

  function explore(kind, part, root) {
    const slider = root.querySelector("input[type=range]");
    const runners = root.querySelector("select");
    const said = root.querySelector("output");
    const live = root.querySelector("[aria-live]");
    const charts = part.loads.map((load) => ({
      load,
      row: root.querySelector(`tr[data-metric="${load.metric}"]`),
      svg: root.querySelector(`#fig-${kind}-${load.metric} svg`),
    }));
    const who = root.querySelector("[data-who]");
    const all = who.textContent;
    const more = root.querySelector(".dose-more");
    // a phone shows the numbers first; the printer opens what is closed
    if (more && window.matchMedia("(max-width: 40rem)").matches) more.open = false;
    let drawn = "";
    let moving = false;

    /** Draw what is chosen, and return it in words. */
    function draw() {
      const dose = Number(slider.value);
      const runner = runners.value;
      const spoken = [];
      let standing = "";
      for (const { load, row, svg } of charts) {
        const curve = load.curves[runner];
        const found = curve ? doses.at(part.doses, curve, dose) : null;
        const cells = doses.cells(load, found);
        if (row) {
          for (const [name, text] of Object.entries(cells)) {
            row.querySelector(`[data-cell=${name}]`).textContent = text;
          }
          row.dataset.word = cells.word;
          spoken.push(`${load.label.split(",")[0]} ${cells.change}`);
        }
        if (curve && drawn !== runner) drawCurve(svg, part, load, curve);
        drawMark(svg, part, load, dose, found);
        svg.closest("figure").dataset.shown = `${runners.selectedOptions[0].textContent}, model prediction`;
        if (!standing && curve) standing = doses.standing(part, found, dose);
      }
      const single = runner !== "mean";
      who.textContent = single ? `${runner}${page.data.virtual ? ", a virtual runner" : ""}` : all;
      for (const note of root.querySelectorAll(".of-mean")) note.hidden = single;
      drawn = runner;
      const text = `${doses.doseText(part, dose)}: ${standing}`;
      said.textContent = text;
      slider.setAttribute("aria-valuetext", text);
      root.classList.toggle("stretched", part.stretch !== null && Math.abs(dose) > part.stretch);
      if (kind === "lean") drawFigure(root, part, runner, dose);
      return `At ${text}. ${spoken.join("; ")}.`;
    }

    function restored(state) {
      const wanted = Number(state[kind]);
      if (state[kind] !== undefined && Number.isFinite(wanted)) slider.value = String(wanted);
      const named = [...runners.options].some((option) => option.value === state.runner);
      if (named) runners.value = state.runner;
      const words = draw();
      // read out once the slider rests
      if (!moving) live.textContent = words;
      // somebody of whom nothing was worked out was chosen elsewhere on the page
      const other = state.runner && !named ? ` (nothing was worked out for ${state.runner})` : "";
      if (other) said.textContent += other;
    }

    function moved(event) {
      moving = event.type === "input";
      page.set({ [kind]: slider.value }, kind);
      moving = false;
    }

    slider.addEventListener("input", moved);
    slider.addEventListener("change", moved);
    runners.addEventListener("change", () => page.set({ runner: runners.value }, kind));
    page.on((state, changes) => {
      if (changes === state || kind in changes || "runner" in changes) restored(state);
      else if (kind === "lean" && "phase" in changes) drawFigure(root, part, runners.value, Number(slider.value));
    });
    for (const load of part.loads) page.tables[`${kind}-${load.metric}`] = () => doses.rows(part, load);
    restored(page.state);
  }

  /** Show the pose of the nearest solved angle: no pose is made between two. */
  function drawFigure(root, part, runner, dose) {
    const figure = root.querySelector("#fig-lean-runner");
    if (!figure || !page.poses || !page.drawRunner) return;
    const load = part.loads.find((one) => one.curves[runner]);
    const solved = load ? doses.nearest(part.doses, load.curves[runner], dose) : null;
    const poseAt = (lean) => page.poses(runner, { lean });
    const pose = solved === null ? null : poseAt(solved);
    figure.hidden = !pose;
    if (!pose) return;
    // as large at every angle
    const ends = [part.doses[0], part.doses[part.doses.length - 1]].map(poseAt).filter(Boolean);
    const phase = Number(page.state.phase || PHASE);
    page.drawRunner(figure.querySelector("svg"), pose, phase, { views: ["side"], poses: [pose, ...ends] });
    const near = solved === dose ? "" : ", the nearest to the slider";
    const at = `at ${Math.round(phase)} % of stance`;
    figure.querySelector("figcaption").textContent = `As solved at ${doses.doseText(part, solved)}${near}, ${at}.`;
    figure.dataset.shown = `${doses.doseText(part, solved)}, ${at}, model prediction`;
    if (page.poseRows) page.tables["lean-runner"] = () => page.poseRows(pose);
  }

  for (const [kind, part] of Object.entries(every)) {
    const root = document.getElementById(`explore-${kind}`);
    if (root && part.loads.length) explore(kind, part, root);
  }
})();
