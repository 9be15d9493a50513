"""Runs the Python scripts of a plugin file, so that tracebacks show the lines of that file."""

from __future__ import annotations

import ast
import contextlib
import inspect
import linecache
import sys
import traceback
import types
from typing import Any, Coroutine, Dict, Iterator, List, Optional

from imjoy.errors import ImJoyError, LoadFailed, PluginError, RemoteError

__all__ = ["PluginFailure", "described", "nothing_exported", "run_scripts"]

SUFFIX = ".imjoy.html"
# In tracebacks, the place of scripts that nobody has written.
GENERATED = "<generated>"


class PluginFailure(PluginError):
    """An exception of the plugin's own code, with a traceback that begins at its first line."""


# Scripts may use `await` at their top level, from Python 3.8 on.
TOP_LEVEL_AWAIT = getattr(ast, "PyCF_ALLOW_TOP_LEVEL_AWAIT", 0)


def run_scripts(
    scripts: List[Dict[str, Any]], name: str, source: str, namespace: Dict[str, Any]
) -> Optional[Coroutine[Any, Any, None]]:
    """Execute the Python scripts as the module `__main__`, with `namespace` as global names.

    `name` is that of the plugin or of its file, and `source` the text of the file. Gives what is to
    be awaited when a script awaits something at its top level. Raises LoadFailed with the plugin's
    own traceback.
    """
    module = types.ModuleType("__main__")
    module.__dict__.update(namespace)
    sys.modules["__main__"] = module
    filename = name if name.endswith((SUFFIX, ".py")) else name + SUFFIX
    parts = [script for script in scripts if _is_python(script)]
    if not parts:
        raise LoadFailed("The plugin has no Python script.")
    _show_source(filename, parts, source)
    return _run_parts(parts, filename, module.__dict__)


def _run_parts(
    parts: List[Dict[str, Any]], filename: str, names: Dict[str, Any]
) -> Optional[Coroutine[Any, Any, None]]:
    for at, script in enumerate(parts):
        padded = "\n" * (_line(script) - 1) + script["content"]
        with _walled():
            place = GENERATED if "generated" in (script.get("attrs") or {}) else filename
            code = compile(padded, place, "exec", TOP_LEVEL_AWAIT)
            value = eval(code, names)
        if inspect.iscoroutine(value):
            return _finish(value, parts[at + 1 :], filename, names)
    return None


async def _finish(
    begun: Coroutine[Any, Any, Any],
    parts: List[Dict[str, Any]],
    filename: str,
    names: Dict[str, Any],
) -> None:
    with _walled():
        await begun
    rest = _run_parts(parts, filename, names)
    if rest is not None:
        await rest


@contextlib.contextmanager
def _walled() -> Iterator[None]:
    """What the plugin's own code raises becomes LoadFailed."""
    try:
        yield
    except SystemExit as exc:
        raise LoadFailed(f"The plugin called exit({exc.code!r}) while loading.") from exc
    except Exception as exc:
        raise described(exc, LoadFailed) from exc


def described(exc: BaseException, kind: Any = PluginFailure) -> ImJoyError:
    """The exception to send for one that the plugin raised: with its name and the plugin's lines."""
    own = isinstance(exc, ImJoyError)
    error = kind(_message(exc), exc.data if own else None)  # type: ignore[attr-defined]
    if own and kind is PluginFailure:
        error.code = exc.code  # type: ignore[attr-defined]
    error.name = (exc.name if isinstance(exc, ImJoyError) else None) or type(exc).__name__
    error.traceback = _plugin_traceback(exc)
    error.__cause__ = exc.__cause__ or (None if exc.__suppress_context__ else exc.__context__)
    return error  # type: ignore[no-any-return]


def nothing_exported() -> LoadFailed:
    """The error of a script that ran and offers nothing; where it was noticed tells the author nothing."""
    error = LoadFailed(
        "The plugin did not export anything. Its script must end with a line such as "
        "api.export(Plugin())."
    )
    error.traceback = ""
    return error


def _is_python(script: Dict[str, Any]) -> bool:
    attrs = script.get("attrs") or {}
    return str(script.get("lang") or attrs.get("lang") or "").lower() in ("python", "py", "python3")


def _line(script: Dict[str, Any]) -> int:
    line = script.get("line") or 1
    return line if isinstance(line, int) and 0 < line < 1_000_000 else 1


def _show_source(filename: str, scripts: List[Dict[str, Any]], source: str) -> None:
    """Let tracebacks, `inspect` and debuggers find the lines."""
    lines = source.splitlines(True)
    for script in scripts:
        start = _line(script) - 1
        content = script["content"].splitlines(True)
        if not _same_text(lines[start : start + len(content)], content):
            lines += ["\n"] * (start + len(content) - len(lines))
            lines[start : start + len(content)] = content
    text = "".join(lines)
    linecache.cache[filename] = (len(text), None, lines, filename)


def _same_text(one: List[str], other: List[str]) -> bool:
    return [line.strip() for line in one] == [line.strip() for line in other]


def _message(exc: BaseException) -> str:
    try:
        text = str(exc)
    except Exception:  # noqa: BLE001  # a wall: the plugin's own code
        text = ""
    if isinstance(exc, KeyError) and text:
        return f"The key {text} is missing."
    return text or type(exc).__name__


def _plugin_traceback(exc: BaseException) -> str:
    """The traceback without the frames of the worker's own code."""
    shown = traceback.TracebackException(type(exc), exc, exc.__traceback__)
    link: Optional[traceback.TracebackException] = shown
    while link is not None:
        link.stack[:] = [frame for frame in link.stack if not _is_ours(frame.filename)]
        link = link.__cause__ or link.__context__
    text = "".join(shown.format())
    if isinstance(exc, RemoteError) and exc.traceback:
        text += "\nWhere it was raised:\n" + exc.traceback
    return text


_PACKAGE = __file__.rpartition("worker")[0]


def _is_ours(filename: str) -> bool:
    return filename == GENERATED or filename.startswith(_PACKAGE)
