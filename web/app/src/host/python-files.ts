/** Fetches Python for the browser, once and only when a plugin needs it, and the packages for it. */
import type { PythonRuntime } from "@imjoy/sdk";
import { codedError } from "../plugins/failure";
import { type AskEngine, type PythonLock, WheelFinder } from "./python-wheels";

const NAMES = ["pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip"] as const;
const LOCK = "pyodide-lock.json";

type Parts = Pick<PythonRuntime, "files" | "sources">;
type Progress = (step: string, done: number, total: number) => void;

export class PythonFiles {
  private parts: Promise<Parts> | null = null;

  constructor(
    private readonly base: URL,
    private readonly askEngine: AskEngine = async () => null,
    private readonly get: (url: URL) => Promise<Response> = (url) => fetch(url),
  ) {}

  /** Python and the wheels of these requirements. @throws RpcError plugin.load_failed */
  async files(
    requirements: readonly string[],
    onStep: Progress,
  ): Promise<Omit<PythonRuntime, "steps" | "storage">> {
    this.parts ??= this.fetchParts().catch((error: unknown) => {
      this.parts = null;
      throw error;
    });
    const { files, sources } = await this.parts;
    if (requirements.length === 0) return { files, sources, wheels: [] };
    const lock = JSON.parse(await (files[LOCK] as Blob).text()) as PythonLock;
    const finder = new WheelFinder(lock, this.base, this.get, this.askEngine);
    const wheels = await finder.find(requirements, onStep);
    return { files: { ...files, ...wheels }, sources, wheels: Object.keys(wheels) };
  }

  private async fetchParts(): Promise<Parts> {
    const folder = new URL("runtimes/", this.base);
    const names = [...NAMES, LOCK];
    const blobs = await Promise.all(
      names.map((name) => this.blob(new URL(`pyodide/${name}`, folder))),
    );
    const sources = await this.blob(new URL("imjoy-python.json", folder));
    return {
      files: Object.fromEntries(names.map((name, at) => [name, blobs[at] as Blob])),
      sources: JSON.parse(await sources.text()) as Record<string, string>,
    };
  }

  private async blob(url: URL): Promise<Blob> {
    const answer = await this.get(url).catch(() => null);
    if (answer?.ok) return answer.blob();
    const cause = answer
      ? `The app's own server answered ${answer.status} for ${url.pathname}.`
      : "The app's own server cannot be reached, and Python was not kept for offline use.";
    const remedy = "Connect to the server and try again.";
    throw codedError("plugin.load_failed", `${cause} ${remedy}`, {
      step: "Fetching Python for the browser",
      cause,
      remedy,
    });
  }
}
