/** Vite plugins for what the app carries besides its code: libraries, plugins, samples, icons, checksums. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";
import { drawIcon } from "./vite-icon";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const FOLDERS = { repository: "plugins", samples: "samples" };
const SHIPPED = /\.(imjoy\.html|json|png|tiff?|jpe?g)$/;

/** Libraries that plugins ask for by address: package, file and the addresses that mean it. */
const LIBRARIES = [
  {
    package: "@tensorflow/tfjs",
    file: "dist/tf.min.js",
    path: "cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0/dist/tf.min.js",
    versions: ["@4.22.0", "@4.22", "@4", "@latest", ""],
    files: ["/dist/tf.min.js", "/dist/tf.js", "/dist/tf.min.js", ""],
    hosts: ["https://cdn.jsdelivr.net/npm/", "https://unpkg.com/"],
  },
];

/** Adds the folders and libraries to the output. */
export function content(): Plugin {
  return {
    name: "imjoy-content",
    generateBundle() {
      const emit = (fileName: string, source: Uint8Array | string) =>
        this.emitFile({ type: "asset", fileName, source });
      for (const [target, folder] of Object.entries(FOLDERS)) {
        for (const path of filesOf(join(ROOT, folder))) {
          const name = relative(join(ROOT, folder), path);
          if (SHIPPED.test(name)) emit(`${target}/${name}`, readFileSync(path));
        }
      }
      emit("libraries/manifest.json", JSON.stringify(emitLibraries(emit), null, 1));
      for (const name of ["imjoy-rpc.js", "imjoy-rpc.min.js"]) {
        emit(`lib/${name}`, readFileSync(join(homeOf("imjoy-rpc"), "dist", name)));
      }
      for (const size of [192, 512]) emit(`icon-${size}.png`, drawIcon(size));
    },
  };
}

/** Writes `imjoy-files.json`, the sizes and checksums of every file; must come last. */
export function checksums(): Plugin {
  let folder = "";
  return {
    name: "imjoy-checksums",
    apply: "build",
    configResolved(config) {
      folder = resolve(config.root, config.build.outDir);
    },
    closeBundle: {
      order: "post",
      sequential: true,
      handler() {
        const list: Record<string, { sha256: string; size: number }> = {};
        for (const path of filesOf(folder)) {
          const name = relative(folder, path);
          if (name === "imjoy-files.json") continue;
          const data = readFileSync(path);
          list[name] = { sha256: sha256(data), size: data.length };
        }
        writeFileSync(join(folder, "imjoy-files.json"), `${JSON.stringify(list, null, 1)}\n`);
      },
    },
  };
}

function emitLibraries(emit: (name: string, source: Uint8Array) => void) {
  const manifest: Record<string, { path: string; type: string; sha256: string }> = {};
  for (const library of LIBRARIES) {
    const home = homeOf(library.package);
    const data = readFileSync(join(home, library.file));
    emit(`libraries/${library.path}`, data);
    const entry = { path: library.path, type: "text/javascript", sha256: sha256(data) };
    for (const host of library.hosts)
      for (const version of library.versions)
        for (const file of library.files)
          manifest[`${host}${library.package}${version}${file}`] = entry;
  }
  return manifest;
}

/** The folder of an npm package. */
function homeOf(name: string): string {
  return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
}

function sha256(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

function filesOf(folder: string): string[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      return statSync(path).isDirectory() ? filesOf(path) : [path];
    });
}
