"""The HTML report in a real browser: it works, it is silent, it asks nobody for anything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from batten.report import Options, get
from report import sample
from system.browser import Browser, missing, required

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(bool(missing()) and not required(), reason=f"not installed: {missing()}"),
]

SHOWN = "return document.getElementById('shown').textContent"
VISIBLE = "return [...document.querySelectorAll('.entry')].filter(e => e.checkVisibility()).map(e => e.dataset.check)"


def choose(browser: Browser, select: str, value: str) -> None:
    browser.run(
        "const s = document.getElementById(arguments[0]); s.value = arguments[1];"
        "s.dispatchEvent(new Event('change', {bubbles: true}))",
        select,
        value,
    )


@pytest.fixture(scope="module")
def report_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(str(get("html").render(sample.report(), Options(rules=sample.rules()))), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture
def browser(window: Browser, report_file: Path) -> Iterator[Browser]:
    """The page opened anew; whatever the test does, nothing may be logged and nothing be asked for."""
    window.open("about:blank")
    window.run("return 1")
    window.log("browser")
    window.requested()
    window.resize(1280, 900)
    window.open(report_file.as_uri())
    yield window
    assert window.log("browser") == []
    assert [address for address in window.requested() if not address.startswith(("file:", "data:"))] == []


def test_open_findings_are_shown_first(browser: Browser) -> None:
    assert browser.run(SHOWN) == "38 of 41 findings"
    assert browser.run("return document.querySelectorAll('.entry.waived:not([hidden])').length") == 0


def test_a_severity_filters(browser: Browser) -> None:
    browser.click(".chip.critical")
    assert browser.run(SHOWN) == "7 of 41 findings"
    browser.click(".chip.info")
    assert browser.run(SHOWN) == "9 of 41 findings"
    assert browser.run("return document.querySelector('.chip.info').getAttribute('aria-pressed')") == "true"
    browser.click("#reset")
    assert browser.run(SHOWN) == "38 of 41 findings"


@pytest.mark.parametrize(
    ("select", "value", "shown"),
    [
        ("strategy", "1", "4 of 41 findings"),
        ("platform", "ecs", "4 of 41 findings"),
        ("status", "waived", "2 of 41 findings"),
        ("status", "", "41 of 41 findings"),
        ("file", "0", "17 of 41 findings"),
        ("check", "PRV001", "3 of 41 findings"),
    ],
)
def test_each_list_filters(browser: Browser, select: str, value: str, shown: str) -> None:
    choose(browser, select, value)
    assert browser.run(SHOWN) == shown


def test_filters_are_joined_and_an_empty_result_says_so(browser: Browser) -> None:
    choose(browser, "platform", "compose")
    choose(browser, "check", "PRV001")
    assert browser.run(VISIBLE) == ["PRV001"]
    choose(browser, "strategy", "5")
    assert browser.run("return document.getElementById('nothing').checkVisibility()") is True
    assert browser.run("return document.querySelectorAll('.file:not([hidden])').length") == 0


def test_search_finds_in_paths_resources_and_source(browser: Browser) -> None:
    browser.keys("/")
    browser.keys("{path: /var/run/docker.sock}")
    browser.run("return new Promise(done => setTimeout(done, 50))")
    assert browser.run(VISIBLE) == ["RUN005"]
    browser.keys("\ue00c")  # Escape
    assert browser.run(SHOWN) == "38 of 41 findings"
    browser.keys("rbac cluster-admin")
    browser.run("return new Promise(done => setTimeout(done, 50))")
    assert browser.run(VISIBLE) == ["PRV011"]


def test_a_view_can_be_sent_as_an_address(browser: Browser, report_file: Path) -> None:
    browser.click(".chip.high")
    choose(browser, "platform", "compose")
    address = browser.run("return location.href")
    assert address.endswith("#?severity=high&platform=compose")
    browser.open("about:blank")
    browser.open(address)
    assert browser.run("return document.getElementById('platform').value") == "compose"
    assert browser.run(VISIBLE) == ["PRV002 PRV003 PRV004 RUN001", "SUR004", "RUN006"]


def test_light_and_dark_can_be_chosen_and_are_kept(browser: Browser, report_file: Path) -> None:
    ground = "return getComputedStyle(document.body).backgroundColor"
    light = browser.run(ground)
    browser.click("#theme")
    dark = browser.run(ground)
    assert dark != light
    browser.open(report_file.as_uri())
    assert browser.run(ground) == dark
    browser.click("#theme")
    assert browser.run(ground) == light
    browser.run("localStorage.clear()")


def test_the_system_decides_until_the_reader_does(browser: Browser, report_file: Path) -> None:
    ground = "return getComputedStyle(document.body).backgroundColor"
    light = browser.run(ground)
    scheme = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    browser.cdp("Emulation.setEmulatedMedia", scheme)
    assert browser.run(ground) != light
    scheme["features"][0]["value"] = "light"
    browser.cdp("Emulation.setEmulatedMedia", scheme)


def test_all_is_unfolded_and_folded(browser: Browser) -> None:
    browser.click("#unfold")
    assert browser.run("return document.querySelectorAll('.entry:not([hidden]):not([open])').length") == 0
    browser.click("#fold")
    assert browser.run("return document.querySelectorAll('.entry[open]').length") == 0


def test_a_check_is_explained_where_its_link_leads(browser: Browser) -> None:
    browser.run("document.querySelector('.entry a[href=\"#check-PRV001\"]').click()")
    assert browser.run("return document.getElementById('check-PRV001').open") is True


def test_everything_works_from_the_keyboard(browser: Browser) -> None:
    browser.run("document.querySelector('.entry:not([open]):not([hidden]) > summary').focus()")
    before = browser.run("return document.querySelectorAll('.entry[open]').length")
    browser.keys("\ue007")  # Enter
    assert browser.run("return document.querySelectorAll('.entry[open]').length") == before + 1
    assert browser.run("return getComputedStyle(document.activeElement).outlineStyle") == "solid"


@pytest.mark.parametrize("columns", [320, 390, 768, 1280, 1920])
def test_nothing_hangs_out_of_the_window(browser: Browser, report_file: Path, columns: int) -> None:
    browser.resize(columns, 900)
    browser.open(report_file.as_uri())
    browser.run("document.getElementById('unfold').click()")
    browser.run("for (const file of document.querySelectorAll('.file')) file.style.contentVisibility = 'visible'")
    assert browser.run("return document.documentElement.scrollWidth") <= columns


def test_printed_everything_is_unfolded_and_controls_are_gone(browser: Browser) -> None:
    folded = "return document.querySelectorAll('details:not([open])').length"
    before = browser.run(folded)
    assert before > 0
    browser.run("dispatchEvent(new Event('beforeprint'))")
    assert browser.run(folded) == 0
    browser.run("dispatchEvent(new Event('afterprint'))")
    assert browser.run(folded) == before
    browser.cdp("Emulation.setEmulatedMedia", {"media": "print"})
    hidden = "return ['#theme', '.fields', '#unfold'].map(s => document.querySelector(s).checkVisibility())"
    assert browser.run(hidden) == [False, False, False]
    browser.cdp("Emulation.setEmulatedMedia", {"media": ""})
    assert browser.pdf().startswith(b"%PDF-")


def test_a_large_report_is_printed_as_it_stands(window: Browser, tmp_path: Path) -> None:
    path = tmp_path / "large.html"
    path.write_text(str(get("html").render(sample.large(5000), Options(rules=sample.rules()))), encoding="utf-8")
    window.open(path.as_uri())
    window.run("dispatchEvent(new Event('beforeprint'))")
    assert window.run("return document.querySelectorAll('.entry[open]').length") == 0
    assert window.run("return document.querySelectorAll('.fold:not([open])').length") == 0


def test_without_script_everything_is_there(browser: Browser, report_file: Path) -> None:
    browser.cdp("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.open(report_file.as_uri())
        root = browser.cdp("DOM.getDocument")["root"]["nodeId"]
        found, toolbar = (
            browser.cdp("DOM.querySelectorAll", {"nodeId": root, "selector": selector})["nodeIds"]
            for selector in (".entry:not([hidden])", "#toolbar[hidden]")
        )
    finally:
        browser.cdp("Emulation.setScriptExecutionDisabled", {"value": False})
    assert len(found) == 32
    assert len(toolbar) == 1


def test_the_policy_stops_what_gets_into_the_page(window: Browser, report_file: Path) -> None:
    window.open(report_file.as_uri())
    ran = window.run(
        "const s = document.createElement('script'); s.append('window.hacked = 1'); document.body.append(s);"
        "const p = document.createElement('p'); p.setAttribute('style', 'color: red'); document.body.append(p);"
        "return [window.hacked ?? 0, getComputedStyle(p).color]"
    )
    assert ran[0] == 0
    assert ran[1] != "rgb(255, 0, 0)"
    assert len(window.log("browser")) >= 2


def test_hostile_content_does_nothing(window: Browser, tmp_path: Path) -> None:
    path = tmp_path / "hostile.html"
    path.write_text(str(get("html").render(sample.hostile(), Options(rules=sample.rules()))), encoding="utf-8")
    window.log("browser")
    window.requested()
    window.open(path.as_uri())
    window.click("#unfold")
    assert window.run("return document.querySelectorAll('img, iframe, object, form').length") == 0
    assert window.run(SHOWN) == "4 of 6 findings"
    assert window.log("browser") == []
    assert [address for address in window.requested() if not address.startswith(("file:", "data:"))] == []


def test_five_thousand_findings_are_filtered_without_waiting(window: Browser, tmp_path: Path) -> None:
    path = tmp_path / "large.html"
    path.write_text(str(get("html").render(sample.large(5000), Options(rules=sample.rules()))), encoding="utf-8")
    window.open(path.as_uri())
    window.click(".chip.critical")
    critical = sum(one.severity == "critical" and one.status == "open" for one in sample.large(5000).findings)
    assert window.run(SHOWN) == f"{critical:,} of 5,000 findings"
    window.type("#search", "services/007")
    window.run("return new Promise(done => setTimeout(done, 400))")
    assert len(window.run(VISIBLE)) < 30
