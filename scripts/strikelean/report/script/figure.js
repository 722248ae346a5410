// A runner drawn from points: poses by runner and condition or angle, and the drawing itself.
// page.poses(runner, {key}) or page.poses(runner, {lean}) gives a pose; runner "mean" averages.
// page.drawRunner(svg, pose, phase, {views, poses}) draws it at a share of stance, 0 to 100.
"use strict";

(() => {
  const given = page.data.poses || { columns: [], trials: [], leans: [], looks: {} };
  const place = Object.fromEntries(given.columns.map((name, number) => [name, 3 * number]));
  const width = 3 * given.columns.length;
  const decoded = new Map();
  const MEAN = "mean";
  /** Return the numbers of a record: metres and body weights, frame by frame, NaN for unknown. */
  function values(record) {
    if (!decoded.has(record)) {
      const bytes = Uint8Array.from(atob(record.data), (letter) => letter.charCodeAt(0));
      const view = new DataView(bytes.buffer);
      const found = new Float64Array(bytes.length / 2);
      for (let n = 0; n < found.length; n += 1) {
        const whole = view.getInt16(2 * n, true);
        found[n] = whole === given.missing ? NaN : whole / 1000;
      }
      decoded.set(record, found);
    }
    return decoded.get(record);
  }

  const poseOf = (record) => ({ ...record, values: values(record), runners: 1 });

  /** Return the mean of several runners' poses; left stances are mirrored into right ones. */
  function mean(records) {
    const every = records.map((record) => ({ own: values(record), left: record.side === "left" }));
    const total = new Float64Array(every[0].own.length);
    for (const { own, left } of every)
      own.forEach((value, n) => (total[n] += (left && n % 3 === 2 ? -value : value) / every.length));
    const assumed = records.find((record) => record.trunk !== "recorded");
    const trunk = (assumed || records[0]).trunk;
    const told = { runner: MEAN, step: null, strike: "", angle: null, side: "right", trunk };
    const contact = records.reduce((sum, record) => sum + record.contact / records.length, 0);
    return { ...records[0], ...told, contact, values: total, runners: records.length, records };
  }

  /** Return a pose between two, a share of the way from one to the other. */
  function between(before, after, share, lean) {
    const mixed = before.values.map((value, n) => value + share * (after.values[n] - value));
    return { ...before, lean, label: `trunk lean ${lean > 0 ? "+" : ""}${lean} deg`,
      values: mixed, interpolated: true };
  }

  const own = (list, runner) => list.filter((record) => record.runner === runner);
  const runners = () => [...new Set([...given.trials, ...given.leans].map((one) => one.runner))];

  /** Return the runners of a sweep whose every angle was solved, all of them where there is none. */
  function whole() {
    const angles = new Set(given.leans.map((record) => record.lean)).size;
    const names = [...new Set(given.leans.map((record) => record.runner))];
    const complete = names.filter((name) => own(given.leans, name).length === angles);
    return complete.length ? complete : names;
  }

  function atLean(runner, lean) {
    const names = whole();
    const list = runner === MEAN
      ? given.leans.filter((record) => names.includes(record.runner))
      : own(given.leans, runner);
    const angles = [...new Set(list.map((record) => record.lean))].sort((a, b) => a - b);
    const solved = (angle) => {
      const found = list.filter((record) => record.lean === angle);
      return runner === MEAN ? mean(found) : poseOf(found[0]);
    };
    if (angles.includes(lean)) return solved(lean);
    const after = angles.findIndex((angle) => angle > lean);
    if (after < 1) return null;
    const [low, high] = [angles[after - 1], angles[after]];
    return between(solved(low), solved(high), (lean - low) / (high - low), lean);
  }

  /** Return what a runner, or "mean", has to show: one record a condition, in order. */
  function choices(runner) {
    if (runner !== MEAN) return own(given.trials, runner);
    const found = new Map();
    for (const record of given.trials) if (!found.has(record.key)) found.set(record.key, record);
    // of groups that from the heel forward
    const at = (record) => (record.grouped ? given.groups.indexOf(record.key) : given.groups.length);
    return [...found.values()].sort((a, b) => at(a) - at(b));
  }

  /** Return a pose of a runner, or of "mean": {key} of a condition, or {lean} in degrees. */
  function poses(runner, { key, lean } = {}) {
    if (lean !== undefined) return atLean(runner, Number(lean));
    const found = given.trials.filter(
      (record) => record.key === key && (runner === MEAN || record.runner === runner),
    );
    if (!found.length) return null;
    return runner === MEAN ? mean(found) : poseOf(found[0]);
  }

  /** Return the points of a pose at a share of stance (0 to 100), by name, [x, y, z] metres. */
  function pointsAt(pose, phase) {
    const at = (Math.min(100, Math.max(0, phase)) / 100) * (given.frames - 1);
    const before = Math.min(given.frames - 2, Math.floor(at));
    const share = at - before;
    const point = (name) => [0, 1, 2].map((axis) => {
      const n = before * width + place[name] + axis;
      return pose.values[n] + share * (pose.values[n + width] - pose.values[n]);
    });
    return Object.fromEntries(given.columns.map((name) => [name, point(name)]));
  }

  /** Return where the force's line passes the knee: metres, and the point on the line, in a view.
      Side view: positive behind the knee. Front view: positive on the inside. */
  function kneeArm(points, side, view = "side") {
    const axis = view === "side" ? 0 : 2;
    const [force, from, knee] = ["force", "pressure", "stance_knee"].map((name) => points[name]);
    const size = Math.hypot(force[axis], force[1]);
    const arm = [from[axis] - knee[axis], from[1] - knee[1]];
    const turning = arm[1] * force[axis] - arm[0] * force[1];
    const along = -(arm[0] * force[axis] + arm[1] * force[1]) / (size * size);
    const inward = view === "side" || side === "right" ? 1 : -1;
    return {
      metres: (inward * turning) / size,
      foot: [from[axis] + along * force[axis], from[1] + along * force[1]],
    };
  }

  const forceSize = (points) => Math.hypot(...points.force);
  // below this the direction of the force, and so its arm, says little
  const hasForce = (points) => points.force[1] > given.looks.faint;

  /** Return the trunk's lean in degrees, forward positive, as drawn. */
  function lean(points) {
    const line = [0, 1].map((axis) =>
      points.trunk_top[axis] - 0.5 * (points.stance_hip[axis] + points.other_hip[axis]));
    return (Math.atan2(line[0], line[1]) * 180) / Math.PI;
  }

  const rooms = { side: new WeakMap(), front: new WeakMap() };

  /** Return the room that one pose needs in a view: least and most across, and height, metres. */
  function roomOf(pose, view) {
    const known = rooms[view].get(pose.values);
    if (known) return known;
    const found = { least: 0, most: 0, top: 1 };
    for (let phase = 0; phase <= 100; phase += 10) {
      for (const [name, point] of Object.entries(pointsAt(pose, phase))) {
        const across = view === "side" ? point[0] : -point[2];
        if (name === "force" || !Number.isFinite(across)) continue;
        found.least = Math.min(found.least, across);
        found.most = Math.max(found.most, across);
        found.top = Math.max(found.top, point[1]);
      }
    }
    rooms[view].set(pose.values, found);
    return found;
  }

  /** Return the room that several poses need, with that of limbs and of the head. */
  function room(list, view) {
    const every = list.map((pose) => roomOf(pose, view));
    const side = 0.13;
    const head = 0.36;
    return {
      least: Math.min(...every.map((one) => one.least)) - side,
      most: Math.max(...every.map((one) => one.most)) + side,
      top: Math.max(...every.map((one) => one.top)) + head,
    };
  }

  /** Draw a limb: two round ends and the straight sides between them. */
  function limb(parent, a, b, ra, rb, name) {
    const length = Math.hypot(b[0] - a[0], b[1] - a[1]) || 1;
    const n = [(b[1] - a[1]) / length, -(b[0] - a[0]) / length];
    const at = (point, radius) => `${(point[0] + radius * n[0]).toFixed(1)} ${(point[1] + radius * n[1]).toFixed(1)}`;
    const d = `M${at(a, ra)}L${at(b, rb)}A${rb} ${rb} 0 0 1 ${at(b, -rb)}L${at(a, -ra)}A${ra} ${ra} 0 0 1 ${at(a, ra)}Z`;
    page.svg(parent, "path", { d, class: name });
  }

  function leg(parent, points, which, to, scale, name) {
    const at = (joint) => to(points[`${which}_${joint}`]);
    const r = (joint) => Number((given.looks.half[joint] * scale).toFixed(1));
    const foot = ["ankle", "sole_heel", "sole_toe"].map((joint) => at(joint).map((v) => v.toFixed(1)).join(" "));
    page.svg(parent, "path", { d: `M${foot.join("L")}Z`, class: `foot ${name}` });
    limb(parent, at("knee"), at("ankle"), r("knee"), r("ankle"), name);
    limb(parent, at("hip"), at("knee"), r("hip"), r("knee"), name);
    page.svg(parent, "path", { d: `M${foot[1]}L${foot[2]}`, class: `sole ${name}` });
  }

  function trunk(parent, points, pose, view, to, scale) {
    if (!Number.isFinite(points.trunk_top[1])) return;
    const middle = [0, 1, 2].map((n) => 0.5 * (points.stance_hip[n] + points.other_hip[n]));
    const [low, high] = [middle, points.trunk_top];
    const length = Math.hypot(...high.map((value, n) => value - low[n]));
    const head = high.map((value, n) => value + given.head.above * (value - low[n]));
    const name = `limb trunk ${pose.trunk === "recorded" ? "" : "assumed"}`;
    const half = (part) => Number((given.looks.half[part] * scale).toFixed(1));
    const [waist, chest] = ["waist", "chest"].map((part) => half(view === "front" ? `${part}_front` : part));
    limb(parent, to(high), to(head), half("neck"), half("neck"), name);
    const drop = (given.looks.drop * chest) / scale / length;
    limb(parent, to(low), to(high.map((value, n) => value - drop * (value - low[n]))), waist, chest, name);
    const [cx, cy] = to(head);
    page.svg(parent, "circle", { cx, cy, r: given.head.radius * length * scale, class: `${name} head` });
  }

  function massCentre(parent, [cx, cy]) {
    const r = 6;
    page.svg(parent, "circle", { cx, cy, r, class: "mass" });
    page.svg(parent, "path", { class: "mass-quarter",
      d: `M${cx} ${cy}V${cy - r}A${r} ${r} 0 0 1 ${cx + r} ${cy}ZM${cx} ${cy}V${cy + r}A${r} ${r} 0 0 1 ${cx - r} ${cy}Z` });
  }

  function arrow(parent, from, tip) {
    const length = Math.hypot(tip[0] - from[0], tip[1] - from[1]);
    if (length < 3) return;
    const u = [(tip[0] - from[0]) / length, (tip[1] - from[1]) / length];
    const size = Math.min(11, length);
    const base = [tip[0] - size * u[0], tip[1] - size * u[1]];
    page.svg(parent, "path", { class: "force", d: `M${from}L${base}` });
    const wing = [-0.45 * size * u[1], 0.45 * size * u[0]];
    page.svg(parent, "path", { class: "force-head",
      d: `M${tip}L${base[0] + wing[0]} ${base[1] + wing[1]}L${base[0] - wing[0]} ${base[1] - wing[1]}Z` });
  }

  /** Draw the force, its line, and the knee's lever arm to it. */
  function force(parent, points, pose, view, to, text) {
    const axis = view === "side" ? 0 : 2;
    const [from, push] = [points.pressure, points.force];
    const end = from.map((value, n) => value + given.looks.arrow * push[n]);
    if (hasForce(points)) {
      const arm = kneeArm(points, pose.side, view);
      const on = [0, arm.foot[1], 0];
      on[axis] = arm.foot[0];
      const [knee, foot] = [to(points.stance_knee), to(on)];
      if (on[1] > end[1]) page.svg(parent, "path", { class: "force-line", d: `M${to(end)}L${foot}` });
      page.svg(parent, "path", { class: "arm", d: `M${knee}L${foot}` });
      page.svg(parent, "circle", { cx: foot[0], cy: foot[1], r: 2.5, class: "arm-end" });
      if (text) {
        const behind = foot[0] < knee[0];
        page.svg(parent, "text", { x: foot[0] + (behind ? -7 : 7), y: foot[1] - 5, class: "arm-text",
          "text-anchor": behind ? "end" : "start" }, `${Math.abs(100 * arm.metres).toFixed(1)} cm`);
      }
    }
    arrow(parent, to(from), to(end));
  }

  function view(svg, name, pose, points, at, scale, box) {
    const across = name === "side" ? (point) => point[0] : (point) => -point[2];
    const to = (point) => [at + (across(point) - box.least) * scale, (box.top - point[1]) * scale]
      .map((value) => Number(value.toFixed(1)));
    const group = page.svg(svg, "g", { class: `view ${name}` });
    const floor = box.top * scale;
    const end = at + (box.most - box.least) * scale;
    page.svg(group, "rect", { x: at, y: floor, width: end - at, height: 7, class: "ground" });
    page.svg(group, "path", { d: `M${at} ${floor}H${end}`, class: "floor" });
    leg(group, points, "other", to, scale, "limb far");
    trunk(group, points, pose, name, to, scale);
    leg(group, points, "stance", to, scale, "limb near");
    const [cx, cy] = to(points.stance_knee);
    page.svg(group, "circle", { cx, cy, r: 3.5, class: "knee" });
    massCentre(group, to(points.com));
    force(group, points, pose, name, to, name === "side");
  }

  /** Return one sentence of a pose at an instant. */
  function told(pose, phase) {
    const points = pointsAt(pose, phase);
    if (!hasForce(points)) return "hardly any ground force";
    const arm = 100 * kneeArm(points, pose.side).metres;
    const where = arm < 0 ? "in front of" : "behind";
    return `ground force ${forceSize(points).toFixed(2)} body weights, ${Math.abs(arm).toFixed(1)} cm ${where} the knee`;
  }

  /** Draw a runner at a share of stance into an SVG element, as wide as it stands on the page.

      options: views (["side", "front"]), poses (others that it is to be as large as). */
  function drawRunner(svg, pose, phase, options = {}) {
    const views = options.views || ["side", "front"];
    const boxes = views.map((name) => room(options.poses || [pose], name));
    const wide = svg.clientWidth || svg.parentElement.clientWidth || 320;
    const spans = boxes.map((box) => box.most - box.least);
    const stacked = wide < 230 && views.length > 1;
    const scale = wide / (stacked ? Math.max(...spans) : spans.reduce((sum, span) => sum + span, 0));
    const top = Math.max(...boxes.map((box) => box.top));
    const high = top * scale + 12;
    svg.replaceChildren();
    svg.setAttribute("viewBox", `0 0 ${wide} ${(high * (stacked ? views.length : 1)).toFixed(0)}`);
    svg.setAttribute("role", "img");
    svg.classList.add("runner");
    svg.setAttribute("aria-label", `${pose.label}, ${views.join(" and ")} view at ${Math.round(phase)} % of stance: ${told(pose, phase)}.`);
    const points = pointsAt(pose, phase);
    let at = 0;
    views.forEach((name, n) => {
      const box = { ...boxes[n], top };
      const parent = page.svg(svg, "g", stacked ? { transform: `translate(0 ${(n * high).toFixed(1)})` } : {});
      view(parent, name, pose, points, stacked ? 0.5 * (wide - spans[n] * scale) : at, scale, box);
      at += spans[n] * scale;
    });
  }

  /** Return the numbers of a pose as rows, header first. */
  function poseRows(pose) {
    const header = given.columns.flatMap((name) => ["x", "y", "z"].map((axis) =>
      name === "force" ? `force_${axis}_bw` : `${name}_${axis}_m`));
    const rows = [["stance_percent", "knee_lever_arm_cm", ...header]];
    for (let n = 0; n < given.frames; n += 1) {
      const phase = (100 * n) / (given.frames - 1);
      const points = pointsAt(pose, phase);
      const arm = hasForce(points) ? (100 * kneeArm(points, pose.side).metres).toFixed(2) : "";
      const own = given.columns.flatMap((name) => points[name].map((value) => value.toFixed(3)));
      rows.push([phase.toFixed(2), arm, ...own]);
    }
    return rows;
  }

  Object.assign(page, { poses, drawRunner, pointsAt, kneeArm, poseRows,
    figures: { runners, choices, told, hasForce, forceSize, lean } });
})();
