// Of the site's own script this page needs one thing: to follow the system from light to dark.
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", ({ matches }) => {
  const { dataset } = document.documentElement;
  if (dataset.mode === "auto") dataset.theme = matches ? "dark" : "light";
});
// The site may live below any path. Where its address is not set, ask each folder above this address whether
// the site starts there, the nearest first: most wrong addresses are wrong in their last part.
(async () => {
  const folders = location.pathname.split("/").slice(1, -1);
  const above = Array.from({ length: folders.length + 1 }, (_, depth) => ["", ...folders.slice(0, depth), ""].join("/"));
  const known = document.documentElement.dataset.root;
  for (const root of new Set([...(known ? [known] : []), ...above.reverse()])) {
    const answer = await fetch(root + "_static/course.css", { method: "HEAD" }).catch(() => ({ ok: false }));
    if (answer.ok) {
      await answer.text(); // Chromium reports an answer that nobody reads as broken off.
      for (const link of document.querySelectorAll("[data-page]")) link.href = root + link.dataset.page;
      return;
    }
  }
})();
