"""The page in a browser: no violation of accessibility rules, no request, no error; filters and numbers answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from detente.report import render
from tests.report import invented

CHROMIUM = Path("/usr/bin/chromium")
UNFOLD = """for (const one of document.querySelectorAll("details")) one.open = !one.id.startsWith("d-");
document.getElementById("d-us_economic_aid-USA-PAK").open = true;"""
"""Opens everything, of the tables of values one: they are all alike."""
pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no browser at {CHROMIUM}"),
]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(render(invented.findings()), encoding="utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield opened
        opened.close()


class Visit:
    """A page that remembers what it asked for and complained about."""

    def __init__(self, browser: Any, address: str, **options: Any) -> None:
        self.context = browser.new_context(reduced_motion="reduce", **options)
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(address)


@pytest.fixture
def visit(browser: Any, address: str) -> Iterator[Any]:
    opened: list[Visit] = []

    def go(**options: Any) -> Visit:
        opened.append(Visit(browser, address, **options))
        return opened[-1]

    yield go
    for one in opened:
        one.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_page_is_accessible_silent_and_fits(visit: Any, scheme: str, width: int) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    here = visit(color_scheme=scheme, viewport={"width": width, "height": 900})
    here.page.evaluate(UNFOLD)

    found = axe.Axe().run(here.page)

    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found.response["violations"]] == []
    assert here.complaints == []
    assert [url for url in here.requests if not url.startswith("file:")] == []
    assert len(here.requests) == 1
    assert here.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_filters_narrow_the_claims_and_say_how_many_are_left(visit: Any) -> None:
    page = visit().page
    rows = page.locator("#claims tbody tr:visible")

    page.select_option("#filters [name=outcome]", "supported")
    assert rows.count() == 1
    assert page.text_content("#shown") == "1 of 5 claims shown."

    page.select_option("#filters [name=outcome]", "")
    page.select_option("#filters [name=dimension]", "region")
    assert rows.count() == 3

    page.fill("#filters [name=words]", "violence rose")
    assert rows.count() == 1


def test_a_number_says_where_it_comes_from_and_opens_its_rows_by_keyboard(visit: Any) -> None:
    page = visit().page
    page.evaluate("location.hash = '#d-us_economic_aid-USA-PAK'")
    number = page.locator("#d-us_economic_aid-USA-PAK a[data-c]").nth(2)

    number.focus()
    tip = page.locator("#tip")
    assert tip.is_visible()
    assert "Invented usaid_greenbook, version 2026-01" in tip.text_content()
    assert number.get_attribute("aria-describedby") == "tip"

    page.keyboard.press("Enter")
    dialog = page.locator("dialog[open]")
    assert "sheet 1, row" in dialog.text_content()
    assert "usaid_greenbook.csv" in dialog.text_content()
    assert "CC BY 4.0" in dialog.text_content()

    page.keyboard.press("Escape")
    assert dialog.count() == 0
    assert page.evaluate("document.activeElement.dataset.c") == number.get_attribute("data-c")


def test_a_computed_number_opens_its_method_and_checks(visit: Any) -> None:
    page = visit().page

    page.locator("#changes a[data-r$=':effect']").first.click()

    told = page.locator("dialog[open]").text_content()
    assert "Box and Tiao" in told
    assert "Check" in told


def test_a_grade_opens_the_checks_it_rests_on(visit: Any) -> None:
    page = visit().page

    page.locator("#changes a[data-r$=':judged']").first.click()

    told = page.locator("dialog[open]").text_content()
    assert "Check: pre-trend" in told
    assert "Check: placebo in time" in told


def test_the_dialog_with_rows_is_accessible(visit: Any) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    page = visit().page
    page.locator("#claims a[data-v]").first.click()

    found = axe.Axe().run(page)

    assert "the first 12 are shown" in page.locator("dialog[open]").text_content()
    assert [one["id"] for one in found.response["violations"]] == []


def test_a_link_to_a_folded_panel_unfolds_it(visit: Any) -> None:
    page = visit().page
    target = page.locator("#m-fatalities-WLD-PAK")
    assert not target.is_visible()

    page.locator("#changes a[href='#m-fatalities-WLD-PAK']").click()

    target.wait_for(state="visible")


def test_pointing_at_a_drawing_names_the_value_under_the_pointer(visit: Any) -> None:
    page = visit(viewport={"width": 1280, "height": 900}).page
    drawing = page.locator("#m-us_economic_aid-USA-PAK svg.wide").first
    drawing.scroll_into_view_if_needed()

    drawing.hover(position={"x": 300, "y": 100})

    assert "US economic aid" in page.locator("#tip").text_content()


def test_without_scripts_tables_and_links_are_there(visit: Any) -> None:
    page = visit(java_script_enabled=False).page

    assert page.locator("#claims tbody tr:visible").count() == 5
    assert not page.locator("#filters").is_visible()
    assert page.locator("#changes a[data-r]").first.get_attribute("href").startswith("#d-")


def test_print_shows_every_measure_and_no_controls(visit: Any) -> None:
    page = visit(viewport={"width": 800, "height": 900}).page
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")

    assert page.locator("#m-fatalities-WLD-PAK").is_visible()
    assert not page.locator("nav.bar").is_visible()
    assert not page.locator("#filters").is_visible()
