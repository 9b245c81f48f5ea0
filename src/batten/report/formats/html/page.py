"""The page: head with its policy, then overview, findings, problems, checks."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pkgutil import get_data
from typing import Final

from batten.model.report import Report
from batten.report import Options
from batten.report.encodable import encodable
from batten.report.formats.html.findings import findings_section
from batten.report.formats.html.overview import frameworks_section, overview_section
from batten.report.formats.html.reference import checks_section, problems_section
from batten.report.formats.html.vulnerabilities import vulnerabilities_section
from batten.report.markup import Markup, join, tag
from batten.report.order import arrange
from batten.report.text import one_line, plural, printable
from batten.report.words import open_total

_LANGUAGE: Final = "en"
_PRINTED: Final = 500  # entries up to which all are printed unfolded, four a page; more are printed as they stand


def render(report: Report, options: Options) -> str:
    """The document, in UTF-8."""
    files = arrange(report)
    main = tag(
        "main",
        overview_section(report),
        frameworks_section(report),
        vulnerabilities_section(report),
        findings_section(report, files, options),
        problems_section(report),
        checks_section(report, files, options),
    )
    body = tag(
        "body",
        tag("a", "Skip to the findings", class_="skip", href="#findings"),
        _header(report),
        main,
        _footer(report),
        tag("script", asset("script.js")),
        class_="many" if sum(len(file.entries()) for file in files) > _PRINTED else None,
    )
    return encodable("<!doctype html>\n" + tag("html", _head(report), body, lang=_LANGUAGE) + "\n")


@cache
def asset(name: str) -> Markup:
    """A file of this package, to be put into the page as it is."""
    data = get_data(__name__, name)
    assert data is not None
    return Markup("\n" + data.decode("utf-8"))


def content_policy() -> str:
    """Nothing is loaded, and only the style and the script of this package are obeyed (CSP level 3)."""
    parts = [
        "default-src 'none'",
        f"style-src '{_digest(asset('style.css'))}'",
        f"script-src '{_digest(asset('script.js'))}'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
    ]
    return "; ".join(parts)


def _digest(content: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode("utf-8")).digest()).decode("ascii")


def _head(report: Report) -> Markup:
    total = open_total(report.count)
    targets = ", ".join(printable(target.ref) for target in report.targets[:3])
    title = f"{plural(total, 'finding') if total else 'No findings'} in {targets or 'nothing'} · batten"
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        # a policy is only obeyed by what comes after it; apostrophes are escaped, which an attribute may be
        tag("meta", http_equiv="Content-Security-Policy", content=content_policy()),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("meta", name="generator", content=f"batten {report.version}"),
        tag("title", title),
        tag("link", rel="icon", href="data:,"),
        tag("style", asset("style.css")),
    )


def _header(report: Report) -> Markup:
    targets = [tag("span", printable(target.ref), class_="path") for target in report.targets[:5]]
    more = len(report.targets) - 5
    if more > 0:
        targets.append(tag("span", f"and {more:,} more"))
    when = report.started.replace("T", " ").removesuffix("Z")
    files = sum(target.files for target in report.targets)
    toggle = tag("button", "Light or dark", type="button", id="theme", class_="quiet", hidden=True)
    return tag(
        "header",
        tag("h1", tag("strong", "batten"), " ", tag("span", "container hardening report"), class_="brand"),
        tag(
            "div",
            join(targets, " "),
            tag("span", plural(files, "file")),
            tag("time", f"{when} UTC", datetime=report.started) if when else None,
            class_="scanned",
        ),
        toggle,
        class_="top",
    )


def _footer(report: Report) -> Markup:
    return tag("footer", f"batten {one_line(report.version)} · scanned in {report.seconds:.2f} s")
