/** Finds and reads the plugin file behind an address: plain, GitHub page, gist, or `user/repo:Name`. */
import { RENAMED_REPOSITORIES } from "../model";
import { codedError } from "./failure";

export interface Download {
  text: string;
  /** Address that was read in the end. */
  origin: string;
  /** Tag asked for with `…@tag`. */
  tag: string | null;
}

export type Fetch = (url: string) => Promise<Response>;

const LIMIT = 16 * 1024 * 1024;
const SECONDS = 20;
/** Old plugins still name repositories as they were called. */
const RENAMED: Readonly<Record<string, string>> = RENAMED_REPOSITORIES;
/** Where a bare name is looked for at last. */
const USUAL = Object.values(RENAMED_REPOSITORIES);
/** Branches that are meant when none is named. */
const BRANCHES = ["master", "main"];

/** Asks the network, and not longer than anybody would wait. */
export const fetchInTime: Fetch = (url) =>
  fetch(url, { signal: AbortSignal.timeout(SECONDS * 1000) });

/** The address of the raw file for the address of a page on GitHub; other addresses stay as they are. */
export function rawUrl(address: string): string {
  const page = /^https?:\/\/(?:www\.)?github\.com\/([^/]+)\/([^/]+)\/(?:blob|raw)\/(.+)$/.exec(
    address,
  );
  if (!page) return address;
  return `https://raw.githubusercontent.com/${page[1]}/${page[2]}/${(page[3] as string).replace(/\?.*$/, "")}`;
}

/** Takes `@tag` off the end of an address of a plugin file. */
export function splitTag(address: string): { address: string; tag: string | null } {
  const found = /^(.*\.imjoy\.html(?:\?[^@#]*)?)@([^@/]+)$/.exec(address);
  return found ? { address: found[1] as string, tag: found[2] as string } : { address, tag: null };
}

export interface RepositoryAddress {
  repository: string;
  revision: string | null;
  name: string;
  tag: string | null;
}

/** Reads `USER/REPO[@REVISION]:PLUGIN NAME[@TAG]`. */
export function readRepositoryAddress(address: string): RepositoryAddress | null {
  const found = /^([\w.-]+\/[\w.-]+)(?:@([^:]+))?:([^@]+)(?:@(.+))?$/.exec(address.trim());
  if (!found || /^https?:/.test(address)) return null;
  const repository = found[1] as string;
  return {
    repository: RENAMED[repository.toLowerCase()] ?? repository,
    revision: found[2] ?? null,
    name: (found[3] as string).trim(),
    tag: found[4]?.trim() ?? null,
  };
}

/**
 * Downloads a plugin file.
 * @throws RpcError plugin.load_failed that names the address, the reason and the remedy
 */
export async function downloadPlugin(address: string, get: Fetch = fetchInTime): Promise<Download> {
  const fromRepository = readRepositoryAddress(address);
  if (fromRepository) return downloadFromRepository(fromRepository, get);
  const split = splitTag(address.trim());
  if (isBareName(address)) return downloadByName(address, "", get);
  if (!/^https?:\/\//.test(split.address)) {
    throw failed(address, "it is not a web address", "Give an address that begins with https://.");
  }
  const url = /^https?:\/\/gist\.github\.com\//.test(split.address)
    ? await gistFile(split.address, get)
    : rawUrl(split.address);
  return { text: await readText(url, get), origin: url, tag: split.tag };
}

/** True for the text of a plugin file, which may be one line. */
export function isPluginText(text: string): boolean {
  return text.includes("\n") || /^\s*<(?:config|docs|script|window)[\s>]/.test(text);
}

/** True for a name without an address, such as `Plugin` or `Plugin@tag`. */
export function isBareName(text: string): boolean {
  return !/[/:\n]/.test(text) && text.trim() !== "";
}

/**
 * Downloads the plugin of a name from the repository that a plugin came from, or one of the usual; of a
 * file's name, the file beside that plugin's.
 * @throws RpcError plugin.load_failed
 */
export async function downloadByName(
  name: string,
  parentOrigin: string,
  get: Fetch = fetchInTime,
): Promise<Download> {
  const { address, tag } = splitTag(name.trim());
  if (address.endsWith(".imjoy.html") && /^https?:/.test(parentOrigin)) {
    return { ...(await downloadPlugin(new URL(address, parentOrigin).href, get)), tag };
  }
  const reasons: string[] = [];
  for (const repository of new Set([...repositoryOf(parentOrigin), ...USUAL])) {
    try {
      const found = readRepositoryAddress(`${repository}:${name}`);
      if (found) return await downloadFromRepository(found, get);
    } catch (error) {
      reasons.push(`${repository}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw failed(
    name,
    `no repository has a plugin of that name (${reasons.join(" ")})`,
    "Check the name, or give an address that begins with https:// or user/repository:Name.",
  );
}

/** The repository and revision that an address on GitHub lies in. */
function repositoryOf(origin: string): string[] {
  const found = /^https:\/\/raw\.githubusercontent\.com\/([^/]+\/[^/]+)\/([^/]+)\//.exec(origin);
  if (!found) return [];
  const revision = BRANCHES.includes(found[2] as string) ? "" : `@${found[2]}`;
  return [`${found[1]}${revision}`];
}

async function downloadFromRepository(wanted: RepositoryAddress, get: Fetch): Promise<Download> {
  const { root, text } = await readIndex(wanted, get);
  const index = parseIndex(text, `${root}manifest.imjoy.json`);
  const name = wanted.name.toLowerCase();
  const entry =
    index.plugins.find((plugin) => plugin.name === wanted.name) ??
    index.plugins.find((plugin) => plugin.name.toLowerCase() === name);
  if (!entry) {
    const cause = `the repository ${wanted.repository} does not list it`;
    throw failed(wanted.name, cause, "Check the name of the plugin.");
  }
  const uri = entry.uri ?? `${entry.name}.imjoy.html`;
  const base = new URL(index.uri_root ? `${index.uri_root.replace(/\/?$/, "/")}` : "", root);
  const url = rawUrl(new URL(/^https?:/.test(uri) ? uri : encodeOnce(uri), base).href);
  return { text: await readText(url, get), origin: url, tag: wanted.tag };
}

/** The index at the revision that is named, or at the first of the usual branches that has one. */
async function readIndex(
  { repository, revision }: RepositoryAddress,
  get: Fetch,
): Promise<{ root: string; text: string }> {
  let first: unknown = null;
  for (const branch of revision === null ? BRANCHES : [revision]) {
    const root = `https://raw.githubusercontent.com/${repository}/${branch}/`;
    try {
      return { root, text: await readText(`${root}manifest.imjoy.json`, get) };
    } catch (error) {
      first ??= error;
    }
  }
  throw first;
}

interface Index {
  uri_root?: string;
  plugins: { name: string; uri?: string }[];
}

function parseIndex(text: string, url: string): Index {
  try {
    const { uri_root, plugins } = JSON.parse(text) as { uri_root?: unknown; plugins?: unknown };
    const listed = (Array.isArray(plugins) ? plugins : []).filter(
      (entry): entry is Index["plugins"][number] => typeof entry?.name === "string",
    );
    return { ...(typeof uri_root === "string" ? { uri_root } : {}), plugins: listed };
  } catch {
    throw failed(url, "it is not valid JSON", "Tell the owner of the repository.");
  }
}

/** Some indexes have encoded their addresses already. */
function encodeOnce(uri: string): string {
  return /%[0-9a-f]{2}/i.test(uri) ? uri : encodeURI(uri);
}

async function gistFile(address: string, get: Fetch): Promise<string> {
  const id = /gist\.github\.com\/(?:[^/]+\/)?([0-9a-f]+)/.exec(address)?.[1] ?? "";
  const gist = JSON.parse(await readText(`https://api.github.com/gists/${id}`, get)) as {
    files?: Record<string, { filename: string; raw_url: string }>;
  };
  const file = Object.values(gist.files ?? {}).find(({ filename }) =>
    filename.endsWith(".imjoy.html"),
  );
  if (!file) throw failed(address, "it holds no .imjoy.html file", "Give the address of the file.");
  return file.raw_url;
}

async function readText(url: string, get: Fetch): Promise<string> {
  let response: Response;
  try {
    response = await get(url);
  } catch (error) {
    const late = error instanceof Error && error.name === "TimeoutError";
    const cause = late ? `there was no answer in ${SECONDS} seconds` : "it could not be reached";
    throw failed(
      url,
      cause,
      "Check the address and your network, or download the file and drop it on the page.",
    );
  }
  if (!response.ok) {
    throw failed(url, `the server answered ${response.status}`, "Check the address.");
  }
  if (Number(response.headers.get("content-length") ?? 0) > LIMIT) {
    throw failed(url, "it is larger than 16 MB", "Check that the address is that of a plugin.");
  }
  return response.text();
}

function failed(address: string, cause: string, remedy: string): Error {
  return codedError("plugin.load_failed", `${address} cannot be loaded: ${cause}. ${remedy}`, {
    step: `Loading ${address}`,
    cause: `The plugin cannot be loaded: ${cause}.`,
    remedy,
  });
}
