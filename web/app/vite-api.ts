/** Vite plugin: the functions of `api` with their parameters and what they do, for completion in the editor. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const ID = "virtual:imjoy-api";
const TYPES = fileURLToPath(new URL("../packages/sdk/src/api.ts", import.meta.url));
const REFERENCE = fileURLToPath(new URL("../../docs/reference/api.md", import.meta.url));

export interface ApiEntry {
  /** As it is called in JavaScript. */
  name: string;
  /** "(question: string): Promise<boolean>"; empty where the interface does not have it. */
  signature: string;
  /** What it does, from the reference. */
  does: string;
}

/** Provides `virtual:imjoy-api`, whose default export is the list. */
export function apiTable(): Plugin {
  return {
    name: "imjoy-api",
    resolveId: (source) => (source === ID ? `\0${ID}` : null),
    load(id) {
      if (id !== `\0${ID}`) return null;
      this.addWatchFile(TYPES);
      this.addWatchFile(REFERENCE);
      return `export default ${JSON.stringify(readApi())};`;
    },
  };
}

/** Every function that the reference names, with its parameters from the types. */
export function readApi(
  types: string = readFileSync(TYPES, "utf8"),
  reference: string = readFileSync(REFERENCE, "utf8"),
): ApiEntry[] {
  const signatures = signaturesIn(types);
  const entries = new Map<string, ApiEntry>();
  for (const [, first = "", does = ""] of reference.matchAll(/^\| (`api\.[^|]*) \| (.*) \|$/gm)) {
    for (const [, name = ""] of first.matchAll(/`api\.(\w+)/g)) {
      entries.set(name, { name, signature: signatures.get(name) ?? "", does });
    }
  }
  return [...entries.values()].sort((a, b) => a.name.localeCompare(b.name));
}

/** The members of the interface, each without its comments and on one line. */
function signaturesIn(types: string): Map<string, string> {
  const start = types.indexOf("export interface ImJoyApi");
  const body = types.slice(types.indexOf("{", start) + 1, types.indexOf("\n}", start));
  const plain = body.replace(/\/\*\*[\s\S]*?\*\/|\/\/.*$/gm, "");
  const members = plain.split(/;\n(?= {2}(?:\w|$|\n)|\n|$)/);
  return new Map(
    members.flatMap((member) => {
      const found = /^\s*(?:readonly )?(\w+)([\s\S]*)$/.exec(member);
      return found ? [[found[1] as string, oneLine(found[2] as string)] as const] : [];
    }),
  );
}

function oneLine(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/([(<{]) /g, "$1")
    .replace(/,? ([)>])/g, "$1")
    .trim();
}
