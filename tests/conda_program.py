"""A stand-in for the program conda: its command line and its JSON, with a real solver and installer."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from rattler import Gateway, MatchSpec, VirtualPackage, install, solve

TAKES_VALUE = ("-p", "-c")


def fail(kind: str, message: str, **more: Any) -> None:
    print(json.dumps({"error": message, "exception_name": kind, "message": message, **more}))
    sys.stdout.flush()
    os._exit(1)


def read(words: list[str]) -> tuple[dict[str, list[str]], list[str]]:
    options: dict[str, list[str]] = {}
    specs = []
    rest = iter(words)
    for word in rest:
        if word.startswith("-"):
            options.setdefault(word, []).append(next(rest) if word in TAKES_VALUE else "")
        else:
            specs.append(word)
    return options, specs


async def create(words: list[str]) -> None:
    options, specs = read(words)
    unknown = set(options) - {"--yes", "--json", "--dry-run", "-p", "-c", "--override-channels",
                              "--offline", "--no-deps"}  # fmt: skip
    if unknown or "--json" not in options or "--override-channels" not in options:
        fail("CommandArgumentError", f"unrecognized arguments: {unknown}")
    place = Path(options["-p"][0])
    try:
        records = await solve(
            options["-c"],
            [MatchSpec(spec) for spec in specs],
            gateway=Gateway(cache_dir=Path(os.environ["STAND_IN_CACHE"], "repodata")),
            virtual_packages=VirtualPackage.detect(),
        )
    except Exception as exc:  # noqa: BLE001
        text = str(exc)
        if "No candidates were found" in text and "└" not in text:
            name = text.split("No candidates were found for ")[1].split()[0]
            fail("PackagesNotFoundError", text, packages=[name])
        fail("UnsatisfiableError" if "Cannot solve" in text else "CondaHTTPError", text)
    links = [
        {"name": each.name.normalized, "version": str(each.version), "build_string": str(each.build),
         "dist_name": each.file_name}
        for each in records
    ]  # fmt: skip
    if "--dry-run" not in options:
        cache = Path(os.environ["STAND_IN_CACHE"], "pkgs")
        await install(records, target_prefix=place, cache_dir=cache, show_progress=False)
    answer = {"success": True, "prefix": str(place), "actions": {"LINK": links, "FETCH": []}}
    print(json.dumps({"fetch": "python", "finished": True, "progress": 1}), end="\0")
    print(json.dumps(answer))


def main() -> None:
    command, *words = sys.argv[1:]
    if command == "info":
        print(json.dumps({"virtual_pkgs": [["__glibc", "2.36", "0"]]}))
    else:
        asyncio.run(create(words))
    sys.stdout.flush()
    os._exit(0)  # the library may crash when Python ends


if __name__ == "__main__":
    main()
