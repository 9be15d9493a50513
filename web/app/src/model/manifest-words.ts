/**
 * The words of a manifest that the engine and the page know.
 * Generated from protocol/manifest.schema.json by protocol/generate.py; do not edit.
 */
export const PLUGIN_TYPES = [
  "web-worker",
  "iframe",
  "window",
  "native-python",
  "web-python",
  "web-python-window",
  "rpc-window",
  "collection"
] as const;
export const OLD_TYPES = {
  "pyworker": "native-python",
  "webworker": "web-worker",
  "webpython": "web-python"
} as const;
export const NAME_LIMIT = 100;
export const FIELDS_BY_TAG = [
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
  "passive"
] as const;
export const FORM_FIELDS = {
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
  "json": "json"
} as const;
export const RENAMED_REPOSITORIES = {
  "oeway/imjoy-plugins": "imjoy-team/imjoy-plugins",
  "oeway/imjoy-demo-plugins": "imjoy-team/imjoy-demo-plugins"
} as const;
