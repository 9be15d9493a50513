/** The plugins and samples that come with the app, read from the files that list them. */
import type { RepositoryEntry, Sample } from "../model";
import { isRecord } from "./manifest";

const REPOSITORY = "repository/";
const SAMPLES = "samples/";

/** The built-in plugins; an empty list when the app was built without. */
export async function readRepository(base: URL): Promise<RepositoryEntry[]> {
  const index = await readJson(new URL(`${REPOSITORY}manifest.imjoy.json`, base));
  const plugins = isRecord(index) && Array.isArray(index.plugins) ? index.plugins : [];
  const root = isRecord(index) && typeof index.uri_root === "string" ? index.uri_root : "";
  return plugins.filter(isRecord).flatMap((entry) => {
    if (typeof entry.name !== "string" || entry.disabled === true) return [];
    return [readEntry(entry.name, entry, root)];
  });
}

function readEntry(name: string, entry: Record<string, unknown>, root: string): RepositoryEntry {
  const text = (key: string): string => (typeof entry[key] === "string" ? entry[key] : "");
  const labels = Array.isArray(entry.labels) ? entry.labels.map(String) : [];
  const folder = root && !/^https?:/.test(root) ? `${root.replace(/^\.?\/|\/$/g, "")}/` : "";
  const uri = text("uri") || `${name}.imjoy.html`;
  return {
    name,
    type: text("type"),
    version: text("version"),
    description: text("description"),
    icon: text("icon") || null,
    labels,
    path: REPOSITORY + (folder + uri).split("/").map(encode).join("/"),
  };
}

/** The sample images; an empty list when the app was built without. */
export async function readSamples(base: URL): Promise<Sample[]> {
  const index = await readJson(new URL(`${SAMPLES}samples.json`, base));
  const list = isRecord(index) ? index.samples : index;
  if (!Array.isArray(list)) return [];
  return list.filter(isRecord).flatMap((sample) => {
    const path = typeof sample.path === "string" ? sample.path : String(sample.file ?? "");
    if (!path) return [];
    const name = String(sample.name ?? path);
    return [
      {
        id: String(sample.id ?? name),
        name,
        description: String(sample.description ?? ""),
        path: path.startsWith(SAMPLES) ? path : SAMPLES + path,
      },
    ];
  });
}

function encode(segment: string): string {
  return encodeURIComponent(decodeURIComponent(segment));
}

async function readJson(url: URL): Promise<unknown> {
  try {
    const response = await fetch(url);
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}
