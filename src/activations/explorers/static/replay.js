// Recorded training runs side by side: where each draws its boundary, and what its units do meanwhile.

const THRESHOLD = 127.5; // one half, in 255ths

// Walks the cells of a grid of values and returns two paths: the region above the threshold, and its edge.
const region = (values, cells, x, y) => {
  const side = cells + 1;
  let [area, edge] = ["", ""];
  for (let i = 0; i < cells; i += 1) {
    let inside = -1; // where a run of cells that lie wholly inside began
    for (let j = 0; j <= cells; j += 1) {
      const at = i * side + j;
      const levels = [values[at], values[at + 1], values[at + side + 1], values[at + side]];
      const above = j === cells ? 0 : levels.reduce((count, level) => count + (level > THRESHOLD), 0);
      if (above === 4) {
        if (inside < 0) inside = j;
        continue;
      }
      if (inside >= 0) area += `M${round(x(inside))} ${round(y(i))}H${round(x(j))}V${round(y(i + 1))}H${round(x(inside))}Z`;
      inside = -1;
      if (above === 0) continue;
      const corners = [[i, j], [i, j + 1], [i + 1, j + 1], [i + 1, j]];
      const shape = [];
      const crossings = [];
      corners.forEach(([r, c], k) => {
        const [r2, c2] = corners[(k + 1) % 4];
        const [from, to] = [levels[k] - THRESHOLD, levels[(k + 1) % 4] - THRESHOLD];
        if (from > 0) shape.push(`${round(x(c))} ${round(y(r))}`);
        if (from > 0 === to > 0) return;
        const share = from / (from - to);
        const crossing = `${round(x(c + share * (c2 - c)))} ${round(y(r + share * (r2 - r)))}`;
        shape.push(crossing);
        crossings.push(crossing);
      });
      area += `M${shape.join("L")}Z`;
      for (let k = 0; k + 1 < crossings.length; k += 2) edge += `M${crossings[k]}L${crossings[k + 1]}`;
    }
  }
  return [area, edge];
};

function render({ model, el }) {
  const runs = model.get("runs");
  const epochs = model.get("epochs");
  const bytes = (name) => {
    const view = model.get(name);
    return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  };
  const [frames, activity, classes] = ["frames", "activity", "classes"].map(bytes);
  const points = floats(model.get("points"));
  const cells = model.get("cells");
  const each = (cells + 1) ** 2;
  const [xBounds, yBounds] = model.get("bounds");
  const frameOf = (epoch) => clamp(Math.round(epoch / epochs[1]), 0, epochs.length - 1);

  // Small layers get large discs in one row, large layers small ones in rows of 16. All runs take the same room.
  const rowsOf = (count) => Math.ceil(count / 16);
  const roomFor = (count) => (count > 8 ? 12 + 11 * rowsOf(count) : 23);
  const room = 8 + Math.max(...runs.map((run) => run.layers.reduce((total, count) => total + roomFor(count), 0)));
  let unitStart = 0;
  const planes = runs.map((run, r) => {
    const p = plot({ title: run.label, width: 220, height: 206 + room, left: 4, right: 4, bottom: room });
    p.axes({ x: xBounds, y: yBounds, xTicks: [], yTicks: [] });
    const x = (c) => p.left + (c / cells) * (p.right - p.left);
    const y = (i) => p.bottom - (i / cells) * (p.bottom - p.top);
    const area = svg("path", { class: "ax-region", style: `--ax-line:${run.colour}` });
    const edge = svg("path", { class: "ax-boundary" });
    let [ones, zeros] = ["", ""];
    classes.forEach((label, i) => {
      const [px, py] = [round(p.x(points[2 * i])), round(p.y(points[2 * i + 1]))];
      if (label) ones += `M${round(px - 2.2)} ${py}a2.2 2.2 0 1 0 4.4 0a2.2 2.2 0 1 0 -4.4 0`;
      else zeros += `M${round(px - 2)} ${round(py - 2)}l4 4m0 -4l-4 4`;
    });
    p.curves.append(area, edge, svg("path", { d: zeros, class: "ax-crosses" }), svg("path", { d: ones, class: "ax-dots" }));
    let top = p.bottom + 7;
    const units = run.layers.flatMap((count, layer) => {
      const [gap, r] = count > 8 ? [10.2, 4.4] : [18, 7];
      const arm = 0.75 * r;
      const y = top;
      top += roomFor(count);
      p.front.append(svg("text", { x: p.left, y: y + (count > 8 ? 10 : 14), class: "ax-label" }, `Layer ${layer + 1}`));
      return Array.from({ length: count }, (_, k) => {
        const [cx, cy] = [round(p.left + 56 + (k % 16) * gap), round(y + r + 2 + 11 * Math.floor(k / 16))];
        const fill = svg("circle", { cx, cy, r, class: "ax-unit-fill", style: `--ax-line:${run.colour}` });
        const cross = svg("path", { d: `M${round(cx - arm)} ${round(cy - arm)}l${2 * arm} ${2 * arm}m0 ${-2 * arm}l${-2 * arm} ${2 * arm}`, class: "ax-unit-dead" });
        p.front.append(fill, svg("circle", { cx, cy, r, class: "ax-unit" }), cross);
        return { fill, cross, r };
      });
    });
    const start = unitStart;
    unitStart += units.length * epochs.length;
    return { run, p, x, y, area, edge, units, start, frames: r * epochs.length * each };
  });

  const losses = runs.flatMap((run) => run.loss).filter((loss) => loss > 0);
  const [low, high] = [Math.min(...losses), Math.max(...losses)].map(Math.log10);
  const curves = plot({ title: "Loss", height: 230, right: 78, left: 46 });
  const y = [low - 0.1, Math.max(high + 0.1, low + 0.3)];
  const fine = [-5, -4, -3, -2, -1, 0, 1, 2].flatMap((k) => [k, k + Math.log10(2), k + Math.log10(5)]).filter((level) => level >= y[0] && level <= y[1]);
  const scale = y[1] - y[0] > 2 ? { yTicks: powers(y), yText: power } : { yTicks: fine, yText: (level) => String(Number((10 ** level).toPrecision(1))) };
  curves.axes({ x: [0, epochs[epochs.length - 1]], y, xName: "epoch", ...scale });
  const cursor = svg("line", { class: "ax-cursor", y1: curves.top, y2: curves.bottom });
  const marks = runs.map((run) => {
    const look = { style: `--ax-line:${run.colour};--ax-accent:${run.colour}` };
    const height = (loss) => curves.y(Math.log10(Math.max(loss, 1e-12)));
    curves.curves.append(svg("path", { class: "ax-curve", d: path(run.loss.map((_, i) => curves.x(epochs[i])), run.loss.map(height)), "stroke-dasharray": run.dashes, ...look }));
    const point = svg("circle", { r: 4.5, class: "ax-point", ...look });
    curves.front.append(point);
    return { point, height };
  });
  curves.curves.append(cursor);
  const ends = runs.map((run, r) => clamp(marks[r].height(run.loss[run.loss.length - 1]), curves.top + 6, curves.bottom));
  spread(ends, 13, curves.top + 6, curves.bottom).forEach((at, r) => curves.front.append(svg("text", { x: curves.right + 6, y: round(at + 4), class: "ax-small" }, runs[r].label)));

  const cellsOf = runs.map((_, r) => ["loss", "accuracy", "dead"].map((name) => html("td", { "data-quantity": `${name}:${r}` })));
  const at = html("span", { "data-quantity": "epoch" });
  const table = html(
    "table",
    { class: "ax-table", "aria-label": "The runs at this epoch" },
    html("thead", {}, html("tr", {}, html("th", { scope: "col" }, "Epoch ", at), ...["loss", "accuracy", "dead units"].map((head) => html("th", { scope: "col" }, head)))),
    html("tbody", {}, ...runs.map((run, r) => html("tr", {}, html("th", { scope: "row" }, run.label), ...cellsOf[r]))),
  );
  const key = html("p", { class: "ax-note" }, "Circles: class 1, crosses: class 0; tinted: called class 1. Units: the fuller, the more points it responds to; crossed out: dead.");
  const lower = html("div", { class: "ax-panels" }, curves.svg, table);
  const upper = html("div", { class: "ax-panels ax-panels-small" }, ...planes.map(({ p }) => p.svg));
  const frame = explorer(model, el, [upper, key, lower], [...planes.map(({ p }) => p), curves]);

  const draw = () => {
    const i = frameOf(model.get("epoch"));
    const epoch = epochs[i];
    if (epoch !== model.get("epoch")) put(model, { epoch });
    show(at, epoch, String(epoch));
    const spoken = [];
    planes.forEach((plane, r) => {
      const { run } = plane;
      const k = Math.min(i, run.loss.length - 1);
      const [area, edge] = region(frames.subarray(plane.frames + i * each, plane.frames + (i + 1) * each), cells, plane.x, plane.y);
      assign(plane.area, { d: area });
      assign(plane.edge, { d: edge });
      plane.units.forEach(({ fill, cross, r: full }, u) => {
        const byte = activity[plane.start + i * plane.units.length + u];
        assign(fill, { r: round(full * Math.sqrt(Math.max(byte - 1, 0) / 254)) });
        assign(cross, { visibility: byte === 0 ? null : "hidden" });
      });
      assign(marks[r].point, { cx: round(curves.x(epochs[k])), cy: round(marks[r].height(run.loss[k])) });
      const stopped = epoch > run.last ? ", stopped" : "";
      show(cellsOf[r][0], run.loss[k], format(run.loss[k], 4) + (stopped && " (diverged)"));
      show(cellsOf[r][1], run.accuracy[k], format(run.accuracy[k], 3));
      show(cellsOf[r][2], run.dead[k], `${run.dead[k]} of ${plane.units.length}`);
      spoken.push(`${run.label} loss ${format(run.loss[k], 3)}, accuracy ${format(run.accuracy[k], 2)}, ${run.dead[k]} dead units${stopped}`);
    });
    assign(cursor, { x1: round(curves.x(epoch)), x2: round(curves.x(epoch)) });
    frame.say(`After epoch ${epoch}: ${spoken.join("; ")}.`);
  };
  draggable(curves, (value) => put(model, { epoch: epochs[frameOf(value)] }));
  return follow(model, ["epoch"], draw, frame.stop);
}

export default { render };
