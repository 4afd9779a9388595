document.querySelector(".page-toc").open = matchMedia("(min-width: 75rem)").matches;
