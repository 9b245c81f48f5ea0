"""The formats of a report, one module or package each, which defines `RENDERER`."""
