/** New plugins from templates: one for each type, and for plain functions; the command line has the same. */
import { codedError } from "./failure";
import { fileNameOf, stemOf } from "./file-name";

const FILES: Record<string, string> = import.meta.glob(
  "../../../../src/imjoy/plugins/templates/*",
  { query: "?raw", import: "default", eager: true },
);

export interface Template {
  id: string;
  description: string;
  /** Ending of its file, with the dot. */
  ending: string;
  text: string;
}

/** Modules have no manifest that describes them. */
const MODULES: Record<string, string> = {
  "python-function": "Python functions with types become forms; they run on the engine.",
  "javascript-module": "JavaScript functions become forms; they run in the browser.",
};

/** In the order in which most people need them. */
const ORDER = [
  "web-worker",
  "window",
  "native-python",
  "python-function",
  "javascript-module",
  "web-python",
];

export const TEMPLATES: readonly Template[] = Object.entries(FILES)
  .map(([path, text]) => readTemplate(path.split("/").at(-1) as string, text))
  .sort((a, b) => rank(a.id) - rank(b.id) || a.id.localeCompare(b.id));

function rank(id: string): number {
  const at = ORDER.indexOf(id);
  return at < 0 ? ORDER.length : at;
}

function readTemplate(file: string, text: string): Template {
  const [id = "", ...rest] = file.split(".");
  const description = MODULES[id] ?? /"description": "([^"]*)"/.exec(text)?.[1] ?? "";
  // Modules lie there as texts, so that nothing takes them for modules of ours.
  const ending = `.${rest.join(".")}`.replace(/\.txt$/, "");
  return { id, description, ending, text };
}

/**
 * The file name and the text of a new plugin.
 * @throws RpcError plugin.manifest for a name that cannot be
 */
export function newPlugin(template: Template, name: string): { file: string; text: string } {
  const plain = name.trim().replace(/\s+/g, " ");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (!plain || plain.length > 48 || /[/\\"'<>:@\u0000-\u001f]/.test(plain)) {
    const cause = `A plugin cannot be called "${name}".`;
    const remedy = "Use at most 48 letters, digits, spaces and dashes.";
    throw codedError("plugin.manifest", `${cause} ${remedy}`, { cause, remedy });
  }
  const module = template.id in MODULES;
  const file = module
    ? stemOf(plain)
        .replace(/[^\p{L}\p{N}_]+/gu, "_")
        .toLowerCase() + template.ending
    : fileNameOf(plain);
  return { file, text: template.text.replaceAll("@NAME@", plain) };
}
