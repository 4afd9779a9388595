// What the pages do beyond HTML: choose the colours, copy code, follow the reader through the table of contents.
// Every page is whole without it.

const root = document.documentElement;
const prefersDark = matchMedia("(prefers-color-scheme: dark)");
const wide = matchMedia("(min-width: 75rem)");

// --- Colours: as the system, light, dark; kept between visits where the browser allows it.

const MODES = {
  auto: { next: () => (prefersDark.matches ? "light" : "dark"), label: "Colours: as the system" },
  light: { next: () => (prefersDark.matches ? "auto" : "dark"), label: "Colours: light" },
  dark: { next: () => (prefersDark.matches ? "light" : "auto"), label: "Colours: dark" },
};

function setMode(mode) {
  const dark = mode === "dark" || (mode === "auto" && prefersDark.matches);
  root.dataset.mode = mode;
  root.dataset.theme = dark ? "dark" : "light";
  for (const label of document.querySelectorAll(".theme-switch .visually-hidden")) label.textContent = MODES[mode].label;
}

function storedMode() {
  return root.dataset.mode in MODES ? root.dataset.mode : "auto";
}

setMode(storedMode());
prefersDark.addEventListener("change", () => setMode(storedMode()));
for (const button of document.querySelectorAll(".theme-switch")) {
  button.addEventListener("click", () => {
    const order = prefersDark.matches ? ["auto", "light", "dark"] : ["auto", "dark", "light"];
    const mode = order[(order.indexOf(storedMode()) + 1) % order.length];
    setMode(mode);
    try {
      localStorage.setItem("mode", mode);
    } catch {
      // Storage is forbidden: the choice lasts as long as the page.
    }
  });
}

// --- Copying code. The status is spoken, as the button's own text changes while it has the focus.

for (const pre of document.querySelectorAll("div.highlight > pre")) {
  if (pre.closest(".cell_output")) continue;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy-code";
  button.textContent = "Copy";
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(pre.textContent.trimEnd());
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(pre);
      button.textContent = "Selected";
    }
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });
  pre.after(button);
}

// --- What scrolls inside itself can be reached and scrolled with the keyboard.

const SCROLLERS = "pre, .pst-scrollable-table-container, .output.text_html, div.math";
const NAMES = [["pre", "Code"], [".math", "Formula"], ["*", "Table"]];

const isScroller = (box) => box.scrollWidth > box.clientWidth + 1 && getComputedStyle(box).overflowX !== "visible";
function markScroller([box, scrolls]) {
  if (scrolls === box.hasAttribute("tabindex")) return;
  if (scrolls) {
    box.tabIndex = 0;
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", `${NAMES.find(([kind]) => box.matches(kind))[1]}, scrolls sideways`);
  } else {
    for (const name of ["tabindex", "role", "aria-label"]) box.removeAttribute(name);
  }
}

// Measuring lays the page out, so it waits for an idle moment, and first measures a handful, then marks them.
const whenIdle = (work) =>
  globalThis.requestIdleCallback ? requestIdleCallback(work, { timeout: 500 }) : setTimeout(work, 50);
let unmarked = [];
let waiting = false;
function markSome() {
  const until = performance.now() + 8;
  const measured = [];
  while (unmarked.length && performance.now() < until) {
    const box = unmarked.shift();
    measured.push([box, isScroller(box)]);
  }
  measured.forEach(markScroller);
  waiting = unmarked.length > 0;
  if (waiting) whenIdle(markSome);
}
function markScrollers() {
  unmarked = [...document.querySelectorAll(SCROLLERS)];
  if (!waiting) whenIdle(markSome);
  waiting = true;
}
addEventListener("load", markScrollers);
addEventListener("resize", markScrollers);
document.addEventListener("toggle", (event) => event.target.open && markScrollers(), true);

// --- The table of contents shows where the reader is.

const toc = document.querySelector(".page-toc");
if (toc) {
  wide.addEventListener("change", () => (toc.open = wide.matches));
  const links = new Map();
  for (const link of toc.querySelectorAll("a[href^='#']")) {
    const section = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (section) links.set(section, link);
  }
  // The sections that cross a line a quarter down the window; the last of them is the innermost.
  const crossing = new Set();
  let current;
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) crossing[isIntersecting ? "add" : "delete"](target);
      const section = [...links.keys()].filter((candidate) => crossing.has(candidate)).at(-1);
      // Between two sections the former stays; above the first one there is none.
      const above = !section && [...links.keys()][0].getBoundingClientRect().top > innerHeight / 4;
      const link = section ? links.get(section) : above ? undefined : current;
      if (link === current) return;
      current?.removeAttribute("aria-current");
      current = link;
      current?.setAttribute("aria-current", "true");
    },
    { rootMargin: "-25% 0px -75% 0px" },
  );
  for (const section of links.keys()) observer.observe(section);
}

// --- Opening a chapter elsewhere. Only a press asks a service whether it answers; one that does not is told at once.

const launchStatus = document.querySelector(".launch-status");
const tell = (text) => {
  launchStatus.textContent = text;
  launchStatus.scrollIntoView({ block: "nearest" });
};
const PATIENCE = 3000;
const answers = async (address) => {
  const here = new URL(address, location).origin === location.origin;
  try {
    const answer = await fetch(address, {
      mode: here ? "same-origin" : "no-cors",
      cache: "no-store",
      credentials: "omit",
      referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(PATIENCE),
    });
    return answer.ok || answer.type === "opaque";
  } catch {
    return false;
  }
};
const missing = {
  JupyterLite: "This copy of the site comes without JupyterLite; “make lite” in the course's folder builds it.",
};
for (const link of document.querySelectorAll(".launch")) {
  link.addEventListener("click", async (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const { service, probe } = link.dataset;
    tell(`Asking ${service} …`);
    if (await answers(probe)) {
      tell(`Opening ${service} …`);
      location.assign(link.href);
    } else {
      tell(missing[service] ?? `${service} cannot be reached from here. Try again, or another way.`);
    }
  });
}
// A page has no kernel of its own, unless the course's own server shows it: then its script takes the button over.
if (root.dataset.live === undefined) {
  document.querySelector(".run-page")?.addEventListener("click", () => {
    tell("No kernel answers on this page. Get the course's files, and “make live” opens the page with one.");
  });
}

// --- Small things.

// A link into a folded block opens it.
function openTarget() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let node = target; node; node = node.parentElement) if (node.matches("details")) node.open = true;
}
addEventListener("hashchange", openTarget);
openTarget();

// Paper has no folds: open them all to print, and close those again that were closed.
let closed = [];
addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("main details:not([open])")];
  for (const fold of closed) fold.open = true;
});
addEventListener("afterprint", () => {
  for (const fold of closed) fold.open = false;
});
document.querySelector(".print-page")?.addEventListener("click", () => print());

// The search field of the header: "/" or Ctrl+K.
addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  const shortcut = (event.key === "/" && !typing) || (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey));
  const field = document.querySelector("main .search-form input, .site-header .search-form input");
  if (!shortcut || !field || event.altKey) return;
  event.preventDefault();
  field.focus();
  field.select();
});

// Sphinx's search asks for every page that it found, to quote it; opened as a file, a page cannot.
if (typeof DOCUMENTATION_OPTIONS === "object" && location.protocol === "file:") {
  DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
}
// It takes the dots in a module's anchor for the start of class names.
if (typeof Search === "object") {
  const quote = Search.htmlToText;
  Search.htmlToText = (page, anchor) => quote(page, anchor && `#${CSS.escape(anchor.slice(1))}`);
}
