// A stack of small layers: without a non-linearity it is one line, whatever the weights.
// Weights are free, so the page computes the network itself; tests hold it against the package.

const FUNCTIONS = {
  identity: [(z) => z, () => 1],
  relu: [(z) => Math.max(z, 0), (z) => (z > 0 ? 1 : 0)],
  tanh: [Math.tanh, (z) => 1 - Math.tanh(z) ** 2],
};

// Layer k keeps a 2×2 matrix; the first uses its first row (one input), the last its first column (one output).
export const sizes = (layers) => Array.from({ length: layers + 1 }, (_, k) => (k === 0 || k === layers ? 1 : 2));

// Output and slope dy/dx of the network at x: every number carries its derivative along.
export const forward = (x, layers, weights, biases, name) => {
  const [f, derivative] = FUNCTIONS[name];
  // Two units: activations a and c, with their derivatives da and dc. The input is a first unit alone.
  let [a, da, c, dc] = [x, 1, 0, 0];
  for (let k = 0; k < layers; k += 1) {
    const [[toFirst, toSecond], [alsoToFirst, alsoToSecond]] = weights[k];
    const z = a * toFirst + c * alsoToFirst + biases[k][0];
    const dz = da * toFirst + dc * alsoToFirst;
    if (k === layers - 1) return [z, dz];
    const y = a * toSecond + c * alsoToSecond + biases[k][1];
    const dy = da * toSecond + dc * alsoToSecond;
    [a, da, c, dc] = [f(z), dz * derivative(z), f(y), dy * derivative(y)];
  }
};

// Linear pieces between two bounds, found where the slope changes between neighbouring points.
export const pieces = (low, high, layers, weights, biases, name, steps = 400) => {
  let count = 1;
  let previous;
  for (let i = 0; i < steps; i += 1) {
    const slope = forward(low + ((i + 0.5) * (high - low)) / steps, layers, weights, biases, name)[1];
    if (i && Math.abs(slope - previous) > 1e-9 * Math.max(1, Math.abs(slope), Math.abs(previous))) count += 1;
    previous = slope;
  }
  return count;
};

const ICONS = { identity: "M-5 5L5 -5", relu: "M-6 4L0 4L6 -4", tanh: "M-6 4C1 4 -1 -4 6 -4" };

function render({ model, el }) {
  const names = model.get("activations");
  const labels = model.get("labels");
  const grid = model.get("grid");
  const points = Array.from({ length: 161 }, (_, i) => grid.low + (i * (grid.high - grid.low)) / 160);

  const figure = plot({ title: "What the stack computes", height: 250 });
  const line = svg("path", { class: "ax-line-alone" });
  const curve = svg("path", { class: "ax-curve" });
  const cursor = svg("line", { class: "ax-cursor", y1: figure.top, y2: figure.bottom });
  const point = svg("circle", { r: 5, class: "ax-point" });
  const lineName = svg("text", { class: "ax-small" });
  figure.curves.append(cursor, curve, line, point);
  figure.front.append(lineName);
  const diagram = plot({ title: "The stack", height: 250 });
  const numbers = readouts([["x", "x"], ["y", "y"], ["slope", "slope at x"], ["pieces", "straight pieces"]]);
  const note = html("p", { class: "ax-note" });
  const editor = html("fieldset", { class: "ax-editor" });
  const figures = html("div", { class: "ax-panels" }, figure.svg, html("div", {}, diagram.svg, editor));
  const frame = explorer(model, el, [figures, numbers.list, note], [figure]);

  const edited = () => Math.min(model.get("edit"), model.get("layers") - 1);

  // Number fields for one layer's weights and biases.
  let inputs = [];
  let built;
  const drawEditor = () => {
    const layers = model.get("layers");
    const k = edited();
    const widths = sizes(layers);
    const from = (i) => (k === 0 ? "x" : `unit ${i + 1}`);
    const to = (j) => (k === layers - 1 ? "y" : `unit ${j + 1}`);
    const shape = [k, k === 0, k === layers - 1].join();
    if (built !== shape) {
      built = shape;
      inputs = [];
      const field = (name, trait, ...place) => {
        const input = html("input", {
          type: "number",
          step: 0.1,
          "aria-label": name,
          input: () => {
            if (input.value === "" || !Number.isFinite(Number(input.value))) return;
            const changed = JSON.parse(JSON.stringify(model.get(trait)));
            const last = place[place.length - 1];
            place.slice(0, -1).reduce((at, key) => at[key], changed)[last] = clamp(Number(input.value), -99, 99);
            put(model, { [trait]: changed });
          },
        });
        inputs.push([input, trait, place]);
        return html("td", {}, input);
      };
      const columns = Array.from({ length: widths[k + 1] }, (_, j) => j);
      const rows = Array.from({ length: widths[k] }, (_, i) =>
        html("tr", {}, html("th", { scope: "row" }, `from ${from(i)}`), ...columns.map((j) => field(`weight from ${from(i)} to ${to(j)}`, "weights", k, i, j))),
      );
      rows.push(html("tr", {}, html("th", { scope: "row" }, "bias"), ...columns.map((j) => field(`bias of ${to(j)}`, "biases", k, j))));
      editor.replaceChildren(
        html("legend", {}, `Weights of layer ${k + 1}`),
        html(
          "table",
          { class: "ax-table" },
          html("thead", {}, html("tr", {}, html("td"), ...columns.map((j) => html("th", { scope: "col" }, `to ${to(j)}`)))),
          html("tbody", {}, ...rows),
        ),
      );
    }
    for (const [input, trait, place] of inputs) {
      const value = place.reduce((at, key) => at[key], model.get(trait));
      if (input.value === "" || Number(input.value) !== value) input.value = value;
    }
  };

  const drawDiagram = (layers, weights, name) => {
    const widths = sizes(layers);
    const x = (k) => 40 + (k * (diagram.right - 48)) / layers;
    const y = (k, i) => (widths[k] === 1 ? 128 : 84 + i * 88);
    const marks = [];
    for (let k = 0; k < layers; k += 1) {
      for (let i = 0; i < widths[k]; i += 1) {
        for (let j = 0; j < widths[k + 1]; j += 1) {
          const w = weights[k][i][j];
          marks.push(
            svg("line", {
              x1: round(x(k)), y1: y(k, i), x2: round(x(k + 1)), y2: y(k + 1, j),
              class: k === edited() ? "ax-edge ax-edge-now" : "ax-edge",
              "stroke-width": round(clamp(Math.abs(w), 0.5, 3) * 1.6), "stroke-dasharray": w < 0 ? "5 4" : null,
            }),
          );
        }
      }
      marks.push(svg("text", { x: round((x(k) + x(k + 1)) / 2), y: 220, "text-anchor": "middle", class: k === edited() ? "ax-title" : "ax-label" }, String(k + 1)));
    }
    widths.forEach((width, k) => {
      for (let i = 0; i < width; i += 1) {
        const end = k === 0 || k === layers;
        marks.push(
          svg("circle", { cx: round(x(k)), cy: y(k, i), r: 13, class: "ax-node" }),
          end
            ? svg("text", { x: round(x(k)), y: y(k, i) + 4, "text-anchor": "middle" }, k === 0 ? "x" : "y")
            : svg("path", { d: ICONS[name], transform: `translate(${round(x(k))} ${y(k, i)})`, class: "ax-icon" }),
        );
      }
    });
    marks.push(svg("text", { x: 8, y: 240, class: "ax-label" }, "layer number · thick: large weight · dashed: negative"));
    diagram.front.replaceChildren(...marks);
    set(diagram.svg, "aria-label", `${layers} layers: ${widths.join(" to ")} numbers, with ${labels[names.indexOf(name)]} between them.`);
  };

  let sentence;
  const now = () => ({ layers: model.get("layers"), weights: model.get("weights"), biases: model.get("biases"), name: names[model.get("activation")] });

  const drawNetwork = () => {
    const { layers, weights, biases, name } = now();
    const label = labels[model.get("activation")];
    const ys = points.map((x) => forward(x, layers, weights, biases, name)[0]);
    const [low, high] = [Math.min(...ys), Math.max(...ys)];
    const air = Math.max(0.08 * (high - low), 0.25);
    figure.axes({ x: [grid.low, grid.high], y: [low - air, high + air], xName: "x", yName: "y" });
    assign(curve, { d: path(points.map(figure.x), ys.map(figure.y)) });
    const [intercept, slope] = forward(0, layers, weights, biases, "identity");
    assign(line, {
      d: path([grid.low, grid.high].map(figure.x), [grid.low, grid.high].map((x) => figure.y(intercept + slope * x))),
      visibility: layers === 1 ? "hidden" : null,
    });
    const formula = `y = ${format(slope, 3)} x ${intercept < 0 ? "−" : "+"} ${format(Math.abs(intercept), 3)}`;
    const straight = name === "identity" || layers === 1;
    const count = straight ? 1 : name === "tanh" ? NaN : pieces(grid.low, grid.high, layers, weights, biases, name);
    numbers.show("pieces", count, Number.isNaN(count) ? "none, it curves" : String(count));
    sentence =
      layers === 1
        ? `One layer: ${formula}.`
        : name === "identity"
          ? `${layers} layers, and one layer does the same (dotted): ${formula}.`
          : `Dotted: the same weights without ${label}, the one line ${formula}.`;
    note.textContent = sentence;
    frame.root.setAttribute("data-slope", slope);
    frame.root.setAttribute("data-intercept", intercept);
    frame.root.setAttribute("data-network", JSON.stringify({ layers, weights, biases, activation: name }));
    drawDiagram(layers, weights, name);
    drawEditor();
  };

  const drawPoint = () => {
    const { layers, weights, biases, name } = now();
    const x = clamp(model.get("x"), grid.low, grid.high);
    const [y, slope] = forward(x, layers, weights, biases, name);
    assign(cursor, { x1: round(figure.x(x)), x2: round(figure.x(x)) });
    assign(point, { cx: round(figure.x(x)), cy: round(figure.y(y)) });
    numbers.show("x", x, format(x, 2));
    numbers.show("y", y);
    numbers.show("slope", slope);
    frame.say(`${layers} ${layers > 1 ? "layers" : "layer"}, ${labels[names.indexOf(name)]} between them. At x = ${format(x, 2)}: y ${format(y, 3)}, slope ${format(slope, 3)}. ${sentence}`);
  };

  const draw = () => {
    drawNetwork();
    drawPoint();
  };

  const start = () => put(model, model.get("presets")[model.get("preset")]);
  draggable(figure, (x) => put(model, { x: Number((Math.round(x / grid.step) * grid.step).toFixed(6)) }));
  model.on("change:preset", start);
  model.on("change:x", drawPoint);
  return follow(model, ["layers", "weights", "biases", "activation", "edit"], draw, () => {
    model.off("change:preset", start);
    model.off("change:x", drawPoint);
    frame.stop();
  });
}

export default { render };
