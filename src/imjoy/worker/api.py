"""The object `api` of a plugin: its functions are those of the page that has called it."""

from __future__ import annotations

import inspect
from typing import Any, Callable, Dict, List, Optional

from imjoy.protocol.context import Codec
from imjoy.rpc.peer import Peer
from imjoy.rpc.result import RemoteResult, settled
from imjoy.worker import local_utils
from imjoy.worker.compat import camel_case, positional
from imjoy.worker.events import Events
from imjoy.worker.on_behalf import page_of_now

__all__ = ["Api", "api_for", "interface_of", "values_of"]

PLAIN = (type(None), bool, int, float, complex, str, bytes, list, tuple, set)
SIMPLE = (bool, int, float, str)
ASSIGNED = ("TAG", "WORKSPACE", "ENGINE_URL", "FILE_MANAGER_URL", "WORK_DIR")


class ApiFunction:
    """`api.alert`, `api.utils.sleep`: a function of the page, called by its name."""

    def __init__(self, call: Callable[..., RemoteResult], name: str) -> None:
        self._call, self._name = call, name

    # As in RemoteFunction, so that a keyword may be called `self`.
    def __call__(*args: Any, **kwargs: Any) -> RemoteResult:
        self: ApiFunction = args[0]
        return self._call(self._name, args[1:], kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return ApiFunction(self._call, self._name + "." + camel_case(name))

    def __repr__(self) -> str:
        return f"<function api.{self._name}>"


class Utils(ApiFunction):
    """`api.utils`: some functions are those of this process, the others those of the page."""

    kill = staticmethod(local_utils.kill)
    ndarray = staticmethod(local_utils.ndarray)
    debounce = staticmethod(local_utils.debounce)
    set_interval = setInterval = staticmethod(local_utils.set_interval)


class Api:
    """What a plugin sees as `api`. Names may be written in snake_case or camelCase.

    A call is sent at once, whether it is awaited or not.
    """

    # For long synchronous code: whether its call was cancelled, and the way to end it then.
    is_cancelled: Callable[[], bool]
    check_cancelled: Callable[[], None]

    def __init__(
        self, peer: Peer, pages: List[str], config: Dict[str, Any], constants: Dict[str, Any]
    ) -> None:
        self.config = config
        self._peer, self._pages = peer, pages
        self._exported: List[str] = []
        self._values: Dict[str, Any] = {}
        self._events = Events()
        peer.export("sdk.emit", self._heard, with_caller=True)
        self.utils = Utils(self._call, "utils")
        for name in ASSIGNED:
            setattr(self, name, constants.get(name))

    def export(self, interface: Any, config: Optional[Dict[str, Any]] = None) -> RemoteResult:
        """Offer the functions of an object, class, dictionary or module to the workbench."""
        if inspect.isclass(interface):
            interface = interface()
        functions = interface_of(interface)
        self._values = values_of(interface)
        for name in self._exported:
            self._peer.unexport(name)
        for name, function in functions.items():
            self._peer.export(name, function)
        self._exported = list(functions)
        return settled()

    def init(self, config: Optional[Dict[str, Any]] = None) -> RemoteResult:
        """Export an interface with nothing in it but an empty `setup`."""
        return self.export({"setup": lambda: None})

    def register_codec(
        self, config: Optional[Dict[str, Any]] = None, **fields: Any
    ) -> RemoteResult:
        """Have values of `type` encoded by `encoder` and decoded by `decoder`, under `name`."""
        facts = dict(config or {}, **fields)
        codec = Codec(facts["name"], facts.get("type"), facts.get("encoder"), facts.get("decoder"))
        self._peer.codecs.register(codec)
        return settled()

    registerCodec = register_codec

    def on(
        self, name: str, handler: Callable[[Any], Any], fire_if_emitted: bool = False
    ) -> RemoteResult:
        """Call the handler for each event of that name, and for one that nobody has heard yet."""
        self._events.on(name, handler, fire_if_emitted)
        return settled()

    def off(self, name: str, handler: Optional[Callable[[Any], Any]] = None) -> RemoteResult:
        """Take one handler away, or all of that name."""
        self._events.off(name, handler)
        return settled()

    def emit(self, name: str, value: Any = None) -> RemoteResult:
        """Call the handlers of this plugin, and those of whoever has opened its window."""
        sent = self._call("emit", (name, value), {})

        async def emitted() -> None:
            await self._events.emit(name, value)
            await sent

        return sent.follow(emitted())

    def on_close(self, handler: Callable[[Any], Any]) -> RemoteResult:
        """Call the handler when the plugin's window is closed."""
        return self.on("close", handler)

    onClose = on_close

    def dispose_object(self, remote: Any = None) -> RemoteResult:
        """Give back an object of another plugin; here this happens by itself."""
        return settled()

    disposeObject = dispose = dispose_object

    def on_load(self, handler: Callable[[], Any]) -> RemoteResult:
        """Call the handler once the plugin is loaded; its script is the last part of that."""
        handler()
        return settled()

    onLoad = on_load

    async def _heard(self, caller: str, name: str, value: Any = None) -> None:
        if caller in self._pages:
            await self._events.emit(name, value)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return ApiFunction(self._call, camel_case(name))

    def __repr__(self) -> str:
        return "<the ImJoy api>"

    def _call(self, name: str, args: Any, kwargs: Dict[str, Any]) -> RemoteResult:
        function = self._peer.remote(page_of_now(self._pages), "api." + name)
        return function(*positional(args, kwargs))


def api_for(peer: Peer, plugin: Dict[str, Any], mapping: Any) -> Api:
    """The `api` of a plugin described by `{pages (or host), config, tag, work_dir, ...}`."""
    config = mapping(plugin.get("config") or {})
    tag, folder, engine = plugin.get("tag"), plugin.get("work_dir"), plugin.get("engine_url")
    config.update(tag=tag, work_dir=folder, workspace=plugin.get("workspace"))
    config.update(engine=engine, file_manager=engine)
    constants = {
        "TAG": tag,
        "WORK_DIR": folder,
        "WORKSPACE": plugin.get("workspace"),
        "ENGINE_URL": engine,
        "FILE_MANAGER_URL": engine,
    }
    return Api(peer, plugin.get("pages") or [plugin["host"]], config, constants)


def interface_of(interface: Any) -> Dict[str, Callable[..., Any]]:
    """The public functions of what a plugin exports, by name. Raises TypeError."""
    if inspect.isclass(interface):
        interface = interface()
    if isinstance(interface, dict):
        members = dict(interface)
    elif inspect.isfunction(interface) or inspect.isbuiltin(interface):
        members = {interface.__name__: interface}
    elif isinstance(interface, PLAIN):
        members = {}
    else:
        members = {name: getattr(interface, name) for name in _names(interface)}
    functions = {
        name: value
        for name, value in members.items()
        if isinstance(name, str) and not name.startswith("_") and callable(value)
        if not inspect.isclass(value)
    }
    if not functions:
        raise TypeError(
            "api.export was given nothing to call: give it an object with methods such as run."
        )
    return functions


def values_of(interface: Any) -> Dict[str, Any]:
    """The public texts, numbers and truth values of what a plugin exports, as they are now."""
    if isinstance(interface, dict):
        members = dict(interface)
    elif inspect.isroutine(interface) or isinstance(interface, PLAIN):
        members = {}
    else:
        members = {name: getattr(interface, name) for name in _names(interface)}
    return {
        name: value
        for name, value in members.items()
        if isinstance(name, str) and not name.startswith("_") and type(value) in SIMPLE
    }


def _names(interface: Any) -> List[str]:
    """Names that can be read without running the plugin's properties."""
    return [
        name
        for name in dir(interface)
        if not name.startswith("_")
        and not isinstance(inspect.getattr_static(interface, name, None), property)
    ]
