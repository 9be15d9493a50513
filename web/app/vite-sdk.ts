/** Vite plugin: builds the programs for frames of plugins and for pages around the workbench, a script each. */
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "vite";

const ID = "virtual:imjoy-sdk";
/** Plugins may have names of their own for these, as in `const Map = ol.Map`, which then hold for every script. */
const BUILT_IN = [
  ...["Array", "ArrayBuffer", "BigInt", "Blob", "Boolean", "DataView", "Date", "Error", "File"],
  ...["FinalizationRegistry", "Function", "JSON", "Map", "Math", "Number", "Object", "Promise"],
  ...["Proxy", "RangeError", "Reflect", "RegExp", "Set", "String", "Symbol", "TextDecoder"],
  ...[
    "TextEncoder",
    "TypeError",
    "Uint8Array",
    "Uint8ClampedArray",
    "WeakMap",
    "WeakRef",
    "WeakSet",
  ],
  "ImageData",
];
const SOURCES = new URL("../packages/sdk/src/", import.meta.url);

/** Provides `virtual:imjoy-sdk`, whose default export is the text, and writes `lib/imjoy-embed.js`. */
export function sdkBundle(): Plugin {
  let text: Promise<string> | null = null;
  return {
    name: "imjoy-sdk",
    resolveId(source) {
      return source === ID ? `\0${ID}` : null;
    },
    async load(id) {
      if (id !== `\0${ID}`) return null;
      text ??= bundle("bootstrap.ts", "imjoySdk").then(withOwnNames);
      return `export default ${JSON.stringify(await text)};`;
    },
    async generateBundle() {
      const source = await bundle("embed.ts", "imjoyEmbed");
      this.emitFile({ type: "asset", fileName: "lib/imjoy-embed.js", source });
    },
  };
}

/** The program with the browser's own classes, whatever the plugin gives their names to later. */
function withOwnNames(code: string): string {
  return `{const {${BUILT_IN.join(",")}}=globalThis;${code}}`;
}

async function bundle(file: string, name: string): Promise<string> {
  const entry = fileURLToPath(new URL(file, SOURCES));
  const result = await build({
    configFile: false,
    logLevel: "warn",
    build: {
      write: false,
      target: "es2022",
      minify: true,
      lib: { entry, formats: ["iife"], name },
    },
  });
  const [output] = Array.isArray(result) ? result : [result];
  if (!output || !("output" in output)) throw new Error("The plugin program could not be built.");
  return output.output[0].code;
}
