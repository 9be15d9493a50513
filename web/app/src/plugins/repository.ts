/** The plugins and samples that come with the app, read from the files that list them. */
import type { RepositoryEntry, Sample } from "../model";
import { codedError } from "./failure";
import { isRecord } from "./manifest";
import { type Fetch, fetchInTime } from "./source";

const REPOSITORY = "repository/";
const SAMPLES = "samples/";

/** The built-in plugins; an empty list when the app was built without. */
export async function readRepository(base: URL): Promise<RepositoryEntry[]> {
  const index = await readJson(new URL(`${REPOSITORY}manifest.imjoy.json`, base));
  return entriesOf(index, "", (uri) => REPOSITORY + uri.split("/").map(encode).join("/"));
}

/** The folder of a repository: `user/repo[@revision]`, its page on GitHub, or the address of its list. */
export function repositoryRoot(address: string): URL {
  const short = /^([\w.-]+\/[\w.-]+?)(?:@([\w./-]+))?$/.exec(address.trim());
  const page =
    /^https?:\/\/(?:www\.)?github\.com\/([^/]+\/[^/#?]+?)(?:\.git)?(?:\/tree\/([^#?]+))?\/?$/.exec(
      address.trim(),
    );
  const found = short ?? page;
  if (found) {
    return new URL(`https://raw.githubusercontent.com/${found[1]}/${found[2] ?? "master"}/`);
  }
  const url = URL.parse(address.trim());
  if (url !== null && /^https?:$/.test(url.protocol)) {
    return new URL(
      /\.json$/.test(url.pathname) ? "." : `${url.pathname.replace(/\/?$/, "/")}`,
      url,
    );
  }
  const cause = `"${address}" is no repository.`;
  const remedy = "Write user/repo, or the web address of a folder with manifest.imjoy.json.";
  throw codedError("plugin.not_found", `${cause} ${remedy}`, { cause, remedy });
}

/**
 * The plugins of a repository elsewhere.
 * @throws RpcError when its list cannot be read
 */
export async function readRepositoryAt(
  address: string,
  get: Fetch = fetchInTime,
): Promise<RepositoryEntry[]> {
  const root = repositoryRoot(address);
  const index = await readJson(new URL("manifest.imjoy.json", root), get);
  if (!isRecord(index) || !Array.isArray(index.plugins)) {
    const cause = `There is no list of plugins at ${root.href}manifest.imjoy.json.`;
    const remedy = "Check the address; its server must allow other pages to read the list.";
    throw codedError("plugin.load_failed", `${cause} ${remedy}`, { cause, remedy });
  }
  return entriesOf(index, address.trim(), (uri) => new URL(encodeURI(decodeURI(uri)), root).href);
}

function entriesOf(
  index: unknown,
  repository: string,
  place: (uri: string) => string,
): RepositoryEntry[] {
  const plugins = isRecord(index) && Array.isArray(index.plugins) ? index.plugins : [];
  const root = isRecord(index) && typeof index.uri_root === "string" ? index.uri_root : "";
  return plugins.filter(isRecord).flatMap((entry) => {
    if (typeof entry.name !== "string" || entry.disabled === true) return [];
    const uri = typeof entry.uri === "string" && entry.uri ? entry.uri : `${entry.name}.imjoy.html`;
    if (/^https?:/.test(uri)) return [readEntry(entry.name, entry, repository, uri)];
    const folder = root && !/^https?:/.test(root) ? `${root.replace(/^\.?\/|\/$/g, "")}/` : "";
    return [readEntry(entry.name, entry, repository, place(folder + uri))];
  });
}

function readEntry(
  name: string,
  entry: Record<string, unknown>,
  repository: string,
  path: string,
): RepositoryEntry {
  const text = (key: string): string => (typeof entry[key] === "string" ? entry[key] : "");
  const texts = (key: string): string[] =>
    Array.isArray(entry[key]) ? (entry[key] as unknown[]).map(String) : [];
  const cover = texts("cover")[0] ?? text("cover");
  return {
    name,
    type: text("type"),
    version: text("version"),
    description: text("description"),
    icon: text("icon") || null,
    cover: cover || null,
    labels: texts("labels"),
    tags: texts("tags"),
    requirements: texts("requirements"),
    repository,
    path,
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

async function readJson(url: URL, get: Fetch = fetchInTime): Promise<unknown> {
  try {
    const response = await get(url.href);
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}
