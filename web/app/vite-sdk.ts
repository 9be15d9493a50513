/** Vite plugin: builds the program of plugin frames to one script and offers its text as a module. */
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "vite";

const ID = "virtual:imjoy-sdk";
const ENTRY = fileURLToPath(new URL("../packages/sdk/src/bootstrap.ts", import.meta.url));

/** Provides `virtual:imjoy-sdk`, whose default export is the text. */
export function sdkBundle(): Plugin {
  let text: Promise<string> | null = null;
  return {
    name: "imjoy-sdk",
    resolveId(source) {
      return source === ID ? `\0${ID}` : null;
    },
    async load(id) {
      if (id !== `\0${ID}`) return null;
      text ??= bundle();
      return `export default ${JSON.stringify(await text)};`;
    },
  };
}

async function bundle(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: "warn",
    build: {
      write: false,
      target: "es2022",
      minify: true,
      lib: { entry: ENTRY, formats: ["iife"], name: "imjoySdk" },
    },
  });
  const [output] = Array.isArray(result) ? result : [result];
  if (!output || !("output" in output)) throw new Error("The plugin program could not be built.");
  return output.output[0].code;
}
