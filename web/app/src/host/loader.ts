/** Loads a plugin into its frame step by step; each step is answered in time or fails by name. */
import { type Peer, RpcError } from "@imjoy/rpc";
import type { LoadStep, PluginFacts, PluginInterface } from "@imjoy/sdk";
import type { PluginSource } from "../model";
import { isJavaScriptType } from "../plugins/blocks";
import { codedError, manifestError } from "../plugins/failure";
import { scriptFileName } from "../plugins/file-name";
import { readRequirement } from "../plugins/requirements";
import { STEP_SECONDS } from "./frame";
import type { Libraries } from "./libraries";

export interface LoadOptions {
  peer: Peer;
  /** Address of the plugin. */
  address: string;
  source: PluginSource;
  facts: Omit<PluginFacts, "name" | "type" | "tag" | "config">;
  libraries: Libraries;
  signal: AbortSignal;
  /** Told the name of each step before it begins. */
  onStep: (text: string, done: number, total: number) => void;
  log: (text: string) => void;
  /** Milliseconds for each step. */
  limit?: number;
}

/** Seconds for a script to call api.export after it has run, as one that first fetches something does. */
const EXPORT_SECONDS = 10;

interface Step {
  name: string;
  step: LoadStep;
}

/** Carries out every step and resolves to what the plugin exported. */
export async function loadIntoFrame(options: LoadOptions): Promise<PluginInterface> {
  const { source } = options;
  const { manifest, tag } = source;
  const steps = planSteps(source, options.log);
  const facts: PluginFacts = {
    ...options.facts,
    name: manifest.name,
    type: manifest.type,
    tag,
    config: manifest,
  };
  // What is sent to a frame arrives in its order, so nothing waits for the answer to this.
  const configured = ask(options, "Starting the frame", "sdk.configure", [facts]);
  configured.catch(() => undefined);
  for (const [done, { name, step }] of steps.entries()) {
    options.onStep(name, done, steps.length + 1);
    await loadStep(options, name, step);
  }
  await configured;
  options.onStep("Waiting for its functions", steps.length, steps.length + 1);
  // A page that takes no part in anything exports nothing.
  if (manifest.passive === true) return { methods: [], values: {} };
  const exported = await ask(options, "Waiting for api.export", "sdk.interface", []);
  return exported as PluginInterface;
}

/** The steps of a plugin in their order: libraries, styles, links, markup, scripts. */
export function planSteps(source: PluginSource, log: (text: string) => void): Step[] {
  const steps: Step[] = [];
  for (const text of source.manifest.requirements) {
    const { kind, url } = readRequirement(text);
    if (kind === "unknown") log(`The requirement "${text}" is not known and was left out.`);
    else if (kind !== "cache") {
      steps.push({ name: `Loading ${url}`, step: { kind: "require", as: kind, url } });
    }
  }
  for (const text of source.styles) {
    steps.push({ name: "Adding its styles", step: { kind: "style", text } });
  }
  for (const attrs of source.links) {
    steps.push({ name: "Adding its links", step: { kind: "link", attrs } });
  }
  for (const text of source.windows) {
    steps.push({ name: "Building its window", step: { kind: "html", text } });
  }
  for (const script of source.scripts) steps.push(...scriptSteps(source, script));
  return steps;
}

function scriptSteps(source: PluginSource, script: PluginSource["scripts"][number]): Step[] {
  const { attrs, content, lang, line } = script;
  const module = attrs.type === "module";
  if (typeof attrs.src === "string") {
    const as = module ? ("module" as const) : ("script" as const);
    return [{ name: `Loading ${attrs.src}`, step: { kind: "require", as, url: attrs.src } }];
  }
  if (isData(lang, attrs.type)) {
    if (source.manifest.type === "web-worker") {
      throw manifestError(
        `The script is written in ${lang}, which a web-worker plugin cannot run.`,
        'Use <script lang="javascript">, or the type native-python for Python.',
        { line },
      );
    }
    const type = typeof attrs.type === "string" ? attrs.type : `text/${lang}`;
    return [{ name: "Adding its data", step: { kind: "data", type, attrs, text: content } }];
  }
  const file = scriptFileName(source);
  return [
    { name: "Running its script", step: { kind: "script", text: content, file, line, module } },
  ];
}

/** True for templates, shaders and the like, which the plugin reads itself. */
function isData(lang: string, type: string | true | undefined): boolean {
  return !isJavaScriptType(type) || !["javascript", "js"].includes(lang);
}

async function loadStep(options: LoadOptions, name: string, step: LoadStep): Promise<void> {
  try {
    await ask(options, name, "sdk.load", [await withText(step, options.libraries)]);
  } catch (error) {
    if (step.kind !== "require") throw error;
    const reason = (await options.libraries.whyMissing(step.url)) ?? error;
    // A plugin works without its looks; and it may work without a style that has gone from the web.
    if (step.as !== "style" || options.signal.aborted) throw reason;
    options.log(reason instanceof Error ? reason.message : String(reason));
  }
}

async function withText(step: LoadStep, libraries: Libraries): Promise<LoadStep> {
  if (step.kind !== "require") return step;
  const text = await libraries.text(step.url);
  return text === undefined ? step : { ...step, text };
}

async function ask(
  options: LoadOptions,
  name: string,
  target: string,
  args: unknown[],
): Promise<unknown> {
  const { peer, address, signal } = options;
  const seconds = target === "sdk.interface" ? EXPORT_SECONDS : STEP_SECONDS;
  const timeout = options.limit ?? seconds * 1000;
  try {
    return await peer.call(address, target, args, { signal, timeout });
  } catch (error) {
    if (error instanceof RpcError && error.code === "rpc.timeout") {
      throw lateError(name, target, timeout / 1000);
    }
    throw error;
  }
}

function lateError(name: string, target: string, seconds: number): RpcError {
  const exporting = target === "sdk.interface";
  const cause = exporting
    ? `The script ran, but did not call api.export within ${seconds} seconds.`
    : `${name}: no answer within ${seconds} seconds.`;
  const remedy = exporting
    ? "End the script with api.export(new ImJoyPlugin())."
    : "Check your network, and the plugin for a loop that does not end; then try again.";
  return codedError("rpc.timeout", `${cause} ${remedy}`, { cause, remedy });
}
