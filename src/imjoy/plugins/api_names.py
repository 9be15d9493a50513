"""The names of all functions of `api`, for checks that read a plugin without running it."""

from __future__ import annotations

import re

API_NAMES = frozenset({
    "export", "init", "on", "off", "emit", "registerCodec", "disposeObject", "onLoad",
    "ndarray", "config", "TAG", "WORKSPACE", "ENGINE_URL", "FILE_MANAGER_URL", "WORK_DIR",
    "alert", "confirm", "prompt", "log", "error", "progress", "showProgress", "showStatus",
    "showMessage", "showSnackbar", "showDialog", "showFileDialog", "createWindow",
    "updateWindow", "getWindow", "exportFile", "getFileUrl", "requestUploadUrl", "getPlugin",
    "downloadFileFromUrl", "uploadFileToUrl", "signal",
    "loadPlugin", "call", "run", "installPlugin", "uninstallPlugin", "reloadPlugin", "register",
    "unregister", "registerService", "unregisterService", "getServices", "getConfig",
    "setConfig", "getAttachment", "echo", "utils", "fs", "getEngine", "getEngineFactory",
    "getFileManager", "getFilePath", "waitForUpload", "openUrl", "focus", "resize", "close", "show", "hide",
    "refresh", "disposeObjects", "id", "callback", "passive", "setup",
    "onClose", "dispose", "connectToServer", "showPluginProgress", "showPluginStatus",
})  # fmt: skip
_USE = re.compile(r"(?<![\w.$])api\s*(?:\.\s*|\[\s*[\"'])([A-Za-z_]\w*)")


def camel(name: str) -> str:
    """`show_message` is `showMessage`; constants stay as they are."""
    first, *rest = name.split("_")
    if not first or name.isupper():
        return name
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


def used_in(text: str) -> list[tuple[str, int]]:
    """Each function of `api` that a script names, as it is called in JavaScript, with its line."""
    found: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        for name in _USE.findall(line):
            found.setdefault(camel(name), number)
    return list(found.items())
