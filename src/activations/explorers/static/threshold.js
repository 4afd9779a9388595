// One threshold on a score: what it calls positive, what that costs, and where it lands on the ROC curve.

const BINS = 40;

function render({ model, el }) {
  const grid = model.get("grid");
  const table = model.get("table");
  const [negative, positive] = model.get("labels");
  const scores = floats(model.get("scores"));
  const truth = new Uint8Array(model.get("truth").buffer, model.get("truth").byteOffset, scores.length);
  const roc = floats(model.get("roc"));
  const points = roc.length / 2;
  const indexOf = (value) => clamp(Math.round((value - grid.low) / grid.step), 0, grid.size - 1);
  const thresholds = Array.from({ length: grid.size }, (_, i) => Number((grid.low + i * grid.step).toFixed(6)));
  const range = [grid.low, grid.high];

  // Histograms, one class upwards and one downwards, on a square-root scale: most scores sit at the ends.
  const counts = [0, 1].map(() => new Array(BINS).fill(0));
  scores.forEach((score, i) => {
    const bin = clamp(Math.floor(((score - grid.low) / (grid.high - grid.low)) * BINS), 0, BINS - 1);
    counts[truth[i]][bin] += 1;
  });
  const most = Math.max(...counts.flat());
  const high = Math.sqrt(most) * 1.12;
  const levels = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000].filter((count) => count <= most);
  // The largest level that fits, and one at a quarter of its height, if it is a whole level.
  const kept = [levels.at(-1), levels.filter((count) => count * 4 <= levels.at(-1)).at(-1)].filter(Boolean).reverse();
  const marks = [...kept.map((count) => -Math.sqrt(count)), 0, ...kept.map(Math.sqrt)];
  const histogram = plot({ title: "Examples by score", height: 216 });
  histogram.axes({ x: range, y: [-high, high], xName: "score", yTicks: marks, yText: (root) => String(Math.round(root * root)) });
  const clip = `ax-called-${Math.random().toString(36).slice(2, 8)}`;
  const called = svg("rect", { y: histogram.top, height: histogram.bottom - histogram.top });
  histogram.svg.append(svg("clipPath", { id: clip }, called));
  const barWidth = (histogram.right - histogram.left) / BINS;
  counts.forEach((row, label) => {
    let shape = "";
    row.forEach((count, k) => {
      if (!count) return;
      const x = round(histogram.left + k * barWidth + 0.5);
      shape += `M${x} ${histogram.y(0)}V${round(histogram.y((label ? 1 : -1) * Math.sqrt(count)))}h${round(barWidth - 1)}V${histogram.y(0)}Z`;
    });
    const name = label ? "ax-positive" : "ax-negative";
    histogram.curves.append(svg("path", { d: shape, class: `${name} ax-outline` }), svg("path", { d: shape, class: name, "clip-path": `url(#${clip})` }));
  });
  const cut = svg("line", { y1: histogram.top, y2: histogram.bottom, class: "ax-tangent" });
  const grip = svg("circle", { cy: histogram.top, r: 6, class: "ax-point" });
  histogram.front.append(
    cut, grip,
    svg("text", { x: histogram.right - 6, y: histogram.top + 12, class: "ax-small", "text-anchor": "end" }, `${positive}: up`),
    svg("text", { x: histogram.right - 6, y: histogram.bottom - 6, class: "ax-small", "text-anchor": "end" }, `${negative}: down`),
  );

  // Precision and recall over all thresholds
  const rates = plot({ title: "Precision and recall", height: 216 });
  rates.axes({ x: range, y: [0, 1.05], yTicks: [0, 0.25, 0.5, 0.75, 1], xName: "threshold" });
  const px = thresholds.map(rates.x);
  const line = (values, attributes) => {
    const known = values.map((value, i) => (value === null ? -1 : i)).filter((i) => i >= 0);
    rates.curves.append(svg("path", { d: path(known.map((i) => px[i]), known.map((i) => rates.y(values[i]))), ...attributes }));
  };
  line(table.precision, { class: "ax-curve" });
  line(table.recall, { class: "ax-curve ax-recall" });
  const rateCut = svg("line", { y1: rates.top, y2: rates.bottom, class: "ax-cursor" });
  const atPrecision = svg("circle", { r: 5, class: "ax-point" });
  const atRecall = svg("rect", { width: 9, height: 9, class: "ax-point" });
  const nameOf = (text) => svg("text", { class: "ax-small", "text-anchor": "end" }, text);
  const [precisionName, recallName] = [nameOf("precision"), nameOf("recall")];
  rates.front.append(rateCut, atPrecision, atRecall, precisionName, recallName);

  // The ROC curve
  const curve = plot({ title: "ROC curve", height: 260, right: 40 });
  curve.axes({ x: [0, 1], y: [0, 1], xTicks: [0, 0.25, 0.5, 0.75, 1], yTicks: [0, 0.25, 0.5, 0.75, 1], xName: "false-positive rate" });
  const at = (offset, scale) => Array.from({ length: points }, (_, i) => scale(roc[offset + i]));
  curve.curves.append(
    svg("line", { x1: curve.left, y1: curve.bottom, x2: curve.right, y2: curve.top, class: "ax-cursor" }),
    svg("path", { d: path(at(0, curve.x), at(points, curve.y)), class: "ax-curve" }),
  );
  const here = svg("circle", { r: 6, class: "ax-point" });
  curve.front.append(
    here,
    svg("text", { x: curve.right - 8, y: curve.bottom - 22, class: "ax-small", "text-anchor": "end" }, `area ${format(model.get("area"), 3)}`),
    svg("text", { x: curve.right - 8, y: curve.bottom - 8, class: "ax-small", "text-anchor": "end" }, "dashed: guessing"),
  );

  // The confusion matrix, as a table
  const quantities = [["true_negative", "false_positive"], ["false_negative", "true_positive"]];
  const cells = {};
  const matrix = html(
    "table",
    { class: "ax-table ax-matrix" },
    html("caption", {}, "Confusion matrix"),
    html("thead", {}, html("tr", {}, ...["", `called ${negative}`, `called ${positive}`].map((head, k) => html(k ? "th" : "td", k ? { scope: "col" } : {}, head)))),
    html(
      "tbody",
      {},
      ...quantities.map((names, truthful) =>
        html(
          "tr",
          {},
          html("th", { scope: "row" }, `is ${truthful ? positive : negative}`),
          ...names.map((name) => {
            cells[name] = html("b", { "data-quantity": name });
            return html("td", { class: name.startsWith("true") ? "ax-right" : "ax-wrong" }, cells[name], html("span", {}, name.replace("_", " ") + "s"));
          }),
        ),
      ),
    ),
  );
  const numbers = readouts([
    ["threshold", "threshold"], ["precision", "precision"], ["recall", "recall"], ["false_positive_rate", "false-positive rate"], ["accuracy", "accuracy"],
  ]);
  const left = html("div", { class: "ax-stack" }, histogram.svg, rates.svg);
  const right = html("div", { class: "ax-stack" }, matrix, curve.svg);
  const frame = explorer(model, el, [numbers.list, html("div", { class: "ax-panels" }, left, right)], [histogram, rates, curve]);

  const draw = () => {
    const i = indexOf(model.get("threshold"));
    const threshold = thresholds[i];
    if (threshold !== model.get("threshold")) put(model, { threshold });
    const x = round(histogram.x(threshold));
    assign(cut, { x1: x, x2: x });
    assign(grip, { cx: x });
    assign(called, { x, width: Math.max(histogram.right - x, 0) });
    const now = Object.fromEntries(Object.entries(table).map(([name, values]) => [name, values[i] ?? NaN]));
    for (const [name, cell] of Object.entries(cells)) show(cell, now[name], String(now[name]));
    numbers.show("threshold", threshold, format(threshold, 3));
    for (const name of ["precision", "recall", "false_positive_rate", "accuracy"]) numbers.show(name, now[name], format(now[name], 3));
    assign(rateCut, { x1: x, x2: x });
    const [pY, rY] = [rates.y(now.precision || 0), rates.y(now.recall)].map(round);
    assign(atPrecision, { cx: x, cy: pY, visibility: Number.isNaN(now.precision) ? "hidden" : null });
    assign(atRecall, { x: x - 4.5, y: rY - 4.5 });
    // Names beside the marks, on the roomier side, kept apart.
    const side = x > (rates.left + rates.right) / 2 ? { x: x - 10, "text-anchor": "end" } : { x: x + 10, "text-anchor": "start" };
    const above = pY <= rY;
    const apart = Math.max(0, 16 - Math.abs(pY - rY)) / 2;
    const inside = (y) => clamp(y, rates.top + 12, rates.bottom - 4);
    assign(precisionName, { ...side, y: inside(pY + (above ? -apart : apart) + 4), visibility: Number.isNaN(now.precision) ? "hidden" : null });
    assign(recallName, { ...side, y: inside(rY + (above ? apart : -apart) + 4) });
    assign(here, { cx: round(curve.x(now.false_positive_rate)), cy: round(curve.y(now.recall)) });
    const percent = (value) => (Number.isNaN(value) ? "undefined" : `${format(100 * value, 1)} %`);
    frame.say(
      `Threshold ${format(threshold, 3)}: precision ${percent(now.precision)}, recall ${percent(now.recall)}. ` +
        `${now.true_positive} of ${now.true_positive + now.false_negative} ${positive} found, ${now.false_positive} false alarms.`,
    );
  };
  for (const p of [histogram, rates]) draggable(p, (value) => put(model, { threshold: thresholds[indexOf(value)] }));
  return follow(model, ["threshold"], draw, frame.stop);
}

export default { render };
