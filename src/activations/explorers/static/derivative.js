// A function and its derivative: the slope of the tangent above is the height of the curve below.

// The stretches of the grid where a condition holds, as pairs of first and last index.
const runs = (size, holds) => {
  const found = [];
  for (let i = 0; i < size; i += 1) {
    if (!holds(i)) continue;
    if (i > 0 && holds(i - 1)) found[found.length - 1][1] = i;
    else found.push([i, i]);
  }
  return found;
};

function render({ model, el }) {
  const table = floats(model.get("table"));
  const grid = model.get("grid");
  const size = grid.size;
  const xs = Array.from({ length: size }, (_, i) => Number((grid.low + i * grid.step).toFixed(6)));
  const indexOf = (x) => clamp(Math.round((x - grid.low) / grid.step), 0, size - 1);

  const upper = plot({ title: "f(x)" });
  const lower = plot({ title: "f′(x)" });
  const numbers = readouts([["x", "x"], ["f", "f(x)"], ["derivative", "f′(x)"]]);
  const note = html("p", { class: "ax-note" });
  const figures = html("div", { class: "ax-panels" }, upper.svg, lower.svg);
  const frame = explorer(model, el, [figures, numbers.list, note], [upper, lower]);

  const curveUp = cased("");
  const curveDown = cased("ax-dashed");
  const diamonds = svg("g", {});
  upper.curves.append(curveUp.casing, diamonds, curveUp.line);
  lower.curves.append(curveDown.casing, curveDown.line);
  const fills = new Map([upper, lower].map((p) => [p, hatching(p, "ax-band-line", 7)]));
  const tangent = svg("line", { class: "ax-tangent" });
  const run = svg("line", { class: "ax-run" });
  const rise = svg("line", { class: "ax-rise" });
  const one = svg("text", { class: "ax-small", "text-anchor": "middle" }, "1");
  const slope = svg("text", { class: "ax-small" });
  const pointUp = svg("circle", { r: 5, class: "ax-point" });
  upper.curves.append(tangent, run, rise);
  upper.front.append(one, slope, pointUp);
  const height = svg("line", { class: "ax-rise" });
  const pointDown = svg("circle", { r: 5, class: "ax-point" });
  lower.front.append(height, pointDown);

  let current, values, slopes, steepest;

  const drawFunction = () => {
    const entry = model.get("functions")[model.get("index")];
    current = entry;
    const parameter = entry.parameter && model.get(entry.parameter.name);
    values = curve(table, entry, 0, size, parameter);
    slopes = curve(table, entry, 1, size, parameter);
    steepest = slopes.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    upper.axes({ x: [grid.low, grid.high], y: entry.range, xName: "x" });
    lower.axes({ x: [grid.low, grid.high], y: entry.derivative_range, xName: "x" });
    upper.title.textContent = `${entry.label}, f(x)`;
    lower.title.textContent = "Its derivative, f′(x)";
    frame.root.style.setProperty("--ax-line", entry.colour);
    const px = xs.map(upper.x);
    curveUp.draw(path(px, Array.from(values, upper.y)));
    const jumps = jumpsOf(slopes, entry.kinks.map(indexOf));
    curveDown.draw(broken(px, Array.from(slopes, lower.y), slopes, jumps));

    const flat = runs(size, (i) => Math.abs(slopes[i]) < 0.01 * steepest).filter(([from, to]) => to > from);
    for (const [p, heights] of [[upper, values], [lower, slopes]]) {
      const bands = flat.map(([from, to]) => {
        const [x0, x1] = [p.x(xs[from]), p.x(xs[to])];
        const area = svg("rect", { x: round(x0), y: p.top, width: round(Math.max(x1 - x0, 2)), height: p.bottom - p.top, class: "ax-band", fill: fills.get(p) });
        // Below, the line of a jump ends the band already.
        const open = (i) => i === 0 || i === size - 1 || (p === lower && jumps.includes(i));
        const ends = [from, to].filter((i) => !open(i)).map((i) => round(p.x(xs[i])));
        return svg("g", {}, area, ...ends.map((x) => svg("line", { x1: x, x2: x, y1: p.top, y2: p.bottom, class: "ax-band-end" })));
      });
      const names = flat
        .filter(([from, to]) => p.x(xs[to]) - p.x(xs[from]) > 56)
        .map(([from, to]) => {
          // At the top, unless the curve runs there.
          const line = p.y(heights[Math.round((from + to) / 2)]);
          const y = line < p.top + 24 ? round(line) + 20 : p.top + 12;
          const attributes = { x: round((p.x(xs[from]) + p.x(xs[to])) / 2), y, class: "ax-small", "text-anchor": "middle" };
          return svg("text", attributes, steepest && slopes[from] === 0 && slopes[to] === 0 ? "slope 0" : "saturated");
        });
      p.back.replaceChildren(...bands, ...names);
    }
    diamonds.replaceChildren();
    for (const i of jumps) {
      const [x, y] = [upper.x(xs[i]), upper.y(values[i])];
      diamonds.append(svg("path", { d: `M${x - 6} ${y}L${x} ${y - 6}L${x + 6} ${y}L${x} ${y + 6}Z`, class: "ax-kink" }));
      lower.back.append(svg("line", { x1: x, x2: x, y1: lower.top, y2: lower.bottom, class: "ax-jump" }));
    }
    current.jumps = new Set(jumps);
    for (const name of model.get("parameters")) put(model, { ["show_" + name]: entry.parameter?.name === name ? "flex" : "none" });
  };

  const drawPoint = () => {
    const i = indexOf(model.get("x"));
    const x = xs[i];
    if (x !== model.get("x")) put(model, { x });
    const [f, d] = [values[i], slopes[i]];
    const at = { cx: round(upper.x(x)), cy: round(upper.y(f)) };
    assign(pointUp, at);
    assign(tangent, {
      x1: upper.left, y1: round(upper.y(f + d * (grid.low - x))), x2: upper.right, y2: round(upper.y(f + d * (grid.high - x))),
    });
    // The slope triangle steps one unit towards the middle of the plot.
    const step = x > 3 ? -1 : 1;
    const corner = { x: round(upper.x(x + step)), y: at.cy, end: round(upper.y(f + d * step)) };
    assign(run, { x1: at.cx, x2: corner.x, y1: corner.y, y2: corner.y });
    assign(rise, { x1: corner.x, x2: corner.x, y1: corner.y, y2: corner.end });
    assign(one, { x: (at.cx + corner.x) / 2, y: corner.y + (d * step >= 0 ? 14 : -6) });
    assign(slope, {
      x: corner.x + 6 * step, y: clamp((corner.y + corner.end) / 2 + 4, upper.top + 10, upper.bottom - 4), "text-anchor": step > 0 ? "start" : "end",
    });
    slope.textContent = format(d, 3);
    assign(pointDown, { cx: at.cx, cy: round(lower.y(d)) });
    assign(height, { x1: at.cx, x2: at.cx, y1: round(lower.y(0)), y2: round(lower.y(d)) });
    numbers.show("x", x, format(x, 2));
    numbers.show("f", f);
    numbers.show("derivative", d);
    const share = Math.abs(d) / steepest;
    const state = current.jumps.has(i)
      ? "A kink: the derivative jumps here, and this value is a convention."
      : share < 0.01
        ? "Saturated: the slope is below 1 % of its largest value."
        : `The slope is ${Math.round(100 * share)} % of its largest value.`;
    note.textContent = state;
    frame.root.setAttribute("data-function", current.name);
    if (current.parameter) frame.root.setAttribute("data-parameter", model.get(current.parameter.name));
    else frame.root.removeAttribute("data-parameter");
    frame.say(`${current.label} at x = ${format(x, 2)}: value ${format(f)}, slope ${format(d)}. ${state}`);
  };

  const drawAll = () => {
    drawFunction();
    drawPoint();
  };
  for (const p of [upper, lower]) draggable(p, (x) => put(model, { x: xs[indexOf(x)] }));
  const names = ["index", ...model.get("parameters")];
  model.on("change:x", drawPoint);
  return follow(model, names, drawAll, () => {
    model.off("change:x", drawPoint);
    frame.stop();
  });
}

export default { render };
