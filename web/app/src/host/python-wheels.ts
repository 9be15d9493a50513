/** Finds the packages of a plugin for Python in the browser: a mirror, Python's own collection, PyPI. */
import { codedError, toFailure } from "../plugins/failure";

/** What the lock file of Python for the browser says. */
export interface PythonLock {
  info: { version: string; python?: string; abi_version?: string };
  packages: Record<string, LockedPackage>;
}

interface LockedPackage {
  name: string;
  version: string;
  file_name: string;
  sha256: string;
  depends: string[];
}

interface PypiAnswer {
  info: { requires_dist: string[] | null };
  urls: { filename: string; url: string; digests: { sha256: string } }[];
}

type Get = (url: URL) => Promise<Response>;

/** What the engine gives of a package: its package index may be reached where the browser cannot go. */
export interface EngineWheel {
  filename: string;
  sha256: string;
  requires: string[];
  data: Uint8Array;
}

/** Asks the engine for a package; null: there is no engine. @throws RpcError when it has none */
export type AskEngine = (name: string, platform: string) => Promise<EngineWheel | null>;

const REMEDY = "Run the plugin on a Python engine: set its type to native-python.";
/** Wheels that run on Python in the browser. */
const RUNS = /-(?:py3|py2\.py3)-none-any\.whl$|_wasm32\.whl$/;

export class WheelFinder {
  private readonly wheels: Record<string, Blob> = {};
  private readonly seen = new Set<string>();

  constructor(
    private readonly lock: PythonLock,
    private readonly base: URL,
    private readonly get: Get,
    private readonly askEngine: AskEngine = async () => null,
  ) {}

  /** The wheels of these requirements and of what they need, by file name. */
  async find(
    requirements: readonly string[],
    onStep: (step: string, done: number, total: number) => void,
  ): Promise<Record<string, Blob>> {
    const waiting = requirements.map(nameOf).filter((name) => name !== "");
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      if (this.seen.has(name)) continue;
      this.seen.add(name);
      onStep(`Fetching ${name}`, this.seen.size - 1, this.seen.size + waiting.length);
      waiting.push(...(await this.add(name)));
    }
    return this.wheels;
  }

  /** Fetches one package; gives the names of what it needs. */
  private async add(name: string): Promise<string[]> {
    const locked = Object.values(this.lock.packages).find((known) => nameOf(known.name) === name);
    if (!locked) return this.addFromPypi(name);
    const path = `cdn.jsdelivr.net/pyodide/v${this.lock.info.version}/full/${locked.file_name}`;
    const blob = await this.first([
      new URL(`vendor/${path}`, this.base),
      new URL(`https://${path}`),
    ]);
    if (!blob) {
      const found = await this.fromEngine(name);
      if (typeof found !== "string") return found;
      throw missing(name, "it could not be fetched from the collection of Python packages");
    }
    await check(name, blob, locked.sha256);
    this.wheels[locked.file_name] = blob;
    return locked.depends.map(nameOf);
  }

  /** From the package index of the engine's machine; a text says why not. */
  private async fromEngine(name: string): Promise<string[] | string> {
    const { python = "", abi_version = "" } = this.lock.info;
    const [major, minor] = python.split(".");
    const tag = `cp${major}${minor}-cp${major}${minor}-pyemscripten_${abi_version}_wasm32`;
    try {
      const wheel = await this.askEngine(name, tag);
      if (wheel === null) return "";
      const blob = new Blob([wheel.data as BlobPart]);
      await check(name, blob, wheel.sha256);
      this.wheels[wheel.filename] = blob;
      return wheel.requires.map(nameOf);
    } catch (error) {
      return toFailure(error, "").cause;
    }
  }

  private async addFromPypi(name: string): Promise<string[]> {
    const found = await this.fromEngine(name);
    if (typeof found !== "string") return found;
    const about = await this.first([
      new URL(`https://pypi.org/pypi/${encodeURIComponent(name)}/json`),
    ]);
    if (!about)
      throw found === "" ? missing(name, "it could not be found on pypi.org") : refusal(found);
    const { info, urls } = JSON.parse(await about.text()) as PypiAnswer;
    const wheel = urls.find(({ filename }) => RUNS.test(filename));
    if (!wheel) throw missing(name, "there is no build of it for Python in the browser");
    const blob = await this.first([new URL(wheel.url)]);
    if (!blob) throw missing(name, "its file could not be fetched");
    await check(name, blob, wheel.digests.sha256);
    this.wheels[wheel.filename] = blob;
    return (info.requires_dist ?? []).filter((text) => !text.includes(";")).map(nameOf);
  }

  private async first(addresses: URL[]): Promise<Blob | null> {
    for (const address of addresses) {
      const answer = await this.get(address).catch(() => null);
      if (answer?.ok) return answer.blob();
    }
    return null;
  }
}

/** The name in `pip: scikit-image>=0.2 [extra]`, in the one spelling that PyPI compares. */
export function nameOf(requirement: string): string {
  const text = requirement.trim().replace(/^(?:pip|package|micropip)\s*:\s*/i, "");
  return (/^[A-Za-z0-9][\w.-]*/.exec(text)?.[0] ?? "").toLowerCase().replace(/[-_.]+/g, "-");
}

async function check(name: string, blob: Blob, sha256: string): Promise<void> {
  // Pages of other machines without https have no digests; what came over https is believed there.
  if (!globalThis.crypto?.subtle) return;
  const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  const found = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0"));
  if (found.join("") !== sha256) throw missing(name, "its file is damaged");
}

function refusal(cause: string): Error {
  return codedError("plugin.load_failed", `${cause} ${REMEDY}`, { cause, remedy: REMEDY });
}

function missing(name: string, why: string): Error {
  const cause = `The package ${name} cannot be used in the browser: ${why}.`;
  return refusal(cause);
}
