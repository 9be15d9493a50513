/** Vite plugin: adds Python for the browser, and our own modules for plugins in Python. */
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const PACKAGE = fileURLToPath(new URL("../../src/imjoy", import.meta.url));
/** What runs inside of plugins, and needs the standard library alone. */
const ROOMS = ["errors.py", "protocol", "rpc", "worker"];
const FILES = [
  "pyodide.mjs",
  "pyodide.asm.mjs",
  "pyodide.asm.wasm",
  "python_stdlib.zip",
  "pyodide-lock.json",
];

export function pythonRuntime(): Plugin {
  return {
    name: "imjoy-python",
    generateBundle() {
      const home = dirname(createRequire(import.meta.url).resolve("pyodide/package.json"));
      for (const name of FILES) {
        const source = readFileSync(join(home, name));
        this.emitFile({ type: "asset", fileName: `runtimes/pyodide/${name}`, source });
      }
      const source = JSON.stringify(sources());
      this.emitFile({ type: "asset", fileName: "runtimes/imjoy-python.json", source });
    },
  };
}

function sources(): Record<string, string> {
  const texts: Record<string, string> = { "imjoy/__init__.py": "" };
  for (const room of ROOMS) {
    for (const path of modulesOf(join(PACKAGE, room))) {
      texts[`imjoy/${relative(PACKAGE, path)}`] = readFileSync(path, "utf8");
    }
  }
  return texts;
}

function modulesOf(path: string): string[] {
  if (path.endsWith(".py")) return [path];
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".py"))
    .sort()
    .map((name) => join(path, name));
}
