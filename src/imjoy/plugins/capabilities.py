"""What plugins may be allowed to do; the choices of each go from the most to the least.

Generated from protocol/manifest.schema.json by protocol/generate.py; do not edit.
"""

from __future__ import annotations

from typing import Any

CAPABILITIES: dict[str, dict[str, Any]] = {
    "network": {
        "title": "Network",
        "choices": {
            "any": "It may reach any address on the internet that begins with https or wss.",
            "listed": "It may reach only the listed hosts and those of the libraries it needs.",
            "none": "It may not reach the network; libraries come from ImJoy itself or from the engine's mirror.",
        },
        "default": "any",
        "runs": "frame",
        "services": [],
    },
    "engine": {
        "title": "Python engine",
        "choices": {
            "allow": "It may call plugins that run on the computer of the engine.",
            "ask": "You are asked before it calls a plugin on the computer of the engine.",
            "block": "It may not call plugins on the computer of the engine.",
        },
        "default": "allow",
        "runs": "page",
        "services": [],
    },
    "plugins": {
        "title": "Other plugins",
        "choices": {
            "allow": "It may find, call and start other plugins; each installation is still your decision.",
            "ask": "You are asked before it calls other plugins.",
            "block": "It may not call other plugins.",
        },
        "default": "allow",
        "runs": "all",
        "services": [
            "call",
            "getEngine",
            "getEngineFactory",
            "getPlugin",
            "getServices",
            "installPlugin",
            "loadPlugin",
            "reloadPlugin",
            "run",
            "uninstallPlugin",
        ],
    },
    "windows": {
        "title": "Windows",
        "choices": {
            "allow": "It may open windows and dialogs.",
            "ask": "You are asked before it opens windows.",
            "block": "It may not open windows.",
        },
        "default": "allow",
        "runs": "all",
        "services": [
            "createWindow",
            "getWindow",
            "showDialog",
            "updateWindow",
        ],
    },
    "files": {
        "title": "Files",
        "choices": {
            "allow": "It may ask for files, and reads only those that you choose.",
            "ask": "You are asked before it may ask for files.",
            "block": "It may not ask for files.",
        },
        "default": "allow",
        "runs": "all",
        "services": [
            "getFileManager",
            "getFilePath",
            "getFileUrl",
            "requestUploadUrl",
            "showFileDialog",
            "utils.showDirectoryPicker",
            "utils.showOpenFilePicker",
            "waitForUpload",
        ],
    },
    "downloads": {
        "title": "Downloads",
        "choices": {
            "allow": "It may save files through your browser.",
            "ask": "You are asked before it saves files.",
            "block": "It may not save files.",
        },
        "default": "allow",
        "runs": "all",
        "services": [
            "exportFile",
            "utils.showSaveFilePicker",
        ],
    },
    "storage": {
        "title": "Storage",
        "choices": {
            "allow": "It may keep settings and small files in this browser, apart from those of the page.",
            "ask": "You are asked before it keeps something.",
            "block": "It may keep nothing.",
        },
        "default": "allow",
        "runs": "all",
        "services": [
            "fs.appendFile",
            "fs.exists",
            "fs.mkdir",
            "fs.readFile",
            "fs.readdir",
            "fs.rename",
            "fs.rmdir",
            "fs.stat",
            "fs.unlink",
            "fs.writeFile",
            "getConfig",
            "setConfig",
            "storage.clear",
            "storage.set",
        ],
    },
    "camera": {
        "title": "Camera",
        "choices": {
            "allow": "It may see through the camera.",
            "ask": "You are asked before it sees through the camera.",
            "block": "It may not use the camera.",
        },
        "default": "ask",
        "runs": "all",
        "services": [
            "camera.open",
        ],
    },
    "microphone": {
        "title": "Microphone",
        "choices": {
            "allow": "Its page may listen to the microphone.",
            "ask": "You are asked when its page opens, if it says that it needs the microphone.",
            "block": "It may not use the microphone.",
        },
        "default": "ask",
        "runs": "rpc-window",
        "services": [],
    },
    "clipboard": {
        "title": "Clipboard",
        "choices": {
            "allow": "It may read and write the clipboard while you work in its window.",
            "ask": "You are asked when it starts, if it says that it needs the clipboard.",
            "block": "It may not use the clipboard.",
        },
        "default": "ask",
        "runs": "page",
        "services": [],
    },
}
