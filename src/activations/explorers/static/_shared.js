// What all explorers share: elements, plots, numbers, and speaking to a screen reader.
// Python puts this text in front of each explorer's own, because a widget's module cannot import files.

const SVG = "http://www.w3.org/2000/svg";

const make = (element, attributes, children) => {
  for (const [name, value] of Object.entries(attributes ?? {})) set(element, name, value);
  element.append(...children);
  return element;
};

// Functions become listeners; null and false take the attribute away.
const set = (element, name, value) => {
  if (typeof value === "function") element.addEventListener(name, value);
  else if (value === null || value === undefined || value === false) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? "" : value);
};

const html = (tag, attributes, ...children) => make(document.createElement(tag), attributes, children);
const svg = (tag, attributes, ...children) => make(document.createElementNS(SVG, tag), attributes, children);

const assign = (element, attributes) => {
  for (const [name, value] of Object.entries(attributes)) set(element, name, value);
};

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

// Binary traits arrive as a DataView, wherever in memory: copy before looking at them as numbers.
const floats = (view) => new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));

// ---- Numbers ----

const SUPERSCRIPTS = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
const superscript = (n) => [...String(n)].map((c) => SUPERSCRIPTS[c]).join("");

// A fixed number of decimals with a true minus sign, and no minus before zero.
const fixed = (value, digits) => {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
};

// The same, but with powers of ten where a fixed number of decimals would hide the value.
const format = (value, digits = 4) => {
  if (Number.isNaN(value)) return "undefined";
  if (!Number.isFinite(value)) return value < 0 ? "−∞" : "∞";
  const size = Math.abs(value);
  let text;
  if (value !== 0 && (size < 0.5 * 10 ** -digits || size >= 1e5)) {
    const [mantissa, exponent] = value.toExponential(1).split("e");
    text = `${mantissa} × 10${superscript(Number(exponent))}`;
  } else {
    text = fixed(value, digits);
  }
  return text.replace("-", "−");
};

// Numbers as a list of names and values. The exact value stands in data-value, for tests and the curious.
const readouts = (entries) => {
  const cells = {};
  const list = html("ul", { class: "ax-numbers" });
  for (const [quantity, name] of entries) {
    cells[quantity] = html("b", { "data-quantity": quantity });
    list.append(html("li", {}, html("span", {}, name), " ", cells[quantity]));
  }
  return { list, show: (quantity, value, text) => show(cells[quantity], value, text) };
};

const show = (cell, value, text) => {
  cell.setAttribute("data-value", value);
  cell.textContent = text ?? format(value);
};

// ---- Plots ----

// Round tick positions between two bounds, about `count` of them.
const ticks = (low, high, count = 5) => {
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * [1, 2, 2.5, 5, 10].find((multiple) => multiple * power >= raw * 0.999);
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k += 1) found.push(Number((k * step).toPrecision(12)));
  return found;
};

const tickText = (value) => String(value).replace("-", "−");

// For logarithmic axes: whole powers of ten, not too many of them.
const power = (exponent) => (exponent === 0 ? "1" : exponent === 1 ? "10" : `10${superscript(exponent)}`);

const powers = ([low, high]) => {
  const step = [1, 2, 5, 10, 20].find((size) => (high - low) / size <= 6);
  const found = [];
  for (let k = Math.ceil(low / step) * step; k <= high; k += step) found.push(k);
  return found;
};

let plots = 0;

// An axes in an SVG of fixed coordinates, which CSS scales to its column. Redraw the frame with
// `axes`, put marks into `back`, `curves` and `front`; x and y map data to coordinates.
const plot = ({ width = 340, height = 230, title, left = 40, right = 12, top = 26, bottom = 30 }) => {
  const clip = `ax-clip-${(plots += 1)}-${Math.random().toString(36).slice(2, 8)}`;
  const layer = (name, clipped) => svg("g", { class: name, "clip-path": clipped ? `url(#${clip})` : null });
  const p = {
    width, height, left, right: width - right, top, bottom: height - bottom,
    frame: layer("ax-frame"), back: layer("ax-back", true), curves: layer("ax-curves", true), front: layer("ax-front"),
  };
  p.title = svg("text", { x: left, y: 15, class: "ax-title" }, title ?? "");
  p.svg = svg(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, role: "img", class: "ax-plot", "aria-label": title },
    svg("clipPath", { id: clip }, svg("rect", { x: left - 2, y: top - 2, width: p.right - left + 4, height: p.bottom - top + 4 })),
    p.back, p.frame, p.title, p.curves, p.front,
  );
  p.axes = ({ x, y, xTicks, yTicks, xName, yName, xText = tickText, yText = tickText }) => {
    p.xRange = x;
    p.yRange = y;
    p.x = (value) => left + ((value - x[0]) / (x[1] - x[0])) * (p.right - left);
    p.y = (value) => p.bottom - ((value - y[0]) / (y[1] - y[0])) * (p.bottom - top);
    const marks = [];
    for (const value of xTicks ?? ticks(...x, 6)) {
      const at = round(p.x(value));
      marks.push(svg("line", { x1: at, x2: at, y1: p.bottom, y2: p.bottom + 4, class: "ax-tick" }));
      marks.push(svg("text", { x: at, y: p.bottom + 16, class: "ax-label", "text-anchor": "middle" }, xText(value)));
    }
    for (const value of yTicks ?? ticks(...y, 4)) {
      const at = round(p.y(value));
      marks.push(svg("line", { x1: left, x2: p.right, y1: at, y2: at, class: value === 0 && yText === tickText ? "ax-zero" : "ax-grid" }));
      marks.push(svg("text", { x: left - 6, y: at + 4, class: "ax-label", "text-anchor": "end" }, yText(value)));
    }
    marks.push(svg("line", { x1: left, x2: p.right, y1: p.bottom, y2: p.bottom, class: "ax-axis" }));
    if (xName) marks.push(svg("text", { x: p.right, y: p.bottom + 28, class: "ax-name", "text-anchor": "end" }, xName));
    if (yName) marks.push(svg("text", { x: 4, y: 15, class: "ax-name" }, yName));
    p.frame.replaceChildren(...marks);
  };
  return p;
};

const round = (value) => Math.round(value * 10) / 10;

// Marks the points that a line needs to stay within a tenth of a pixel of all of them.
const needed = (xs, ys, from, to, keep) => {
  const [dx, dy] = [xs[to] - xs[from], ys[to] - ys[from]];
  const length = Math.hypot(dx, dy) || 1;
  let [worst, at] = [0.1, -1];
  for (let i = from + 1; i < to; i += 1) {
    const distance = Math.abs(dx * (ys[i] - ys[from]) - dy * (xs[i] - xs[from])) / length;
    if (distance > worst) [worst, at] = [distance, i];
  }
  if (at < 0) return;
  keep[at] = 1;
  needed(xs, ys, from, at, keep);
  needed(xs, ys, at, to, keep);
};

// A path through points, from one side to the other; `breaks` are indices after which a new piece starts.
const path = (xs, ys, breaks = new Set()) => {
  const keep = new Uint8Array(xs.length);
  let text = "";
  let start = 0;
  for (const end of [...[...breaks].sort((a, b) => a - b), xs.length - 1]) {
    keep[start] = keep[end] = 1;
    needed(xs, ys, start, end, keep);
    for (let i = start; i <= end; i += 1) if (keep[i]) text += (i === start ? "M" : "L") + round(xs[i]) + " " + round(ys[i]);
    start = end + 1;
  }
  return text;
};

// A curve in a casing of paper: it keeps its contrast where it crosses something tinted or hatched.
const cased = (className) => {
  const [casing, line] = ["ax-casing", `ax-curve ${className}`.trim()].map((name) => svg("path", { class: name }));
  return { casing, line, draw: (d) => [casing, line].forEach((part) => assign(part, { d })) };
};

// Puts a hatching into a plot and returns it as a fill: an area that is seen without telling colours apart.
const hatching = (p, className, gap) => {
  const id = `ax-hatch-${Math.random().toString(36).slice(2, 8)}`;
  const line = svg("line", { x1: gap / 2, x2: gap / 2, y1: 0, y2: gap, class: className });
  p.svg.append(svg("pattern", { id, width: gap, height: gap, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, line));
  return `url(#${id})`;
};

// Moves labels apart so that none covers another, keeping their order.
const spread = (ys, gap, low, high) => {
  const order = ys.map((_, i) => i).sort((a, b) => ys[a] - ys[b]);
  const placed = [...ys];
  let last = low - gap;
  for (const i of order) last = placed[i] = Math.max(placed[i], last + gap);
  let next = high + gap;
  for (const i of order.reverse()) next = placed[i] = Math.min(placed[i], next - gap);
  return placed;
};

// Calls back with data coordinates while a pointer is down on a plot. Vertical swipes still scroll the page.
const draggable = (p, move) => {
  let down = false;
  const send = (event) => {
    const box = p.svg.getBoundingClientRect();
    const inX = ((event.clientX - box.left) / box.width) * p.width;
    const inY = ((event.clientY - box.top) / box.height) * p.height;
    const along = (at, from, to, [low, high]) => low + clamp((at - from) / (to - from), 0, 1) * (high - low);
    move(along(inX, p.left, p.right, p.xRange), along(inY, p.bottom, p.top, p.yRange));
  };
  p.svg.classList?.add("ax-drag");
  p.svg.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    down = true;
    p.svg.setPointerCapture?.(event.pointerId);
    send(event);
  });
  p.svg.addEventListener("pointermove", (event) => down && send(event));
  for (const end of ["pointerup", "pointercancel"]) p.svg.addEventListener(end, () => (down = false));
};

// ---- An explorer's frame ----

// Fills el and returns what views use: `say` speaks a sentence once the reader has paused, and puts it on
// the plots as their description, after their titles.
const explorer = (model, el, children, described) => {
  const live = html("p", { class: "ax-live", "aria-live": "polite" });
  const root = html("div", { class: `ax-explorer ax-${model.get("kind")}`, "data-explorer": model.get("kind") }, ...children, live);
  el.append(root);
  let timer;
  let first = true;
  const say = (sentence) => {
    clearTimeout(timer);
    const speak = (aloud) => {
      for (const p of described) p.svg.setAttribute("aria-label", `${p.title.textContent}. ${sentence}`);
      if (aloud) live.textContent = sentence;
    };
    if (first) speak(false);
    else timer = setTimeout(speak, 700, true);
    first = false;
  };
  return { root, say, stop: () => clearTimeout(timer) };
};

// Listens to traits, draws at once, and returns the clean-up that the widget manager calls.
const follow = (model, names, draw, stop) => {
  const events = names.map((name) => "change:" + name);
  for (const event of events) model.on(event, draw);
  draw();
  return () => {
    for (const event of events) model.off(event, draw);
    stop?.();
  };
};

// Sets traits from within a view: the links carry them to the sliders, save_changes to a kernel.
const put = (model, changes) => {
  for (const [name, value] of Object.entries(changes)) model.set(name, value);
  model.save_changes();
};

// ---- Tables of functions ----

// Where a derivative jumps: of the places where it may, those at which the lines from both sides do not meet.
const jumpsOf = (slopes, places) => {
  const steepest = slopes.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const limit = (i, side) => 2 * slopes[i + side] - slopes[i + 2 * side];
  return places.filter((i) => Math.abs(limit(i, 1) - limit(i, -1)) > 0.01 * steepest);
};

// The path of a derivative that jumps. At a jump the value belongs to one side: the curve stops there and goes
// on just beside it.
const broken = (px, py, slopes, jumps) => {
  const own = [...px];
  const breaks = jumps.map((i) => {
    const before = Math.abs(slopes[i] - slopes[i - 1]) < Math.abs(slopes[i] - slopes[i + 1]);
    own[before ? i + 1 : i - 1] = px[i];
    return before ? i : i - 1;
  });
  return path(own, py, new Set(breaks));
};

// Values along the grid for the current parameter: a straight line between the tabulated parameters.
const curve = (table, entry, offset, size, parameter) => {
  const at = (node) => table.subarray(entry.start + (2 * node + offset) * size, entry.start + (2 * node + offset + 1) * size);
  const nodes = entry.nodes;
  if (nodes.length === 1) return at(0);
  let k = 0;
  while (k < nodes.length - 2 && parameter > nodes[k + 1]) k += 1;
  const share = (parameter - nodes[k]) / (nodes[k + 1] - nodes[k]);
  const [below, above] = [at(k), at(k + 1)];
  return Float64Array.from(below, (value, i) => value + share * (above[i] - value));
};
