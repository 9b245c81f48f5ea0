"""`python -m batten`."""

from batten.cli import main

main()
