// Softmax of free logits: the one explorer whose mathematics the page computes itself, because logits
// are free. Tests hold these functions against the package.

export const softmax = (logits, temperature = 1, shift = 0) => {
  const scaled = logits.map((z) => (z + shift) / temperature);
  const largest = Math.max(...scaled);
  const exponentials = scaled.map((z) => Math.exp(z - largest));
  const sum = exponentials.reduce((total, e) => total + e, 0);
  return exponentials.map((e) => e / sum);
};

// The derivative of each probability by each logit, p_i (δ_ij − p_j) / T.
export const jacobian = (p, temperature = 1) =>
  p.map((pi, i) => p.map((pj, j) => (pi * ((i === j ? 1 : 0) - pj)) / temperature));

// In nats; an impossible class adds nothing.
export const entropy = (p) => -p.reduce((total, pi) => total + (pi > 0 ? pi * Math.log(pi) : 0), 0);

export const sigmoids = (logits, temperature = 1, shift = 0) =>
  logits.map((z) => {
    const scaled = (z + shift) / temperature;
    const e = Math.exp(-Math.abs(scaled));
    return (scaled >= 0 ? 1 : e) / (1 + e);
  });

const shorten = (text, length) => (text.length > length ? text.slice(0, length - 1) + "…" : text);

const ROW = 40;
const SUBSCRIPTS = "₁₂₃₄₅₆";

function render({ model, el }) {
  const labels = model.get("labels");
  const n = labels.length;
  const traits = labels.map((_, i) => "logit_" + i);

  // Bars
  const bars = plot({ title: "Probability of each class", left: 84, right: 56, height: 26 + n * ROW + 46, bottom: 46 });
  bars.axes({ x: [0, 1], y: [0, 1], xTicks: [0, 0.25, 0.5, 0.75, 1], yTicks: [] });
  const fill = hatching(bars, "ax-hatch", 5);
  const width = (p) => round(bars.x(p) - bars.left);
  const rows = labels.map((label, i) => {
    const y = bars.top + i * ROW;
    const bar = { x: bars.left, y: y + 5 };
    const made = {
      soft: svg("rect", { ...bar, height: 16, class: "ax-bar" }),
      value: svg("text", { x: bars.right + 6, y: y + 17, class: "ax-small" }),
      sigmoid: svg("rect", { ...bar, y: y + 23, height: 7, class: "ax-bar-second", fill }),
      winner: svg("rect", { ...bar, y: y + 2, width: width(1), height: 22, class: "ax-bar-winner" }),
    };
    const name = svg("text", { x: bars.left - 8, y: y + 17, "text-anchor": "end" }, shorten(label, 11));
    bars.front.append(made.winner, name, made.soft, made.sigmoid, made.value);
    return made;
  });
  const key = bars.height - 6;
  const keys = {
    softmax: svg("g", {}, svg("rect", { x: 84, y: key - 9, width: 16, height: 10, class: "ax-bar" }), svg("text", { x: 105, y: key, class: "ax-label" }, "softmax")),
    argmax: svg("g", {}, svg("rect", { x: 160, y: key - 9, width: 16, height: 10, class: "ax-bar-winner" }), svg("text", { x: 181, y: key, class: "ax-label" }, "argmax")),
    sigmoids: svg("g", {}, svg("rect", { x: 232, y: key - 9, width: 16, height: 10, class: "ax-bar-second", fill }), svg("text", { x: 253, y: key, class: "ax-label" }, "sigmoids")),
  };
  bars.front.append(...Object.values(keys));

  // The Jacobian
  const map = plot({ title: "Jacobian ∂pᵢ/∂zⱼ", left: 84, right: 4, height: 26 + n * ROW + 46, bottom: 46 });
  const size = (map.right - map.left) / n;
  const cells = labels.map((label, i) => {
    const y = map.top + i * ROW;
    map.front.append(svg("text", { x: map.left - 8, y: y + 24, "text-anchor": "end" }, `${shorten(label, 8)} p${SUBSCRIPTS[i]}`));
    map.front.append(
      svg("text", { x: map.left + (i + 0.5) * size, y: map.top + n * ROW + 16, "text-anchor": "middle", class: "ax-label" }, `z${SUBSCRIPTS[i]}`),
    );
    return labels.map((_, j) => {
      const cell = svg("rect", { x: map.left + j * size + 1, y: y + 1, width: size - 2, height: ROW - 2, rx: 2 });
      const text = svg("text", { x: map.left + (j + 0.5) * size, y: y + 24, "text-anchor": "middle", class: "ax-cell" });
      map.front.append(cell, text);
      return { cell, text };
    });
  });

  // Every number once more, as a table
  const heads = ["Class", "logit", "softmax", "argmax", "sigmoid"];
  const columns = ["logit", "softmax", "argmax", "sigmoid"];
  const body = labels.map((label) => columns.map(() => html("td")));
  const sums = columns.map((column, k) => html("td", k ? { "data-quantity": `sum:${column}` } : {}));
  const table = html(
    "table",
    { class: "ax-table", "aria-label": "Numbers of each class" },
    html("thead", {}, html("tr", {}, ...heads.map((head) => html("th", { scope: "col" }, head)))),
    html(
      "tbody",
      {},
      ...labels.map((label, i) => html("tr", {}, html("th", { scope: "row" }, label), ...body[i])),
      html("tr", {}, html("th", { scope: "row" }, "Sum"), ...sums),
    ),
  );
  labels.forEach((_, i) => columns.forEach((column, k) => set(body[i][k], "data-quantity", `${column}:${i}`)));
  const numbers = readouts([["entropy", "entropy"], ["entropy_limit", `largest possible, ln ${n}`]]);

  const panels = html("div", { class: "ax-panels" }, bars.svg, map.svg);
  const frame = explorer(model, el, [panels, numbers.list, table], [bars]);

  const draw = () => {
    // Sliders compute their positions in floating point: 0.56 may come back as 0.5599999999999996.
    const logits = traits.map((trait) => Number(model.get(trait).toFixed(9)));
    const noisy = traits.filter((trait, i) => model.get(trait) !== logits[i]);
    if (noisy.length) put(model, Object.fromEntries(noisy.map((trait) => [trait, logits[traits.indexOf(trait)]])));
    const [temperature, shift] = [model.get("temperature"), model.get("shift")];
    const p = softmax(logits, temperature, shift);
    const separate = sigmoids(logits, temperature, shift);
    const J = jacobian(p, temperature);
    const H = entropy(p);
    const largest = Math.max(...logits);
    const winners = logits.map((z) => (z === largest ? 1 : 0));
    // The first of equals, as NumPy's argmax.
    const first = winners.indexOf(1);
    const [one, many] = [model.get("show_argmax"), model.get("show_sigmoids")];
    rows.forEach((row, i) => {
      assign(row.soft, { width: width(p[i]) });
      assign(row.sigmoid, { width: width(separate[i]), visibility: many ? null : "hidden" });
      assign(row.winner, { visibility: one && i === first ? null : "hidden" });
      row.value.textContent = format(p[i], 3);
      J[i].forEach((value, j) => {
        const { cell, text } = cells[i][j];
        const strength = clamp(Math.abs(value) * temperature * 4, 0, 1);
        assign(cell, { class: value < 0 ? "ax-cell-minus" : "ax-cell-plus", "fill-opacity": round(strength * 4.5) / 10 });
        text.textContent = fixed(value, n > 4 ? 2 : 3);
        set(text, "data-quantity", `jacobian:${i}:${j}`);
        set(text, "data-value", value);
      });
      [logits[i] + shift, p[i], i === first ? 1 : 0, separate[i]].forEach((value, k) =>
        show(body[i][k], value, k === 2 ? String(value) : format(value, k ? 4 : 2)),
      );
    });
    const spoken = labels.map((label, i) => `${label}: ${J[i].map((value) => fixed(value, 3)).join(", ")}`);
    set(map.svg, "aria-label", `Jacobian, one row a class: derivatives of its probability by each logit. ${spoken.join("; ")}.`);
    assign(keys.argmax, { visibility: one ? null : "hidden" });
    assign(keys.sigmoids, { visibility: many ? null : "hidden" });
    const sum = (values) => values.reduce((total, value) => total + value, 0);
    [null, sum(p), 1, sum(separate)].forEach((value, k) => k && show(sums[k], value, k === 2 ? "1" : format(value, 4)));
    numbers.show("entropy", H, `${format(H, 3)} nats`);
    numbers.show("entropy_limit", Math.log(n), `${format(Math.log(n), 3)} nats`);
    frame.root.setAttribute("data-temperature", temperature);
    frame.root.setAttribute("data-shift", shift);
    frame.root.setAttribute("data-logits", JSON.stringify(logits));
    frame.say(
      `Softmax: ${labels.map((label, i) => `${label} ${format(p[i], 3)}`).join(", ")}. Entropy ${format(H, 2)} nats.`,
    );
  };
  return follow(model, [...traits, "temperature", "shift", "show_argmax", "show_sigmoids"], draw, frame.stop);
}

export default { render };
