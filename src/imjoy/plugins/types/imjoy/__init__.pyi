"""Made by scripts/build_api_types.py from the description of the api; do not change it by hand."""

from collections.abc import Awaitable, Callable, Generator, Mapping
from typing import Any, Generic, TypeVar

__all__ = ["Api", "Result", "api"]
__version__: str

T = TypeVar("T")

class Result(Awaitable[T], Generic[T]):
    """What a call will give: awaited, or followed by functions. A call is made either way."""

    def __await__(self) -> Generator[Any, None, T]: ...
    def then(self, done: Callable[[T], Any], failed: Callable[..., Any] = ...) -> Result[Any]: ...
    def catch(self, failed: Callable[..., Any]) -> Result[Any]: ...
    def finally_(self, ended: Callable[[], Any]) -> Result[T]: ...

class _Utils:
    def open_url(self, url: str) -> Result[None]:
        """See the reference of the api."""
    def openUrl(self, url: str) -> Result[None]:
        """See the reference of the api."""
    def sleep(self, seconds: float) -> Result[None]:
        """See the reference of the api."""
    def __getattr__(self, name: str) -> Any: ...

class Api:
    """The `api` of a plugin, in snake_case and camelCase."""

    def export(self, plugin: Any) -> Result[None]:
        """Says what the plugin can do; the last line of every plugin."""
    def init(self, config: dict[str, Any] = ..., **fields: Any) -> Result[None]:
        """The same as `export` for a plugin that offers nothing."""
    def on(self, event: str, handler: Callable[..., Any]) -> Result[None]:
        """Called for an event of the plugin's window: `close`, `resize`, or one that was emitted to it."""
    def off(self, event: str, handler: Callable[..., Any] = ...) -> Result[None]:
        """Takes a handler away."""
    def emit(self, event: str, value: Any = ...) -> Result[None]:
        """Calls the handlers of this plugin and those of whoever opened its window."""
    def register_codec(self, codec: Callable[..., Any], **fields: Any) -> Result[None]:
        """Teaches the plugin to send and receive objects of a class."""
    def registerCodec(self, codec: Callable[..., Any], **fields: Any) -> Result[None]:
        """Teaches the plugin to send and receive objects of a class."""
    def dispose_object(self, object: Any) -> Result[None]:
        """Gives back an object received from another plugin."""
    def disposeObject(self, object: Any) -> Result[None]:
        """Gives back an object received from another plugin."""
    def on_load(self, handler: Callable[..., Any]) -> Result[None]:
        """Called when the plugin has been loaded."""
    def onLoad(self, handler: Callable[..., Any]) -> Result[None]:
        """Called when the plugin has been loaded."""
    config: dict[str, Any]
    TAG: str | None
    WORKSPACE: str
    ENGINE_URL: str
    FILE_MANAGER_URL: str
    def alert(self, message: str | Mapping[str, Any] = ..., **fields: Any) -> Result[None]:
        """Shows a text until the user has read it."""
    def confirm(self, question: str | Mapping[str, Any] = ..., **fields: Any) -> Result[bool]:
        """True when the user agrees."""
    def prompt(self, question: str | Mapping[str, Any] = ..., text: str = ..., **fields: Any) -> Result[str]:
        """The answer; fails with rpc.cancelled when the user gives none."""
    def log(self, *values: Any) -> Result[None]:
        """Adds a line to the log of the plugin."""
    def error(self, *values: Any) -> Result[None]:
        """Adds a line to the log of the plugin, marked as an error."""
    def progress(self, value: float) -> Result[None]:
        """Progress of the plugin, 0 to 1 or 0 to 100."""
    def show_progress(self, value: float) -> Result[None]:
        """Progress in the status line, 0 to 1 or 0 to 100."""
    def showProgress(self, value: float) -> Result[None]:
        """Progress in the status line, 0 to 1 or 0 to 100."""
    def show_status(self, text: str) -> Result[None]:
        """Text in the status line."""
    def showStatus(self, text: str) -> Result[None]:
        """Text in the status line."""
    def show_message(self, text: str, seconds: float = ...) -> Result[None]:
        """A message that goes by itself."""
    def showMessage(self, text: str, seconds: float = ...) -> Result[None]:
        """A message that goes by itself."""
    def show_snackbar(self, text: str, seconds: float = ...) -> Result[None]:
        """The same as `showMessage`."""
    def showSnackbar(self, text: str, seconds: float = ...) -> Result[None]:
        """The same as `showMessage`."""
    def show_dialog(self, config: Any, extra: Mapping[str, Any] = ..., **fields: Any) -> Result[Any]:
        """Shows a form (`ui`) and gives the answers, or opens a window plugin or an `imjoy/…` view as a dialog."""
    def showDialog(self, config: Any, extra: Mapping[str, Any] = ..., **fields: Any) -> Result[Any]:
        """Shows a form (`ui`) and gives the answers, or opens a window plugin or an `imjoy/…` view as a dialog."""
    def show_file_dialog(self, options: dict[str, Any] = ..., **fields: Any) -> Result[Any]:
        """Files that the user chose. The form of the answer depends on the plugin's api_version."""
    def showFileDialog(self, options: dict[str, Any] = ..., **fields: Any) -> Result[Any]:
        """Files that the user chose. The form of the answer depends on the plugin's api_version."""
    def create_window(self, config: str | Mapping[str, Any] = ..., extra: Mapping[str, Any] = ..., **fields: Any) -> Result[Any]:
        """Opens a window: `{type, name, data}` with one of the built-in views or a window plugin, or `{ui}` for a form."""
    def createWindow(self, config: str | Mapping[str, Any] = ..., extra: Mapping[str, Any] = ..., **fields: Any) -> Result[Any]:
        """Opens a window: `{type, name, data}` with one of the built-in views or a window plugin, or `{ui}` for a form."""
    def get_window(self, query: str | Mapping[str, Any] = ..., **fields: Any) -> Result[Any]:
        """A window that is open, or null."""
    def getWindow(self, query: str | Mapping[str, Any] = ..., **fields: Any) -> Result[Any]:
        """A window that is open, or null."""
    def export_file(self, file: Any, name: str = ...) -> Result[None]:
        """Saves a file with the browser."""
    def exportFile(self, file: Any, name: str = ...) -> Result[None]:
        """Saves a file with the browser."""
    def get_file_url(self, options: str | dict[str, Any] = ..., **fields: Any) -> Result[str]:
        """Addresses to read or write a file of the engine, or of the file manager that `file_manager` names."""
    def getFileUrl(self, options: str | dict[str, Any] = ..., **fields: Any) -> Result[str]:
        """Addresses to read or write a file of the engine, or of the file manager that `file_manager` names."""
    def request_upload_url(self, options: str | dict[str, Any] = ..., **fields: Any) -> Result[str]:
        """Addresses to read or write a file of the engine, or of the file manager that `file_manager` names."""
    def requestUploadUrl(self, options: str | dict[str, Any] = ..., **fields: Any) -> Result[str]:
        """Addresses to read or write a file of the engine, or of the file manager that `file_manager` names."""
    def get_file_path(self, address: str | Mapping[str, Any] = ..., **fields: Any) -> Result[str]:
        """The path behind an address that `getFileUrl` gave."""
    def getFilePath(self, address: str | Mapping[str, Any] = ..., **fields: Any) -> Result[str]:
        """The path behind an address that `getFileUrl` gave."""
    def wait_for_upload(self, address: str | Mapping[str, Any] = ..., **fields: Any) -> Result[Mapping[str, Any]]:
        """The path and size of what was sent to an address of `requestUploadUrl`, once it is there."""
    def waitForUpload(self, address: str | Mapping[str, Any] = ..., **fields: Any) -> Result[Mapping[str, Any]]:
        """The path and size of what was sent to an address of `requestUploadUrl`, once it is there."""
    def get_plugin(self, name: str | dict[str, Any] = ..., **fields: Any) -> Result[dict[str, Any]]:
        """The methods of a plugin; it is started when it is not running."""
    def getPlugin(self, name: str | dict[str, Any] = ..., **fields: Any) -> Result[dict[str, Any]]:
        """The methods of a plugin; it is started when it is not running."""
    def load_plugin(self, name: str | dict[str, Any] = ..., **fields: Any) -> Result[dict[str, Any]]:
        """The same as `getPlugin`."""
    def loadPlugin(self, name: str | dict[str, Any] = ..., **fields: Any) -> Result[dict[str, Any]]:
        """The same as `getPlugin`."""
    def call(self, plugin: str, method: str, *args: Any) -> Result[Any]:
        """Calls one method of a plugin."""
    def run(self, plugin: str, context: Mapping[str, Any] = ..., **fields: Any) -> Result[Any]:
        """Runs a plugin and gives what its `run` returned."""
    def install_plugin(self, config: str | Mapping[str, Any] = ..., **fields: Any) -> Result[Any]:
        """Asks the user to install a plugin; gives its name."""
    def installPlugin(self, config: str | Mapping[str, Any] = ..., **fields: Any) -> Result[Any]:
        """Asks the user to install a plugin; gives its name."""
    def register(self, config: dict[str, Any] = ..., **fields: Any) -> Result[Any]:
        """Offers an operation to the user: `{name, ui, run, update, inputs}`, see operations."""
    def unregister(self, config: str | dict[str, Any] = ..., **fields: Any) -> Result[bool]:
        """Takes back what `register` did."""
    def register_service(self, service: dict[str, Any] = ..., **fields: Any) -> Result[str]:
        """Offers something to other plugins: `{type, name, …functions}`."""
    def registerService(self, service: dict[str, Any] = ..., **fields: Any) -> Result[str]:
        """Offers something to other plugins: `{type, name, …functions}`."""
    def unregister_service(self, query: dict[str, Any] = ..., **fields: Any) -> Result[bool]:
        """Takes a service back."""
    def unregisterService(self, query: dict[str, Any] = ..., **fields: Any) -> Result[bool]:
        """Takes a service back."""
    def get_services(self, query: dict[str, Any] = ..., **fields: Any) -> Result[list[dict[str, Any]]]:
        """The services that match all the given fields."""
    def getServices(self, query: dict[str, Any] = ..., **fields: Any) -> Result[list[dict[str, Any]]]:
        """The services that match all the given fields."""
    def reload_plugin(self, plugin: str | Mapping[str, Any] = ..., **fields: Any) -> Result[dict[str, Any]]:
        """Ends a plugin, starts it again and gives its methods."""
    def reloadPlugin(self, plugin: str | Mapping[str, Any] = ..., **fields: Any) -> Result[dict[str, Any]]:
        """Ends a plugin, starts it again and gives its methods."""
    def uninstall_plugin(self, plugin: str | Mapping[str, Any] = ..., **fields: Any) -> Result[bool]:
        """Removes the plugin `{name}`, after asking."""
    def uninstallPlugin(self, plugin: str | Mapping[str, Any] = ..., **fields: Any) -> Result[bool]:
        """Removes the plugin `{name}`, after asking."""
    def get_engine(self, address: str = ...) -> Result[dict[str, Any]]:
        """A service of that type by its address or name; without one, the engine of the page and its file manager."""
    def getEngine(self, address: str = ...) -> Result[dict[str, Any]]:
        """A service of that type by its address or name; without one, the engine of the page and its file manager."""
    def get_engine_factory(self, name: str) -> Result[dict[str, Any]]:
        """A service of that type by its address or name; without one, the engine of the page and its file manager."""
    def getEngineFactory(self, name: str) -> Result[dict[str, Any]]:
        """A service of that type by its address or name; without one, the engine of the page and its file manager."""
    def get_file_manager(self, address: str = ...) -> Result[dict[str, Any]]:
        """A service of that type by its address or name; without one, the engine of the page and its file manager."""
    def getFileManager(self, address: str = ...) -> Result[dict[str, Any]]:
        """A service of that type by its address or name; without one, the engine of the page and its file manager."""
    def get_config(self, name: str) -> Result[Any]:
        """A setting of this plugin; a name that begins with `_` reads a field of its manifest."""
    def getConfig(self, name: str) -> Result[Any]:
        """A setting of this plugin; a name that begins with `_` reads a field of its manifest."""
    def set_config(self, name: str, value: Any) -> Result[None]:
        """Keeps a setting of this plugin."""
    def setConfig(self, name: str, value: Any) -> Result[None]:
        """Keeps a setting of this plugin."""
    def get_attachment(self, name: str) -> Result[str | None]:
        """The text of an `<attachment>`."""
    def getAttachment(self, name: str) -> Result[str | None]:
        """The text of an `<attachment>`."""
    fs: Callable[..., Any]
    def echo(self, value: Any) -> Result[Any]:
        """Gives back what it got; for trying things out."""
    utils: _Utils
    WORK_DIR: str | None
    def is_cancelled(self) -> bool:
        """Whether the call in which this is asked was cancelled."""
    def check_cancelled(self) -> None:
        """Ends the call in which this is asked if it was cancelled."""

api: Api
