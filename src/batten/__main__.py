"""`python -m batten`."""

from batten.cli import program

program()
