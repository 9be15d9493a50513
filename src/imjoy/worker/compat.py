"""What plugins of older ImJoy versions rely on: names, keyword arguments, attribute access."""

from __future__ import annotations

import asyncio
import functools
import inspect
import sys
import types
from typing import Any, Callable, Dict, List, Tuple

from imjoy.rpc.result import RemoteResult, running_loop, settled

__all__ = [
    "camel_case",
    "install_js",
    "install_modules",
    "mapping_for",
    "positional",
    "receiving",
    "version_of",
]

# From this version of the API on, a misspelt attribute is an error and not None.
STRICT_SINCE = (1, 0)


def camel_case(name: str) -> str:
    """`show_message` and `showMessage` are the same function; constants stay as they are."""
    first, *rest = name.split("_")
    if not first or name.isupper():
        return name
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


def version_of(config: Dict[str, Any]) -> Tuple[int, ...]:
    """The api_version of a manifest as numbers; what cannot be read counts as the oldest."""
    try:
        return tuple(int(part) for part in str(config.get("api_version", "")).split("."))
    except ValueError:
        return ()


def positional(args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> List[Any]:
    """The arguments of an `api` function: keyword arguments become one object at the end.

    For functions that take one object (most do) this is how all versions of ImJoy did it.
    """
    return [*args, dict(kwargs)] if kwargs else list(args)


# Names of functions that a dictionary has itself.
_OF_DICT = frozenset(name for name in dir(dict) if not name.startswith("_"))


class DotDict(Dict[str, Any]):
    """A dictionary whose keys are attributes as well; one that is missing is None.

    A function that another plugin gave comes before that of the dictionary, as in `window.update()`.
    """

    def __getattribute__(self, name: str) -> Any:
        if name in _OF_DICT and name in self and callable(self[name]):
            return self[name]
        return super().__getattribute__(name)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return dict.get(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __delattr__(self, name: str) -> None:
        self.pop(name, None)


class StrictDotDict(DotDict):
    """A dictionary whose keys are attributes as well."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            known = ", ".join(sorted(str(key) for key in self)) or "nothing"
            raise AttributeError(f"There is no '{name}' here. There is: {known}.") from None


def mapping_for(config: Dict[str, Any]) -> type:
    """The class of the objects that the plugin of this manifest receives."""
    return StrictDotDict if version_of(config) >= STRICT_SINCE else DotDict


# What a plugin's own functions are; those of others are objects of a class.
_OWN = (types.FunctionType, types.MethodType, types.BuiltinFunctionType, functools.partial)


def receiving(mapping: Callable[[Any], Any]) -> Callable[[List[Tuple[str, Any]]], Any]:
    """Makes objects that were received; a function of the plugin itself in them is awaited as well.

    That happens when a plugin asks for itself, or for services among which are its own.
    """

    def receive(pairs: List[Tuple[str, Any]]) -> Any:
        return mapping([(k, _awaited(v) if isinstance(v, _OWN) else v) for k, v in pairs])

    return receive


def _awaited(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            value = function(*args, **kwargs)
            if inspect.isawaitable(value):
                loop = running_loop()
                return value if loop is None else RemoteResult(loop, asyncio.ensure_future(value))
            return settled(value)
        except Exception as error:  # noqa: BLE001  # who awaits the result is told
            return settled(error=error)

    return call


def install_modules(api: Any) -> None:
    """Let plugins `import imjoy`, `from imjoy import api` and `from imjoy_rpc import api`."""
    sys.modules["imjoy"].api = api  # type: ignore[attr-defined]
    module = types.ModuleType("imjoy_rpc", "The ImJoy API for plugins.")
    module.__path__ = _installed_folders("imjoy_rpc")
    module.api = api  # type: ignore[attr-defined]
    sys.modules["imjoy_rpc"] = module


def install_js(api: Any) -> None:
    """Let a plugin for Python in the browser that runs elsewhere take `api` from `js`, as many do."""

    def missing(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise ImportError(
            f"js.{name} is only there in the browser, and the plugin runs on an engine. "
            "Use it in a window plugin, or install the plugin without an engine."
        )

    module = types.ModuleType("js", "What a plugin for the browser finds of it on an engine.")
    module.api = api  # type: ignore[attr-defined]
    module.__getattr__ = missing  # type: ignore[method-assign]
    sys.modules.setdefault("js", module)


def _installed_folders(name: str) -> List[str]:
    """Where the package of that name is installed, so that its other modules can be imported."""
    from importlib.machinery import PathFinder

    spec = PathFinder.find_spec(name)
    return list(spec.submodule_search_locations or []) if spec is not None else []
