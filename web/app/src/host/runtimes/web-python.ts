/** Runs Python plugins in the page: Python for the browser, in a worker of a frame or in a window. */
import { newId } from "@imjoy/rpc";
import { codedError, toFailure } from "../../plugins/failure";
import { scriptFileName } from "../../plugins/file-name";
import { readRequirement } from "../../plugins/requirements";
import { openFrame } from "../frame";
import { allowedDevices } from "../frame-rights";
import { planSteps } from "../loader";
import { framePolicy } from "../policy";
import type { PythonFiles } from "../python-files";
import { FrameConnection } from "./frame-connection";
import { runOnEngine } from "./python";
import { fileAddresses, type House, type Instance, type Launch, type Runtime } from "./runtime";

/** Milliseconds for Python to begin and run the script; the first start on a slow machine takes long. */
const START = 180_000;

export const runPythonInWorker: Runtime = (house, launch) => run(house, launch, true);
export const runPythonInFrame: Runtime = (house, launch) => run(house, launch, false);

async function run(house: House, launch: Launch, worker: boolean): Promise<Instance> {
  const { peer } = house;
  const { source, signal, job } = launch;
  const address = `${peer.address}/${newId()}`;
  launch.onAddress(address);
  job.update({ step: "Fetching Python for the browser" });
  const runtime = await fetchPython(house, launch).catch((error: unknown) =>
    error instanceof Error ? error : new Error(String(error)),
  );
  if (runtime instanceof Error) {
    if (worker && (await mayUseEngine(house, launch, runtime))) return runOnEngine(house, launch);
    throw runtime;
  }
  const steps = worker ? [] : planSteps(forWindow(source), (text) => launch.log("info", text));
  const texts = steps.map(async ({ step }) =>
    step.kind === "require" ? { ...step, text: await house.libraries.text(step.url) } : step,
  );
  const granted = await house.permissions.of(launch);
  const keeps = !worker && granted.choices.storage !== "block";
  const python = {
    ...runtime,
    steps: await Promise.all(texts),
    storage: keeps ? await house.storage(launch.id) : null,
  };
  const frame = await openFrame({
    container: launch.container ?? house.hidden(),
    title: source.manifest.name,
    policy: framePolicy(source, granted, fileAddresses(house)),
    allow: await allowedDevices(house.permissions, launch),
    downloads: granted.choices.downloads === "allow",
    limited: granted.choices.network !== "any",
    sdk: house.sdk,
    worker,
    warm: house.warm,
    mirror: await house.libraries.mirrorFor(source),
    address,
    host: peer.address,
    signal,
    python,
    onSaid: ({ kind, level, text }) => {
      if (kind === "progress") job.update({ step: text, done: 0, total: 0, unit: "" });
      else launch.log(level === "error" ? "error" : "info", text);
    },
  });
  const connection = new FrameConnection(house, launch, address, frame);
  try {
    const loaded = await peer.call(address, "worker.load", [description(house, launch)], {
      signal,
      timeout: START,
    });
    const { interface: methods, values } = loaded as {
      interface: string[];
      values: Record<string, unknown>;
    };
    return connection.instance(methods, values);
  } catch (error) {
    connection.close("The plugin could not be loaded.");
    throw connection.failure ?? error;
  }
}

function fetchPython({ python }: House, { source, job }: Launch): ReturnType<PythonFiles["files"]> {
  const packages = source.manifest.requirements.filter((text) => isPackage(text));
  return python.files(packages, (step, done, total) =>
    job.update({ step, done, total, unit: "packages" }),
  );
}

/** Asks whether a plugin whose packages are not there for the browser shall run on the engine. */
async function mayUseEngine(house: House, { source }: Launch, error: Error): Promise<boolean> {
  if (house.engine.address === null) return false;
  const { cause } = toFailure(error, "");
  const { name } = source.manifest;
  return house.confirm({
    title: `Run ${name} on the Python engine?`,
    text: `${cause} On the engine it can read and change everything that you can on that computer.`,
    confirm: "Run on the engine",
  });
}

function description({ peer, engine, base, workspace }: House, { source }: Launch): object {
  const { manifest, code, tag, scripts } = source;
  const python = scripts.filter(({ lang }) => lang === "python");
  if (python.length === 0) {
    const remedy = 'Put the code into <script lang="python">.';
    const cause = "The plugin has no script in Python.";
    throw codedError("plugin.load_failed", `${cause} ${remedy}`, { cause, remedy });
  }
  return {
    name: manifest.name,
    file: scriptFileName(source),
    code,
    config: manifest,
    tag,
    workspace: workspace(),
    host: peer.address,
    work_dir: null,
    engine_url: engine.address ? base.origin : "",
    scripts: python,
  };
}

/** True for the name of a Python package; scripts and styles are for the window. */
function isPackage(text: string): boolean {
  return readRequirement(text).kind === "unknown" && !/^\s*(?:repo|cmd|conda)\s*:/.test(text);
}

/** The plugin without its Python: its libraries, styles, markup and scripts. */
function forWindow(source: Launch["source"]): Launch["source"] {
  const { manifest, scripts } = source;
  const requirements = manifest.requirements.filter((text) => !isPackage(text));
  return {
    ...source,
    manifest: { ...manifest, requirements },
    scripts: scripts.filter(({ lang }) => lang !== "python"),
  };
}
