"""The words of a manifest that the engine and the page know.

Generated from protocol/manifest.schema.json by protocol/generate.py; do not edit.
"""

from __future__ import annotations

PLUGIN_TYPES = (
    "web-worker",
    "iframe",
    "window",
    "native-python",
    "web-python",
    "web-python-window",
    "rpc-window",
    "collection",
)
OLD_TYPES = {
    "pyworker": "native-python",
    "webworker": "web-worker",
    "webpython": "web-python",
}
NAME_LIMIT = 100
FIELDS_BY_TAG = (
    "env",
    "requirements",
    "dependencies",
    "icon",
    "ui",
    "type",
    "flags",
    "labels",
    "cover",
    "base_frame",
    "base_worker",
    "passive",
)
FORM_FIELDS = {
    "number": "number",
    "integer": "number",
    "slider": "number",
    "choose": "choose",
    "select": "choose",
    "string": "string",
    "text": "string",
    "checkbox": "checkbox",
    "boolean": "checkbox",
    "color": "color",
    "file": "file",
    "region": "region",
    "button": "button",
    "ops": "ops",
    "json": "json",
}
RENAMED_REPOSITORIES = {
    "oeway/imjoy-plugins": "imjoy-team/imjoy-plugins",
    "oeway/imjoy-demo-plugins": "imjoy-team/imjoy-demo-plugins",
}
