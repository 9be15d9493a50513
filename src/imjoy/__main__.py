"""Runs the command line for `python -m imjoy`."""

from __future__ import annotations

import sys

from imjoy.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
