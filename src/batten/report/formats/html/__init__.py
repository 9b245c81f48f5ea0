"""HTML: one self-contained file for people who were not at the terminal.

Nothing is loaded from anywhere, and nothing needs the script: without it everything is there, unfolded
by hand. The script adds search, filters and the choice of light or dark.
"""

from __future__ import annotations

from batten.report import Format
from batten.report.formats.html.page import render

RENDERER = Format("html", "one self-contained page: search, filters, source lines; reads well printed", ".html", render)
