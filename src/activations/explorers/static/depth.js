// How much of a gradient is left after many layers: measured networks, looked up.

function render({ model, el }) {
  const first = floats(model.get("first"));
  const bytes = model.get("layers");
  const logs = Array.from({ length: bytes.byteLength / 2 }, (_, i) => bytes.getInt16(2 * i, true) * model.get("unit"));
  const [activations, initializers] = [model.get("activations"), model.get("initializers")];
  const deepest = model.get("deepest");
  const each = (3 * deepest * (deepest + 1)) / 2;

  const layers = plot({ title: "Signal in each layer", left: 46, height: 250 });
  const depths = plot({ title: "First layer, by depth of the network", left: 46, height: 250 });
  const figures = html("div", { class: "ax-panels" }, layers.svg, depths.svg);
  const numbers = readouts([["ratio", "first layer against last"], ["low", "smallest of 20"], ["high", "largest of 20"], ["per_layer", "factor per layer"]]);
  const note = html("p", { class: "ax-note" });
  const frame = explorer(model, el, [figures, numbers.list, note], [layers, depths]);

  const band = svg("path", { class: "ax-spread" });
  const edges = svg("path", { class: "ax-spread-edge" });
  const overall = cased("");
  const cursor = svg("line", { class: "ax-cursor", y1: depths.top, y2: depths.bottom });
  const point = svg("circle", { r: 5, class: "ax-point" });
  depths.curves.append(band, overall.casing, edges, overall.line, cursor);
  depths.front.append(point, svg("text", { x: depths.left + 6, y: depths.bottom - 8, class: "ax-small" }, "median, and the spread of 20 networks"));
  const line = svg("path", { class: "ax-curve ax-thin" });
  layers.curves.append(line);

  // Median, smallest and largest: logarithms for every layer, exact numbers for the first.
  const pair = () => model.get("activation") * initializers.length + model.get("initializer");
  const byLayer = (depth) => {
    const start = pair() * each + (3 * depth * (depth - 1)) / 2;
    return [0, 1, 2].map((row) => logs.slice(start + row * depth, start + (row + 1) * depth));
  };
  const atFirst = (depth) => {
    const start = 3 * (pair() * deepest + depth - 1);
    return [...first.subarray(start, start + 3)];
  };

  const drawPair = () => {
    const firsts = Array.from({ length: deepest }, (_, i) => atFirst(i + 1).map(Math.log10));
    const all = firsts.flat();
    const y = [Math.min(-3, Math.floor(Math.min(...all))) - 0.2, Math.max(1, Math.ceil(Math.max(...all))) + 0.2];
    const scale = { y, yTicks: powers(y), yText: power };
    depths.axes({ x: [0.5, deepest + 0.5], xTicks: [1, 5, 10, 15, 20, 25, 30].filter((n) => n <= deepest), xName: "depth", ...scale });
    const px = firsts.map((_, i) => depths.x(i + 1));
    const edge = (k) => firsts.map((values) => depths.y(values[k]));
    overall.draw(path(px, edge(0)));
    // There along the smallest, back along the largest.
    const around = `${path(px, edge(1))}L${path([...px].reverse(), edge(2).reverse()).slice(1)}Z`;
    for (const part of [band, edges]) assign(part, { d: around });
    frame.root.style.setProperty("--ax-line", activations[model.get("activation")].colour);
    return scale;
  };

  let scale;
  const drawDepth = () => {
    const depth = model.get("depth");
    const rows = byLayer(depth);
    const every = Math.ceil(depth / 10);
    const xTicks = Array.from({ length: depth }, (_, i) => i + 1).filter((n) => n === 1 || n % (every > 3 ? 5 : Math.max(every, 1)) === 0);
    layers.axes({ x: [0.5, depth + 0.5], xTicks, xName: "layer", ...scale });
    const px = rows[0].map((_, i) => layers.x(i + 1));
    assign(line, { d: path(px, rows[0].map(layers.y)) });
    layers.front.replaceChildren(
      ...px.flatMap((x, i) => [
        svg("line", { x1: round(x), x2: round(x), y1: round(layers.y(rows[1][i])), y2: round(layers.y(rows[2][i])), class: "ax-range" }),
        svg("circle", { cx: round(x), cy: round(layers.y(rows[0][i])), r: depth > 20 ? 3 : 4, class: "ax-mark" }),
      ]),
    );
    assign(cursor, { x1: round(depths.x(depth)), x2: round(depths.x(depth)) });
    assign(point, { cx: round(depths.x(depth)), cy: round(depths.y(rows[0][0])) });
    const [ratio, low, high] = atFirst(depth);
    const factor = depth > 1 ? ratio ** (1 / (depth - 1)) : 1;
    numbers.show("ratio", ratio, format(ratio, 3));
    numbers.show("low", low, format(low, 3));
    numbers.show("high", high, format(high, 3));
    numbers.show("per_layer", factor, format(factor, 3));
    const verdict =
      depth === 1 ? "One layer: nothing to travel through."
      : high < 0.01 ? "Vanishing: in every one of the 20 networks less than 1 % arrives."
      : low > 100 ? "Exploding: in every one of the 20 networks it grows more than a hundredfold."
      : "The signal arrives within two powers of ten.";
    note.textContent = verdict;
    frame.root.setAttribute("data-activation", activations[model.get("activation")].name);
    frame.root.setAttribute("data-initializer", initializers[model.get("initializer")].name);
    frame.root.setAttribute("data-depth", depth);
    frame.say(
      `${activations[model.get("activation")].label}, ${initializers[model.get("initializer")].label}, ${depth} layers: ` +
        `the first layer receives ${format(ratio, 3)} times the signal of the last, from ${format(low, 3)} to ${format(high, 3)}. ${verdict}`,
    );
  };

  const draw = () => {
    scale = drawPair();
    drawDepth();
  };
  draggable(depths, (x) => put(model, { depth: clamp(Math.round(x), 1, deepest) }));
  model.on("change:depth", drawDepth);
  return follow(model, ["activation", "initializer"], draw, () => {
    model.off("change:depth", drawDepth);
    frame.stop();
  });
}

export default { render };
