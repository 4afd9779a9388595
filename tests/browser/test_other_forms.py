"""The book in other forms: one PDF, a site to unpack and open, the notebooks in an archive."""

from __future__ import annotations

import hashlib
import re
import sys
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import nbformat
import pikepdf
import pytest
import yaml
from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import build_dist  # noqa: E402 (the tools are no package)
import build_pdf  # noqa: E402

A4 = (595, 842)
ADDRESS = "https://example.org/course/"
# Of an assignment, what its students do not get.
SECRETS = r"### BEGIN (?:SOLUTION|HIDDEN TESTS)\n(.*?)### END"


# --- The PDF -------------------------------------------------------------------------------------------


def some_pages() -> list[build_pdf.Chapter]:
    """Return three pages of the book: the first, one with explorers and solutions, one with a wide table."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    book = build_pdf.chapters(toc)
    return [book[0], *[page for page in book if page.name in ("chapters/02-sigmoid", "chapters/claims")]]


@pytest.fixture(scope="module")
def document(site_dir: Path) -> str:
    return build_pdf.document(site_dir, some_pages(), {})[0]


@pytest.fixture(scope="module")
def printed(
    site_dir: Path, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> tuple[pikepdf.Pdf, list[build_pdf.Entry], list[str], dict[str, int]]:
    """Print the pages; return the PDF, its contents, what does not fit, and the numbers in the contents."""
    output = tmp_path_factory.mktemp("pdf") / "book.pdf"
    page = browser.new_page()
    entries, problems, numbers = build_pdf.print_twice(page, site_dir, output, some_pages())
    page.close()
    build_pdf.finish(output, entries)
    return pikepdf.open(output), entries, problems, numbers


Printed = tuple[pikepdf.Pdf, list[build_pdf.Entry], list[str], dict[str, int]]


def test_the_pdf_holds_every_page_of_the_book_in_order() -> None:
    text = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    book = build_pdf.chapters(yaml.safe_load(text))
    assert [page.name for page in book] == re.findall(r"(?:root|file): (\S+)", text)
    assert len({page.anchor for page in book}) == len(book)


def test_nothing_is_cut_off(printed: Printed) -> None:
    assert printed[2] == []
    for page in printed[0].pages:
        assert tuple(round(float(edge)) for edge in page.mediabox[2:]) == A4


def test_what_does_not_fit_is_reported(browser: Browser, tmp_path: Path) -> None:
    source = tmp_path / "wide.html"
    wide = '<p style="width: 2000px">a wide paragraph</p><pre style="width: 3000px">a wide listing</pre>'
    source.write_text(f'<meta charset="utf-8"><article>{wide}</article>', encoding="utf-8")
    page = browser.new_page()
    problems = build_pdf.show(page, source)
    page.close()
    assert [problem.partition(" ")[0] for problem in problems] == ["PRE", "P"]
    assert "a wide listing" in problems[0]
    assert "a wide paragraph" in problems[1]


def test_links_stay_in_the_document_and_lead_somewhere(printed: Printed) -> None:
    pdf, entries, _, _ = printed
    inside, outside = [], []
    for page in pdf.pages:
        for note in page.get("/Annots", []):
            if "/Dest" in note:
                inside.append(str(note.Dest))
            elif "/A" in note:
                outside.append(str(note.A.URI))
    assert set(inside) <= set(pdf.Root.Dests.keys())
    assert {f"/{entry.anchor}" for part in entries for entry in [part, *part.below]} <= set(inside)
    assert "/chapters-02-sigmoid--claim-s1" in inside, "the ledger leads into the chapter"
    assert all(address.startswith("https://") for address in outside), outside


def test_the_contents_name_the_right_pages(printed: Printed) -> None:
    pdf, entries, _, numbers = printed
    pages = {page.obj.objgen: at for at, page in enumerate(pdf.pages, 1)}
    listed = [entry for part in entries for entry in [part, *part.below]]
    assert len(listed) > 5
    for entry in listed:
        assert numbers[entry.anchor] == pages[pdf.Root.Dests[f"/{entry.anchor}"][0].objgen]
    order = [numbers[entry.anchor] for entry in listed]
    assert order == sorted(order)


def test_the_bookmarks_are_the_contents(printed: Printed) -> None:
    pdf, entries, _, _ = printed

    def names(items: list[pikepdf.OutlineItem]) -> list[object]:
        return [[item.title, names(item.children)] for item in items]

    def wanted(entries: list[build_pdf.Entry]) -> list[object]:
        return [[build_pdf.plain(entry.words), wanted(entry.below)] for entry in entries]

    with pdf.open_outline() as outline:
        found = names(outline.root)
    assert found == wanted(entries)
    assert str(pdf.Root.Lang) == "en"
    assert bool(pdf.Root.MarkInfo.Marked), "screen readers find the structure"


def test_the_pdf_says_what_it_is(printed: Printed) -> None:
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    about = {str(key): str(value) for key, value in printed[0].docinfo.items()}
    assert about["/Title"] == config["title"]
    assert about["/Author"] == config["author"]
    released = build_pdf.release_date()
    assert about["/CreationDate"] == about["/ModDate"] == f"D:{released:%Y%m%d}000000Z"
    assert bool(printed[0].Root.ViewerPreferences.DisplayDocTitle)


def test_solutions_stand_open_and_explorers_lead_to_the_live_page(document: str) -> None:
    assert document.count("<details open") == document.count("<details") > 5
    explorers = document.count("data-widget-view")
    assert explorers >= 3
    notes = re.findall(r'<p class="widget-note">A still figure.*?href="([^"]+)"', document)
    assert len(notes) == explorers
    assert all(address.startswith("https://") for address in notes)
    assert "<noscript>" not in document
    assert "<script" not in document


def test_anchors_of_joined_pages_stay_apart() -> None:
    book = [build_pdf.Chapter(f"chapters/{name}", "", 0) for name in ("index", "one", "two")]
    page = (
        '<p id="a"><a href="#a">1</a><a href="two.html">2</a><a href="two.html#b">3</a>'
        '<a href="../index.html">4</a><a href="../_sources/one.ipynb">5</a><a href="https://example.org/#x">6</a></p>'
        '<svg aria-labelledby="a b"><use xlink:href="#g"/><path clip-path="url(#c)"/></svg>'
        '<label for="f">7</label>'
    )
    text = build_pdf.joined(page, book[1], book, ADDRESS)
    mark = "chapters-one--"
    assert re.findall(r'href="([^"]*)"', text) == [
        f"#{mark}a",
        "#chapters-two",
        "#chapters-two--b",
        "#chapters-index",
        f"{ADDRESS}_sources/one.ipynb",
        "https://example.org/#x",
        f"#{mark}g",
    ]
    assert f'id="{mark}a"' in text
    assert f'for="{mark}f"' in text
    assert f'aria-labelledby="{mark}a {mark}b"' in text
    assert f"url(#{mark}c)" in text


# --- The archives --------------------------------------------------------------------------------------


def test_the_unpacked_site_lives_without_a_server(
    browser: Browser, site_dir: Path, tmp_path: Path, wait_until: Callable[..., None]
) -> None:
    packed = tmp_path / "site.zip"
    build_dist.write_zip(packed, "course", build_dist.site_files(site_dir))
    with zipfile.ZipFile(packed) as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path)
    context = browser.new_context()
    page = context.new_page()
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type != "log" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto((tmp_path / "course" / "index.html").as_uri())
    page.get_by_role("main").get_by_role("link", name="Sigmoid").first.click()
    page.wait_for_url("**/chapters/02-sigmoid.html")
    move_every_explorer(page, wait_until)
    assert not complaints
    assert all(address.startswith((tmp_path.as_uri(), "data:")) for address in asked)
    context.close()


def move_every_explorer(page: Page, wait_until: Callable[..., None]) -> None:
    places = page.locator("[data-widget-view]")
    each = "[...document.querySelectorAll('[data-widget-view]')]"
    wait_until(page, f"{each}.every((place) => place.dataset.widgetReady === 'yes')")
    assert places.count() >= 3
    for place in places.all():
        slider = place.locator("input[type=range]:visible").first
        picture = place.locator("svg[role=img]").first
        before = picture.inner_html()
        slider.focus()
        page.keyboard.press("PageUp")
        wait_until(
            page, "([picture, before]) => picture.innerHTML !== before", [picture.element_handle(), before]
        )


@pytest.fixture
def notebooks(tmp_path: Path) -> dict[str, bytes]:
    """Pack the archive of the notebooks; return its files."""
    packed = tmp_path / "notebooks.zip"
    build_dist.write_zip(packed, "notebooks", build_dist.notebook_files())
    with zipfile.ZipFile(packed) as archive:
        return {name.removeprefix("notebooks/"): archive.read(name) for name in archive.namelist()}


def test_the_notebooks_are_those_of_the_repository(notebooks: dict[str, bytes]) -> None:
    chapters = {f"chapters/{path.name}" for path in (ROOT / "chapters").glob("*.ipynb")}
    exercises = {f"assignments/{path.name}" for path in (ROOT / "assignments").glob("*/*.ipynb")}
    assert {name for name in notebooks if name.endswith(".ipynb")} == chapters | exercises
    assert all(notebooks[name] == (ROOT / name).read_bytes() for name in chapters)
    for name in chapters | exercises:
        nbformat.validate(nbformat.reads(notebooks[name].decode(), as_version=4))
    assert f"activations-{build_dist.version()}-py3-none-any.whl" in notebooks["README.txt"].decode()


def lines_of(texts: Iterable[str]) -> set[str]:
    return {line.strip() for text in texts for line in text.splitlines()}


def test_no_exercise_among_the_notebooks_holds_its_solution(notebooks: dict[str, bytes]) -> None:
    for path in (ROOT / "assignments").glob("*/*.ipynb"):
        sources = [cell.source for cell in nbformat.read(path, as_version=4).cells]
        kept_back = lines_of(part for text in sources for part in re.findall(SECRETS, text, re.DOTALL))
        open_to_all = lines_of(re.sub(SECRETS, "", text, flags=re.DOTALL) for text in sources)
        secrets = kept_back - open_to_all
        assert len(secrets) > 15
        packed = notebooks[f"assignments/{path.name}"].decode()
        given = lines_of(cell.source for cell in nbformat.reads(packed, as_version=4).cells)
        assert not secrets & given, path.name
        assert not re.search(r"(BEGIN|END) (SOLUTION|HIDDEN TESTS)", packed)


def test_the_same_files_make_the_same_archive(tmp_path: Path) -> None:
    files = {"b.txt": b"second", "a.txt": b"first"}
    build_dist.write_zip(tmp_path / "one.zip", "x", files)
    build_dist.write_zip(tmp_path / "two.zip", "x", dict(reversed(files.items())))
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    build_dist.write_checksums(tmp_path, [tmp_path / "two.zip", tmp_path / "one.zip"])
    digest = hashlib.sha256((tmp_path / "one.zip").read_bytes()).hexdigest()
    sums = (tmp_path / "SHA256SUMS").read_text(encoding="utf-8")
    assert sums == f"{digest}  one.zip\n{digest}  two.zip\n"


def test_how_the_site_was_built_stays_behind(tmp_path: Path) -> None:
    for name in ("index.html", ".buildinfo", ".doctrees/x.doctree", "_static/a.css"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x", encoding="utf-8")
    assert set(build_dist.site_files(tmp_path)) == {"index.html", "_static/a.css"}
