/** Libraries that plugins load: from the app itself, the engine's mirror, or the browser's cache. */
import type { MirrorFacts } from "@imjoy/sdk";
import type { PluginSource } from "../model";
import { codedError } from "../plugins/failure";
import { isRecord } from "../plugins/manifest";
import { readRequirement } from "../plugins/requirements";

export interface LibraryParts {
  /** Address of the app. */
  base: URL;
  get?: (url: URL) => Promise<Response>;
  /** Asks the engine with the page's session; null while none is connected. */
  askEngine?: (path: string) => Promise<Response> | null;
  /** Which engine is connected; null: none. Another one has another mirror. */
  engine?: () => string | null;
  /** What the browser keeps of libraries from elsewhere; null where it keeps nothing. */
  cache?: () => Promise<Pick<Cache, "match" | "put"> | null>;
}

interface BuiltIn {
  path: string;
  type: string;
}

interface EngineFacts {
  prefix: string;
  hosts: string[];
  missing: { address: string; cause: string; remedy: string }[];
}

const FOLDER = "libraries/";
const CACHE = "imjoy-libraries";

export class Libraries {
  private manifest: Promise<Record<string, BuiltIn>> | null = null;
  private readonly texts = new Map<string, Promise<string | undefined>>();
  /** Where the mirror of an engine is; every start of a plugin needs it. */
  private known: { engine: string; facts: Promise<EngineFacts | null> } | null = null;
  private readonly get: (url: URL) => Promise<Response>;

  constructor(private readonly parts: LibraryParts) {
    this.get = parts.get ?? ((url) => fetch(url));
  }

  /** Where a plugin's frame finds the engine's mirror; null without an engine. */
  async mirrorFor(source: PluginSource): Promise<MirrorFacts | null> {
    const facts = await this.mirror();
    if (!facts) return null;
    const prefix = new URL(facts.prefix, this.parts.base).href;
    return { prefix, hosts: facts.hosts, addresses: namedAddresses(source, facts.hosts) };
  }

  /**
   * The text to hand to a frame for the library at that address; undefined when the frame can
   * load it itself, from the mirror or from where it is.
   */
  text(address: string): Promise<string | undefined> {
    const known = this.texts.get(address) ?? this.read(address);
    this.texts.set(address, known);
    void known.then((text) => {
      if (text === undefined) this.texts.delete(address);
    });
    return known;
  }

  /** Why the mirror does not have a library, as an error; null when it has nothing to say. */
  async whyMissing(address: string): Promise<Error | null> {
    const plain = address.trim().replace(/^(https?:)?\/\//, "");
    const facts = await this.askEngine();
    const found = facts?.missing.find(
      (entry) => plain.split("?")[0] === entry.address.split("?")[0],
    );
    if (!found) return null;
    const cause = `The library ${address} cannot be had. ${found.cause}`;
    const { remedy } = found;
    return codedError("plugin.load_failed", `${cause} ${remedy}`, { cause, remedy });
  }

  private async mirror(): Promise<EngineFacts | null> {
    const { engine = () => (this.parts.askEngine ? "engine" : null) } = this.parts;
    const id = engine();
    if (id === null) return null;
    if (this.known?.engine !== id) this.known = { engine: id, facts: this.askEngine() };
    const facts = await this.known.facts;
    if (facts === null) this.known = null;
    return facts;
  }

  private async askEngine(): Promise<EngineFacts | null> {
    try {
      const response = await this.parts.askEngine?.("api/libraries");
      return response?.ok ? ((await response.json()) as EngineFacts) : null;
    } catch {
      return null;
    }
  }

  private async read(address: string): Promise<string | undefined> {
    const own = await this.readBuiltIn(address);
    if (own !== undefined || !/^(https?:)?\/\//.test(address)) return own;
    if (await this.mirror()) return undefined;
    return this.readCached(new URL(address, "https://x/"));
  }

  private async readBuiltIn(address: string): Promise<string | undefined> {
    this.manifest ??= this.readManifest();
    const entries = await this.manifest;
    const entry = Object.hasOwn(entries, address) ? entries[address] : undefined;
    if (!entry) return undefined;
    try {
      const response = await this.get(new URL(FOLDER + entry.path, this.parts.base));
      if (response.ok) return await response.text();
    } catch {
      // Without its own copy the frame still may find the library on the network.
    }
    return undefined;
  }

  /** What was loaded once is there without a network; the network comes first no more then. */
  private async readCached(url: URL): Promise<string | undefined> {
    const cache = await (this.parts.cache ?? openCache)().catch(() => null);
    if (!cache) return undefined;
    try {
      const held = await cache.match(url);
      if (held) return await withAbsoluteAddresses(held, url);
      const response = await this.get(url);
      if (!response.ok) return undefined;
      await cache.put(url, response.clone());
      return await withAbsoluteAddresses(response, url);
    } catch {
      return undefined;
    }
  }

  private async readManifest(): Promise<Record<string, BuiltIn>> {
    try {
      const response = await this.get(new URL(`${FOLDER}manifest.json`, this.parts.base));
      const manifest: unknown = response.ok ? await response.json() : {};
      if (isRecord(manifest)) return manifest as unknown as Record<string, BuiltIn>;
    } catch {
      this.manifest = null;
    }
    return {};
  }
}

async function openCache(): Promise<Cache | null> {
  return typeof caches === "undefined" ? null : caches.open(CACHE);
}

/** Addresses of libraries on other hosts than the mirror's, as the plugin file has them. */
function namedAddresses(source: PluginSource, hosts: string[]): string[] {
  const named = [
    ...source.manifest.requirements.map((text) => readRequirement(text).url),
    ...source.scripts.map(({ attrs }) => attrs.src),
    ...source.links.map(({ href }) => href),
  ];
  return named.filter((address): address is string => {
    if (typeof address !== "string" || !/^(https?:)?\/\//.test(address)) return false;
    return (
      URL.canParse(address, "https://x/") && !hosts.includes(new URL(address, "https://x/").host)
    );
  });
}

/** A style sheet that is handed over as text has no address to which its own would be relative. */
async function withAbsoluteAddresses(response: Response, asked: URL): Promise<string> {
  const text = await response.text();
  const type = response.headers.get("content-type") ?? "";
  if (!type.includes("css") && !asked.pathname.endsWith(".css")) return text;
  const base = response.url || asked.href;
  return text.replace(
    /(url\(\s*["']?|@import\s+["'])(?![a-z][a-z0-9+.-]*:|\/\/|#)([^"')\s]+)/gi,
    (_, before: string, path: string) => before + new URL(path, base).href,
  );
}
