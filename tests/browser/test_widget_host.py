"""The site's widget host: any page built with it, opened as a file, in a folder as deep as you like.

A small book is built from a notebook that already holds its outputs, so that no kernel is needed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import anywidget
import ipywidgets as widgets
import nbformat
import pytest
import traitlets
from playwright.sync_api import Browser, Locator, Page
from sphinx.errors import ExtensionError

EXTENSIONS = Path(__file__).parents[2] / "site" / "extensions"
sys.path.insert(0, str(EXTENSIONS))

from widget_host import as_script  # noqa: E402 (the extensions are no package)

PAGE = "part/section/controls"


class Echo(anywidget.AnyWidget):
    """A widget of nobody in particular: a module that is a function, with a buffer and a style sheet."""

    _esm = """
    export default async () => ({
      initialize({ model }) { model.set("started", model.get("started") + 1); },
      render({ model, el }) {
        const view = model.get("numbers");
        const numbers = [0, 4].map((at) => view.getFloat32(at, true));
        const text = document.createElement("output");
        const draw = () => {
          const [value, started] = [model.get("value"), model.get("started")];
          text.textContent = `${value} of ${numbers.join(" ")}, started ${started}`;
        };
        const button = document.createElement("button");
        button.textContent = "Double";
        button.addEventListener("click", () => {
          model.set("value", 2 * model.get("value"));
          model.save_changes();
        });
        model.on("change:value", draw);
        el.append(text, button);
        draw();
      },
    })
    """
    _css = ".echo { color: red }"
    numbers = traitlets.Bytes(b"\x00\x00\x80\x3f\x00\x00\x00\x40").tag(sync=True)
    value = traitlets.Float(1.5).tag(sync=True)
    started = traitlets.Int(0).tag(sync=True)


def controls() -> dict[str, widgets.Widget]:
    return {
        "float": widgets.FloatSlider(
            value=1.5, min=0, max=10, step=0.5, description="Float", readout_format=".1f"
        ),
        "whole": widgets.IntSlider(value=3, min=0, max=10, description="Whole"),
        "share": widgets.FloatSlider(
            value=0.25, min=0, max=1, step=0.01, description="Share", readout_format=".0%"
        ),
        "log": widgets.FloatLogSlider(value=10, min=-2, max=3, step=0.5, description="Log"),
        "bare": widgets.FloatSlider(value=2, description="No readout", readout=False, disabled=True),
        "text": widgets.FloatText(value=1.5, description="Free"),
        "bounded": widgets.BoundedFloatText(value=1, min=0, max=2, step=0.1, description="Bounded"),
        "int": widgets.IntText(value=4, description="Int"),
        "bint": widgets.BoundedIntText(value=4, min=0, max=9, description="Bounded int"),
        "menu": widgets.Dropdown(options=["one", "two", "three"], index=1, description="Menu"),
        "toggles": widgets.ToggleButtons(options=["one", "two", "three"], index=1, description="Toggles"),
        "box": widgets.Checkbox(value=True, description="Check"),
        "play": widgets.Play(value=0, min=0, max=3, interval=30, description="Play"),
        "label": widgets.Label("plain <b>words</b>"),
        "html": widgets.HTML("<b>only</b> the text"),
    }


def notebook(*shown: widgets.Widget) -> nbformat.NotebookNode:
    """Return an executed notebook that shows widgets, with the state of every widget of this process."""
    cells = [nbformat.v4.new_markdown_cell("# A page")]
    for widget in shown:
        view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
        data = {"application/vnd.jupyter.widget-view+json": view, "text/plain": "a widget"}
        output = nbformat.v4.new_output("execute_result", data, execution_count=1)
        cells.append(nbformat.v4.new_code_cell("widget", outputs=[output], execution_count=1))
    made = nbformat.v4.new_notebook(cells=cells)
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    made.metadata["widgets"] = {
        "application/vnd.jupyter.widget-state+json": widgets.Widget.get_manager_state(drop_defaults=False)
    }
    return made


@dataclass
class Book:
    """A small book on disk, and what building it said."""

    site: Path
    messages: str
    failed: bool

    def page(self, name: str = PAGE) -> str:
        return (self.site / f"{name}.html").read_text(encoding="utf-8")

    def state(self) -> dict[str, dict[str, object]]:
        text = self.page()
        start = text.index(">", text.index("widget-state+json")) + 1
        models = json.loads(text[start : text.index("</script>", start)])["state"]
        return {model: entry["state"] for model, entry in models.items()}


def build(folder: Path, pages: dict[str, nbformat.NotebookNode]) -> Book:
    source = folder / "source"
    for name, page in pages.items():
        path = source / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(page, path)
    toc = "\n".join(["```{toctree}", *pages, "```"])
    (source / "index.md").write_text(f"# Book\n\n{toc}\n", encoding="utf-8")
    (source / "conf.py").write_text(
        f"import sys\nsys.path.insert(0, {str(EXTENSIONS)!r})\n"
        "extensions = ['myst_nb', 'widget_host']\nnb_execution_mode = 'off'\n",
        encoding="utf-8",
    )
    site = folder / "site"
    run = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", str(source), str(site)],
        capture_output=True,
        text=True,
        check=False,
    )
    return Book(site, run.stdout + run.stderr, run.returncode != 0)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    parts = controls()
    echo, twin = Echo(), Echo(value=7)
    links = [
        widgets.jslink((parts["float"], "value"), (parts["text"], "value")),
        widgets.jslink((echo, "value"), (parts["float"], "value")),
        widgets.jsdlink((parts["whole"], "value"), (parts["int"], "value")),
        widgets.jslink((parts["menu"], "index"), (parts["toggles"], "index")),
        widgets.jslink((parts["play"], "value"), (parts["bint"], "value")),
    ]
    everything = widgets.VBox(
        [
            widgets.HBox(list(parts.values())[:6]),
            widgets.Box(list(parts.values())[6:9], layout=widgets.Layout(justify_content="center")),
            widgets.GridBox(list(parts.values())[9:], layout=widgets.Layout(grid_template_columns="1fr 1fr")),
            echo,
        ]
    )
    far = widgets.FloatSlider(description="Not on any page")
    made = build(tmp_path_factory.mktemp("book"), {PAGE: notebook(everything, twin)})
    assert not made.failed, made.messages
    assert links
    assert far.description not in made.page()
    return made


@pytest.fixture
def live(book: Book, browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto((book.site / f"{PAGE}.html").as_uri())
    page.locator("[data-widget-ready=yes]").nth(1).wait_for(state="attached")
    yield page
    assert not complaints
    context.close()


def field(page: Page, label: str) -> Locator:
    return page.get_by_label(label, exact=True)


def test_only_what_the_page_shows_is_in_its_state(book: Book) -> None:
    names = [str(state["_model_name"]) for state in book.state().values()]
    assert names.count("FloatSliderModel") == 3
    assert not [name for name in names if name.endswith("StyleModel")]
    for state in book.state().values():
        assert None not in state.values()
        assert not {"_view_name", "_model_module", "_dom_classes", "_css"} & set(state)


def test_modules_and_styles_are_files_that_pages_share(book: Book) -> None:
    assert "model.save_changes()" not in book.page()
    files = sorted(path.name for path in (book.site / "_static" / "widgets").iterdir())
    # Two widgets of one class need one module and one style sheet.
    assert [name.partition("-")[0] for name in files] == ["host.css", "host.js", "style", "widget"]
    keys = {state["_esm"] for state in book.state().values() if "_esm" in state}
    assert [f"{key}.js" for key in keys] == [files[-1]]


def test_files_of_former_builds_go(book: Book, tmp_path: Path) -> None:
    other = Echo()
    first = build(tmp_path, {PAGE: notebook(other)})
    old = first.site / "_static" / "widgets" / "widget-0123456789.js"
    old.write_text("", encoding="utf-8")
    again = build(tmp_path, {PAGE: notebook(other)})
    assert not again.failed
    assert not old.exists()


def test_pages_without_widgets_stay_as_they_are(book: Book) -> None:
    assert "widgets/" not in book.page("index")


def test_the_still_is_drawn_at_build_time(book: Book) -> None:
    page = book.page()
    assert "1.5 of 1 2, started 1" in page
    assert '<option value="1" selected>two</option>' in page
    # A control that answers nothing yet is inert.
    assert "<button inert>Double</button>" in page
    assert page.count(" inert") >= 14


def test_sliders(live: Page) -> None:
    whole, int_text = field(live, "Whole"), field(live, "Int")
    whole.focus()
    live.keyboard.press("ArrowRight")
    assert int_text.input_value() == "4"
    int_text.fill("9")
    int_text.press("Enter")
    assert whole.input_value() == "4", "a directional link goes one way"

    log = field(live, "Log")
    assert log.get_attribute("aria-valuetext") == "10"
    log.focus()
    live.keyboard.press("End")
    assert field(live, "Log, typed").input_value() == "1000"
    field(live, "Log, typed").fill("50")
    field(live, "Log, typed").press("Enter")
    assert float(log.input_value()) == pytest.approx(1.5, abs=0.25)
    assert field(live, "Log, typed").input_value() == "50"

    share = field(live, "Share")
    assert share.get_attribute("aria-valuetext") == "25 %"
    field(live, "Share, typed").fill("300")
    field(live, "Share, typed").press("Enter")
    assert share.get_attribute("aria-valuetext") == "100 %"

    assert field(live, "No readout").is_disabled()
    assert live.get_by_label("No readout, typed").count() == 0


def test_typed_numbers_keep_to_their_bounds(live: Page) -> None:
    for label, typed, kept in [
        ("Float, typed", "99", "10.0"),
        ("Float, typed", "", "10.0"),
        ("Bounded", "7", "2"),
        ("Bounded int", "2.6", "3"),
        ("Free", "-123.5", "-123.5"),
    ]:
        at = field(live, label)
        at.fill(typed)
        at.press("Enter")
        at.blur()
        assert at.input_value() == kept, label


def test_links_tie_a_widget_to_controls(live: Page) -> None:
    output = live.locator("output").first
    assert output.text_content() == "1.5 of 1 2, started 1"
    live.get_by_role("button", name="Double").first.click()
    assert output.text_content() == "3 of 1 2, started 1"
    assert field(live, "Float").input_value() == "3"
    assert field(live, "Free").input_value() == "3"
    field(live, "Free").fill("4.5")
    field(live, "Free").press("Enter")
    assert output.text_content() == "4.5 of 1 2, started 1"
    # The other widget of the same class stands by itself.
    assert live.locator("output").nth(1).text_content() == "7 of 1 2, started 1"


def test_choices(live: Page) -> None:
    menu = field(live, "Menu")
    menu.select_option("three")
    assert field(live, "three").is_checked()
    field(live, "three").focus()
    live.keyboard.press("ArrowUp")
    assert menu.evaluate("(menu) => menu.selectedIndex") == 1
    assert live.get_by_role("group", name="Toggles").count() == 1
    check = field(live, "Check")
    assert check.is_checked()
    check.uncheck()
    assert not check.is_checked()


def test_play(live: Page) -> None:
    live.get_by_role("button", name="Play").click()
    live.wait_for_function("(field) => field.value === '3'", arg=field(live, "Bounded int").element_handle())
    live.get_by_role("button", name="Play").wait_for()  # it stops at the end by itself


def test_words_are_words(live: Page) -> None:
    assert live.locator(".widget-text").all_text_contents() == ["plain words", "only the text"]


def test_layouts_are_styles(live: Page) -> None:
    assert live.locator(".widget-gridbox").evaluate("(box) => box.style.gridTemplateColumns") == "1fr 1fr"
    assert live.locator(".widget-hbox").nth(1).evaluate("(box) => box.style.justifyContent") == "center"


def test_an_unknown_widget_stops_the_build(tmp_path: Path) -> None:
    unknown = widgets.VBox([widgets.FloatSlider(), widgets.ColorPicker()])
    made = build(tmp_path, {PAGE: notebook(unknown, Echo())})
    assert made.failed
    assert "does not know ColorPickerModel" in made.messages
    assert f"{PAGE}.ipynb" in made.messages
    # The page's other widgets live, and the place of the unknown one says what Python said.
    assert made.page().count("data-widget-view") == 1
    assert "a widget" in made.page()


def test_a_widget_without_state_stops_the_build(tmp_path: Path) -> None:
    made = notebook(Echo())
    made.metadata["widgets"]["application/vnd.jupyter.widget-state+json"]["state"] = {}
    result = build(tmp_path, {PAGE: made})
    assert result.failed
    assert "the state of a widget is not in the page" in result.messages


def test_a_widget_that_cannot_be_drawn_stops_the_build(tmp_path: Path) -> None:
    broken = Echo()
    broken._esm = "export default { render() { throw new Error('no ink'); } }"
    result = build(tmp_path, {PAGE: notebook(broken)})
    assert result.failed
    assert "no ink" in result.messages


@pytest.mark.parametrize(
    ("module", "message"),
    [
        ("import { x } from './x.js';\nexport default { render() {} };", "must stand alone"),
        ("const a = { render() {} };\nexport { a as default };", "must stand alone"),
        ("export const render = () => {};", "must have one default export, got 0"),
    ],
)
def test_a_module_that_cannot_become_a_script_is_refused(module: str, message: str) -> None:
    with pytest.raises(ExtensionError, match=message):
        as_script("key", module)
