"""Every page says what it may load and run, and the browser holds it to that.

That no page breaks its own policy is seen in ``test_site.py``, where each is opened, scrolled and used.
"""

from __future__ import annotations

import base64
import hashlib
import re
import sys
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

sys.path.insert(0, str(Path(__file__).parents[2] / "site" / "extensions"))

from security_policy import CONNECTIONS

# Types of script elements that hold data, which no browser runs.
DATA = re.compile(r"application/(\w|[.+-])*json")


class Head(HTMLParser):
    """The policy of a page, and what the policy must speak of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.policies: list[str] = []
        self.early: list[str] = []
        self.handlers: list[str] = []
        self.inline: dict[str, list[str]] = {"script": [], "style": []}
        self._open: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "meta" and values.get("http-equiv") == "Content-Security-Policy":
            self.policies.append(values["content"] or "")
        elif tag in ("script", "style", "link") and not self.policies:
            self.early.append(tag)
        runs = tag == "style" or (tag == "script" and not DATA.fullmatch(values.get("type") or ""))
        self._open = tag if runs and "src" not in values else None
        self.handlers += [name for name in values if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        if self._open:
            self.inline[self._open].append(data)

    def handle_endtag(self, tag: str) -> None:
        self._open = None


def directives(policy: str) -> dict[str, list[str]]:
    return {part.split()[0]: part.split()[1:] for part in policy.split(";")}


def pages(site: Path) -> list[Path]:
    found = [path for path in site.rglob("*.html") if path.relative_to(site).parts[0] in OWN]
    return found + sorted(site.glob("*.html"))


OWN = ("chapters",)


def test_every_page_states_a_policy_that_names_only_the_site(site_dir: Path) -> None:
    allowed = {"'self'", "'none'", "data:", "file:", *CONNECTIONS}
    for path in pages(site_dir):
        head = Head(path.read_text(encoding="utf-8"))
        assert len(head.policies) == 1, path.name
        assert not head.early, f"{path.name}: the policy comes after a {head.early}"
        assert not head.handlers, f"{path.name}: no policy with hashes lets {head.handlers} run"
        rules = directives(head.policies[0])
        assert rules["default-src"] == ["'none'"]
        assert rules["base-uri"] == ["'none'"]
        assert rules.pop("style-src-attr") == ["'unsafe-inline'"]
        assert rules["img-src"] == ["'self'", "file:", "data:"]
        assert set(rules["connect-src"]) == {"'self'", *CONNECTIONS}
        for name in ("script-src", "style-src", "font-src", "form-action"):
            assert "data:" not in rules[name], f"{path.name}: {name}"
        for name, sources in rules.items():
            named = {source for source in sources if not source.startswith("'sha256-")}
            assert named <= allowed, f"{path.name}: {name} {named - allowed}"
            if name not in ("script-src", "style-src"):
                assert named == set(sources), f"{path.name}: {name} takes no hashes"


def test_what_stands_in_a_page_is_allowed_by_its_hash(site_dir: Path) -> None:
    for path in pages(site_dir):
        head = Head(path.read_text(encoding="utf-8"))
        rules = directives(head.policies[0])
        assert head.inline["script"], path.name
        for kind, texts in head.inline.items():
            for text in texts:
                digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
                assert f"'sha256-{digest}'" in rules[f"{kind}-src"], f"{path.name}: {text[:80]}"


# What an intruder would do, and the directive that forbids it.
INTRUDERS = {
    "an inline script": ("put('script', { textContent: 'ran = 1' })", "script-src-elem"),
    "an event handler": ("html('<svg onload=\"ran = 1\"></svg>')", "script-src-attr"),
    "a script of another site": ("put('script', { src: 'https://example.org/x.js' })", "script-src-elem"),
    "a module from a text": ("import(blob('ran = 1')).catch(() => 0)", "script-src-elem"),
    "a text as an address": ("put('a', { href: 'javascript:ran = 1' }).click()", "script-src-elem"),
    "a style element": ("html('<style>body { display: none }</style>')", "style-src-elem"),
    "a picture of another site": ("put('img', { src: 'https://example.org/x.png' })", "img-src"),
    "a question to another site": ("fetch('https://example.org/').catch(() => 0)", "connect-src"),
    "a page of another site": ("put('iframe', { src: 'https://example.org/' })", "frame-src"),
    "another base for links": ("put('base', { href: 'https://example.org/' })", "base-uri"),
}
TOOLS = """
  window.stopped = [];
  addEventListener("securitypolicyviolation", (event) => stopped.push(event.effectiveDirective));
  window.html = (text) => document.body.insertAdjacentHTML("beforeend", text);
  window.put = (tag, properties) =>
    document.body.appendChild(Object.assign(document.createElement(tag), properties));
  window.blob = (text) => URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
"""


@pytest.fixture
def watched(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script(TOOLS)
    yield page
    context.close()


@pytest.mark.parametrize("served", [True, False], ids=["served", "opened as a file"])
@pytest.mark.parametrize("name", ["chapters/02-sigmoid.html", "404.html"])
def test_nothing_foreign_runs(
    name: str, served: bool, watched: Page, site_url: str, site_dir: Path, wait_until: Callable[..., None]
) -> None:
    watched.goto(site_url + name if served else (site_dir / name).as_uri())
    for intruder, (deed, directive) in INTRUDERS.items():
        watched.evaluate(f"() => {{ stopped.length = 0; {deed}; }}")
        wait_until(watched, "stopped.length > 0")
        assert watched.evaluate("[...new Set(stopped)]") == [directive], intruder
    assert watched.evaluate("window.ran") is None
    assert watched.locator("main h1").is_visible()
    assert watched.evaluate("document.baseURI === location.href")
