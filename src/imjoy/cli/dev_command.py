"""`imjoy dev FILE`: an engine whose page has this plugin open and reloads it whenever it is saved."""

from __future__ import annotations

import argparse

from imjoy.cli.main import main as start


def main(arguments: list[str]) -> int:
    """Start the engine for a plugin file; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m imjoy dev",
        description="Open a plugin in the page and reload it whenever its file is saved.",
        epilog="All flags of `python -m imjoy` can follow; without --port a free one is taken.",
        allow_abbrev=False,
    )
    parser.add_argument("file", help="a plugin file, a Python module or a JavaScript module")
    options, rest = parser.parse_known_args(arguments)
    port = [] if any(word.split("=")[0] == "--port" for word in rest) else ["--port=0"]
    return start([f"--dev={options.file}", *port, *rest])
