// Before the first paint, so that a dark page never flashes white. Storage may be forbidden: then the system decides.
(() => {
  const root = document.documentElement;
  let mode = "auto";
  try { mode = localStorage.getItem("mode") || "auto"; } catch {}
  const dark = mode === "dark" || (mode !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  Object.assign(root.dataset, { mode, theme: dark ? "dark" : "light", scripts: "on" });
  // A page opened as a file may use a font, but not ask for it early.
  if (location.protocol === "file:") return;
  for (const font of document.currentScript.dataset.fonts?.split(" ") ?? []) {
    const href = root.dataset.content_root + "_static/" + font;
    const link = { rel: "preload", as: "font", type: "font/woff2", crossOrigin: "anonymous", href };
    document.head.append(Object.assign(document.createElement("link"), link));
  }
})();
