"""Appose: the seconds that it takes to build an environment of this name with these packages."""

from __future__ import annotations

import json
import sys
import time

import appose


def main() -> None:
    name, python, *packages = sys.argv[1:]
    began = time.perf_counter()
    appose.uv().python(python).include(*packages).name(name).build()
    print(json.dumps(time.perf_counter() - began))


if __name__ == "__main__":
    main()
