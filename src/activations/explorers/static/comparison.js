// Several functions over each other, one cursor through all of them.

function render({ model, el }) {
  const table = floats(model.get("table"));
  const grid = model.get("grid");
  const size = grid.size;
  const entries = model.get("functions");
  const xs = Array.from({ length: size }, (_, i) => Number((grid.low + i * grid.step).toFixed(6)));
  const indexOf = (x) => clamp(Math.round((x - grid.low) / grid.step), 0, size - 1);
  const panels = [plot({ title: "f(x)", right: 78, height: 250 }), plot({ title: "f′(x)", right: 78, height: 250 })];
  const limits = [[-2.2, 4.2], [-0.35, 1.3]];

  const rows = entries.map((entry) => {
    const look = { style: `--ax-line:${entry.colour}`, "stroke-dasharray": entry.dashes };
    const cells = ["f", "derivative"].map((quantity) => html("td", { "data-quantity": `${quantity}:${entry.name}` }));
    const swatch = svg("svg", { viewBox: "0 0 34 10", width: 34, height: 10, "aria-hidden": "true" }, svg("line", { x1: 1, x2: 33, y1: 5, y2: 5, class: "ax-curve", ...look }));
    const marks = panels.map((p, k) => {
      const values = curve(table, entry, k, size, entry.value);
      const line = svg("path", { class: "ax-curve", ...look });
      const point = svg("circle", { r: 4, class: "ax-point", style: `--ax-accent:${entry.colour}` });
      const name = svg("text", { class: "ax-small", x: p.right + 6 }, entry.label);
      return { values, line, point, name };
    });
    const row = html("tr", {}, html("th", { scope: "row" }, swatch, " ", entry.label), ...cells);
    return { entry, row, cells, marks };
  });
  const cursors = panels.map((p) => svg("line", { y1: p.top, y2: p.bottom, class: "ax-cursor" }));
  const at = html("span", { "data-quantity": "x" });
  const values = html(
    "table",
    { class: "ax-table", "aria-label": "Values at the cursor" },
    html("thead", {}, html("tr", {}, html("th", { scope: "col" }, "At x = ", at), html("th", { scope: "col" }, "f(x)"), html("th", { scope: "col" }, "f′(x)"))),
    html("tbody", {}, ...rows.map(({ row }) => row)),
  );
  const figures = html("div", { class: "ax-panels" }, ...panels.map((p) => p.svg));
  const frame = explorer(model, el, [figures, values], panels);
  let shown = [];

  const drawCurves = () => {
    shown = rows.filter(({ entry }) => model.get("show_" + entry.name));
    for (const { entry, row } of rows) row.hidden = !model.get("show_" + entry.name);
    panels.forEach((p, k) => {
      const bounds = shown.map(({ entry }) => (k ? entry.derivative_range : entry.range));
      const [low, high] = limits[k];
      const y = [Math.max(low, Math.min(-0.08, ...bounds.map((b) => b[0]))), Math.min(high, Math.max(1.08, ...bounds.map((b) => b[1])))];
      p.axes({ x: [grid.low, grid.high], y, xName: "x" });
      const px = xs.map(p.x);
      const ends = shown.map(({ marks }) => clamp(p.y(marks[k].values[size - 1]), p.top + 6, p.bottom - 2));
      const places = spread(ends, 13, p.top + 6, p.bottom - 2);
      shown.forEach(({ entry, marks }, i) => {
        const { values } = marks[k];
        const jumps = k ? jumpsOf(values, entry.kinks.map(indexOf)) : [];
        assign(marks[k].line, { d: broken(px, Array.from(values, p.y), values, jumps) });
        assign(marks[k].name, { y: round(places[i] + 4) });
      });
      p.curves.replaceChildren(cursors[k], ...shown.map(({ marks }) => marks[k].line), ...shown.map(({ marks }) => marks[k].point));
      p.front.replaceChildren(...shown.map(({ marks }) => marks[k].name));
    });
  };

  const drawCursor = () => {
    const i = indexOf(model.get("x"));
    const x = xs[i];
    if (x !== model.get("x")) put(model, { x });
    show(at, x, format(x, 2));
    panels.forEach((p, k) => {
      assign(cursors[k], { x1: round(p.x(x)), x2: round(p.x(x)) });
      for (const { marks, cells } of shown) {
        const value = marks[k].values[i];
        assign(marks[k].point, { cx: round(p.x(x)), cy: round(p.y(value)) });
        show(cells[k], value);
      }
    });
    const spoken = shown.map(({ entry, marks }) => `${entry.label} ${format(marks[0].values[i], 3)}, slope ${format(marks[1].values[i], 3)}`);
    frame.say(`At x = ${format(x, 2)}: ${spoken.join("; ") || "no function chosen"}.`);
  };

  const draw = () => {
    drawCurves();
    drawCursor();
  };
  for (const p of panels) draggable(p, (x) => put(model, { x: xs[indexOf(x)] }));
  model.on("change:x", drawCursor);
  return follow(model, entries.map(({ name }) => "show_" + name), draw, () => {
    model.off("change:x", drawCursor);
    frame.stop();
  });
}

export default { render };
