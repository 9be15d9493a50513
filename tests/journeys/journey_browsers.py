"""Firefox and WebKit, the engine of Safari, steered by what they speak themselves."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from journey_servers import free_port
from websockets.sync.client import ClientConnection, connect

SECONDS = 60
MINI_BROWSER = next(iter(sorted(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))), None)
PRESS = """(name) => {
  const named = (one) => (one.getAttribute("aria-label") ?? one.textContent).trim().startsWith(name);
  const seen = (one) => one.getClientRects().length > 0 && !one.disabled;
  const open = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document;
  const found = [...open.querySelectorAll("button")].find((one) => seen(one) && named(one));
  found?.click();
  return found !== undefined;
}"""


class Driver(Protocol):
    """What steers a page: `evaluate` awaits an expression and gives what it is, by JSON."""

    def open(self, address: str) -> None: ...
    def evaluate(self, expression: str) -> Any: ...


def until(driver: Driver, expression: str) -> Any:
    """The first value that is true. Raises AssertionError when there is none in time."""
    end = time.monotonic() + SECONDS
    while not (value := driver.evaluate(expression)):
        if time.monotonic() > end:
            seen = driver.evaluate("document.body.innerText.slice(0, 2000)")
            raise AssertionError(f"{expression} is {value!r} on this page: {seen}")
        time.sleep(0.1)
    return value


def press(driver: Driver, name: str) -> None:
    """Presses the button whose name begins so, once it is there."""
    until(driver, f"({PRESS})({json.dumps(name)})")


class _Firefox:
    """By WebDriver BiDi."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection, self._count = connection, 0
        self._ask("session.new", {"capabilities": {}})
        self._context = self._ask("browsingContext.getTree", {})["contexts"][0]["context"]

    def _ask(self, method: str, params: dict[str, Any]) -> Any:
        self._count += 1
        self._connection.send(json.dumps({"id": self._count, "method": method, "params": params}))
        while True:
            answer = json.loads(self._connection.recv(timeout=4 * SECONDS))
            if answer.get("id") == self._count:
                assert answer["type"] == "success", answer
                return answer["result"]

    def open(self, address: str) -> None:
        params = {"context": self._context, "url": address, "wait": "complete"}
        self._ask("browsingContext.navigate", params)

    def evaluate(self, expression: str) -> Any:
        asked = {
            "expression": f"(async () => JSON.stringify((await ({expression})) ?? null))()",
            "awaitPromise": True,
            "target": {"context": self._context},
        }
        result = self._ask("script.evaluate", asked)
        assert result["type"] == "success", result
        return json.loads(result["result"]["value"])


class _WebKit:
    """By WebDriver."""

    def __init__(self, address: str) -> None:
        self._address = address
        options = {"binary": str(MINI_BROWSER), "args": ["--automation"]}
        wanted = {"alwaysMatch": {"webkitgtk:browserOptions": options}}
        session = self._ask("POST", "/session", {"capabilities": wanted})["sessionId"]
        self._session = f"/session/{session}"
        self._ask("POST", f"{self._session}/timeouts", {"script": 4000 * SECONDS})
        size = {"width": 1280, "height": 800}
        self._ask("POST", f"{self._session}/window/rect", size)

    def _ask(self, method: str, path: str, body: dict[str, Any]) -> Any:
        request = urllib.request.Request(self._address + path, json.dumps(body).encode())
        request.method = method
        with urllib.request.urlopen(request, timeout=4 * SECONDS) as answer:
            return json.load(answer)["value"]

    def open(self, address: str) -> None:
        self._ask("POST", f"{self._session}/url", {"url": address})

    def evaluate(self, expression: str) -> Any:
        script = f"""const done = arguments[0];
            Promise.resolve({expression}).then((value) => done({{ value: value ?? null }}),
                                               (error) => done({{ error: String(error) }}));"""
        said = self._ask("POST", f"{self._session}/execute/async", {"script": script, "args": []})
        assert "error" not in said, said
        return said["value"]

    def close(self) -> None:
        self._ask("DELETE", self._session, {})


@contextmanager
def firefox(folder: Path) -> Iterator[Driver]:
    """A Firefox with a profile of its own."""
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    assert program is not None
    command = [program, "--headless", "--no-remote", "--profile", str(folder)]
    command += ["--remote-debugging-port", "0", "--width", "1280", "--height", "800"]
    with _running(command, r"BiDi listening on (\S+)", {"HOME": str(folder)}) as address:
        with connect(f"{address}/session", max_size=None) as connection:
            yield _Firefox(connection)


@contextmanager
def webkit(folder: Path) -> Iterator[Driver]:
    """WebKitGTK's small browser, on a screen that nobody sees."""
    port = free_port()
    with _running(
        ["Xvfb", "-displayfd", "2", "-screen", "0", "1400x1000x24"], r"^(\d+)$"
    ) as screen:
        command = ["WebKitWebDriver", f"--port={port}"]
        variables = {"DISPLAY": f":{screen}", "HOME": str(folder)}
        with _running(command, None, variables):
            driver = _WebKit(_reachable(f"http://127.0.0.1:{port}"))
            try:
                yield driver
            finally:
                driver.close()


@contextmanager
def _running(
    command: list[str], ready: str | None, variables: dict[str, str] | None = None
) -> Iterator[str]:
    """A program, once it has said that it is ready; gives what it said."""
    kept = subprocess.PIPE if ready else subprocess.DEVNULL
    process = subprocess.Popen(
        command, env={**os.environ, **(variables or {})}, stderr=kept, stdout=subprocess.DEVNULL,
        text=True,
    )  # fmt: skip
    try:
        lines = iter(process.stderr.readline, "") if ready and process.stderr else iter(())
        found = (re.search(ready or "", line.strip()) for line in lines)
        yield next((match[1] for match in found if match), "")
    finally:
        process.terminate()
        process.wait(20)
        if process.stderr:
            process.stderr.close()


def _reachable(address: str) -> str:
    end = time.monotonic() + SECONDS
    while True:
        try:
            urllib.request.urlopen(f"{address}/status", timeout=5).close()
            return address
        except OSError:
            assert time.monotonic() < end
            time.sleep(0.1)
