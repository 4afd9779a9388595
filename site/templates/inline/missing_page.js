// The site may live below any path. Ask each folder above this address whether the site starts there.
(async () => {
  const folders = location.pathname.split("/").slice(1, -1);
  const above = Array.from({ length: folders.length + 1 }, (_, depth) => ["", ...folders.slice(0, depth), ""].join("/"));
  const roots = [document.documentElement.dataset.root, ...above];
  for (const root of new Set(roots)) {
    const answer = await fetch(root + "_static/course.css", { method: "HEAD" }).catch(() => ({ ok: false }));
    if (answer.ok) {
      for (const link of document.querySelectorAll("[data-page]")) link.href = root + link.dataset.page;
      return;
    }
  }
})();
