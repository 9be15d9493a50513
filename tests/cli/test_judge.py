"""The parts of the judge that need no browser: which files, which dependencies, what is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from imjoy.cli import judge


def write(folder: Path, name: str, needs: tuple[str, ...] = ()) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.imjoy.html"
    listed = ", ".join(f'"{need}"' for need in needs)
    config = f'{{"name": "{name}", "type": "iframe", "dependencies": [{listed}]}}'
    path.write_text(f"<config>{config}</config><script></script>", "utf-8")
    return path


def test_files_are_found_below_folders_and_each_once(tmp_path: Path) -> None:
    one, two = write(tmp_path / "a", "One"), write(tmp_path / "b", "Two")
    (tmp_path / "b" / "notes.html").write_text("no plugin")
    assert judge.plugin_files([two, tmp_path]) == [two, one]


def verdict(**facts: Any) -> judge.Verdict:
    blank = {"failures": [], "errors": [], "run": "finished", "loaded": True, "parsed": True}
    blank |= {"name": "X", "unreachable": []}
    return judge._judged({**blank, **facts})


def test_a_verdict_says_what_is_wrong_and_what_to_do() -> None:
    failure = {"step": "Running X", "cause": "it broke", "remedy": "Mend it."}
    failed = verdict(failures=[failure, failure], run="failed")
    assert failed["ok"] is False
    assert failed["problems"] == ["Running X: it broke"]
    assert failed["remedies"] == ["Mend it."]


def test_a_miss_always_has_a_reason_and_names_the_hosts_that_were_not_there() -> None:
    late = verdict(run="not reached", loaded=False)
    assert late["problems"] == ["Starting X: it was not ready in time."]
    urls = ["https://a.org/1", "https://a.org/2", "https://b.org/"]
    assert verdict(errors=["TypeError: x"], unreachable=urls)["remedies"] == [
        "Look into the log of the plugin: it has the lines that led there.",
        "Try again where these hosts can be reached: a.org, b.org.",
    ]
    assert verdict(unreachable=urls)["remedies"] == []


def test_an_error_that_the_code_did_not_catch_is_a_problem() -> None:
    assert verdict(errors=["TypeError: x\n at y"])["problems"] == [
        "An error of its code: TypeError: x"
    ]
    lines = ["Traceback (most recent call last):", '  File "x", line 1', "OSError: gone"]
    assert verdict(errors=lines)["problems"] == ["An error of its code: OSError: gone"]
    assert verdict(errors=lines[:1])["ok"] is False
    assert verdict(run="going on")["ok"] is True
    assert verdict(run="not reached", loaded=False)["ok"] is False
