"""Runs plugin files in a headless page with an engine, and says what became of each."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from imjoy.cli.beside import Beside
from imjoy.errors import ImJoyError
from imjoy.plugins.parser import SUFFIX

__all__ = ["JudgeError", "find_browser", "judge_files", "plugin_files"]

START_SECONDS = 60
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = ("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")

Verdict = dict[str, Any]


class JudgeError(ImJoyError):
    """Plugins cannot be run here; the text says what is missing and what to do."""

    code = "plugin.load_failed"


def plugin_files(paths: Sequence[Path]) -> list[Path]:
    """The plugin files among the paths and below the folders among them, each once."""
    found: dict[Path, None] = {}
    for path in paths:
        for file in sorted(path.rglob("*" + SUFFIX)) if path.is_dir() else [path]:
            found[file] = None
    return list(found)


def judge_files(
    paths: Sequence[Path],
    home: Path | None = None,
    start_seconds: float = 60,
    run_seconds: float = 20,
    on_verdict: Callable[[Verdict], None] = lambda verdict: None,
    browser: str | None = None,
    plugin_mirror: Path | None = None,
) -> list[Verdict]:
    """Install and run each plugin once, with nobody there to click; gives one verdict for each.

    `home` keeps the environments of Python plugins for the next time. Plugins that others depend
    on are looked for beside them first, then in the folder `plugin_mirror`. Raises JudgeError.
    """
    files = plugin_files(paths)
    verdicts = []
    with ExitStack() as stack:
        folder = home or Path(stack.enter_context(_temporary_folder()))
        engine = stack.enter_context(_engine(folder, plugin_mirror))
        judge = stack.enter_context(_judge(engine, browser))
        library = Beside(files)
        for file in files:
            verdict = judge.judge(library, file, start_seconds, run_seconds)
            verdicts.append(verdict)
            on_verdict(verdict)
    return verdicts


def find_browser() -> str | None:
    """A Chromium of this machine."""
    chosen = os.environ.get("IMJOY_BROWSER")
    return chosen or next((path for name in BROWSERS if (path := shutil.which(name))), None)


class _Judge:
    """One page that runs plugins, and what its browser says meanwhile."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.unreachable: list[str] = []
        page.on("requestfailed", lambda request: self._note(request.url))
        page.on("response", self._note_refusal)

    def _note_refusal(self, answer: Any) -> None:
        if answer.status >= 400:
            self._note(answer.url)

    def _note(self, url: str) -> None:
        if url.startswith(("http:", "https:", "ws:", "wss:")) and url not in self.unreachable:
            self.unreachable.append(url)

    def judge(self, library: Beside, file: Path, start: float, run: float) -> Verdict:
        del self.unreachable[:]
        others = [_as_file(one, library) for one in library.needed_by(file)]
        givers = [[_as_file(one, library) for one in chain] for chain in library.givers_for(file)]
        options = {"startSeconds": start, "runSeconds": run, "givers": givers}
        verdict: Verdict = self.page.evaluate(
            "([plugin, others, options]) => imjoyChecker.check(plugin, others, options)",
            [_as_file(file, library), others, options],
        )
        verdict["file"] = str(file)
        verdict["unreachable"] = [url for url in self.unreachable if not _is_local(url)]
        return _judged(verdict)


def _as_file(file: Path, library: Beside) -> dict[str, str]:
    return {"file": file.name, "text": library.texts[file]}


def _is_local(url: str) -> bool:
    return re.match(r"\w+://(127\.0\.0\.1|localhost)[:/]", url) is not None


def _judged(verdict: Verdict) -> Verdict:
    """Add what the answer is, in sentences: ok, problems, remedies."""
    failures = verdict["failures"]
    problems = [f"{one['step']}: {one['cause']}" for one in failures]
    if not failures:
        said = [line for text in verdict["errors"] if (line := _said(text))]
        if verdict["errors"] and not said:
            said = ["a traceback, of which its log has the rest"]
        problems += [f"An error of its code: {line}" for line in said]
    remedies = [one["remedy"] for one in failures]
    if problems and not remedies:
        remedies.append("Look into the log of the plugin: it has the lines that led there.")
    if not problems and verdict["run"] == "not reached":
        problems.append(f"Starting {verdict['name']}: it was not ready in time.")
        remedies.append("Look into its setup for what it waits for.")
    hosts = sorted({urlsplit(url).netloc for url in verdict["unreachable"]})
    if problems and hosts:
        named = ", ".join(hosts[:5]) + (" and others" if len(hosts) > 5 else "")
        remedies.append(f"Try again where these hosts can be reached: {named}.")
    verdict["problems"] = list(dict.fromkeys(problems))
    verdict["remedies"] = list(dict.fromkeys(remedies))
    reached = verdict["run"] in ("finished", "going on", "none") and verdict["loaded"]
    verdict["ok"] = reached and not verdict["problems"]
    return verdict


def _said(text: str) -> str:
    """The error in a text of the log, which may be a line of a traceback and then says nothing."""
    lines = [line for line in text.splitlines() if line.strip() and line[0] not in " \t"]
    lines = [line for line in lines if not line.startswith("Traceback (most recent call last)")]
    return next(iter(lines), "")


@contextmanager
def _temporary_folder() -> Iterator[str]:
    folder = tempfile.mkdtemp(prefix="imjoy-check-")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _engine(home: Path, plugin_mirror: Path | None) -> Iterator[str]:
    """An engine of our own; gives the address that signs in."""
    command = [sys.executable, "-m", "imjoy", "--home", str(home), "--port", "0", "--no-open"]
    if plugin_mirror is not None:
        command.append(f"--plugin-mirror={plugin_mirror}")
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        yield _link_of(process)
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _link_of(process: subprocess.Popen[bytes]) -> str:
    assert process.stdout is not None
    timer = threading.Timer(START_SECONDS, process.kill)
    timer.start()
    said = []
    for line in process.stdout:
        said.append(line.decode("utf-8", "replace").rstrip())
        found = re.search(r"https?://\S+#code=\S+", said[-1])
        if found:
            timer.cancel()
            # What it says later is read too, or it would have to wait for its reader.
            threading.Thread(target=process.stdout.read, daemon=True).start()
            return found[0]
    timer.cancel()
    raise JudgeError("The engine did not start. It said: " + " ".join(said[-5:]))


@contextmanager
def _judge(link: str, browser: str | None) -> Iterator[_Judge]:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise JudgeError(
            "Running plugins without a person needs a package that steers a browser. "
            "Install it with `pip install playwright`."
        ) from None
    path = browser or find_browser()
    flags = [*FLAGS, *(["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        try:
            opened = playwright.chromium.launch(executable_path=path, args=flags)
        except Exception as error:
            raise JudgeError(
                "No Chromium could be started: install one, or name it in IMJOY_BROWSER. "
                + str(error).splitlines()[0]
            ) from error
        try:
            page = opened.new_page(viewport={"width": 1280, "height": 800})
            page.goto(link.replace("/#", "/?check#"))
            page.wait_for_function("'imjoyChecker' in globalThis", timeout=START_SECONDS * 1000)
            page.set_default_timeout(0)
            yield _Judge(page)
        finally:
            opened.close()
