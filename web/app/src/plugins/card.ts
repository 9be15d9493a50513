/** Says in plain sentences what a plugin is, needs and may touch, before anything of it runs. */
import {
  type Permissions,
  type PluginCard,
  type PluginSource,
  type PluginType,
  Store,
} from "../model";
import { toFailure } from "./failure";
import { parseJoy } from "./joy";
import { defaultPermissions } from "./permissions";
import { readRequirement } from "./requirements";

const RUNS_IN: Record<PluginType, string> = {
  "web-worker": "In the background of this page, closed off from it.",
  iframe: "In a hidden frame of this page, closed off from it.",
  window: "In a window of its own, closed off from the rest of the page.",
  "native-python": "In a Python process of its own on the computer of the engine.",
  "web-python": "In Python inside the browser, closed off from this page.",
  "web-python-window": "In Python inside the browser, in a window closed off from the page.",
  "rpc-window": "On a web page of its own, in a window closed off from the rest of the page.",
  collection: "Nowhere: it only brings other plugins along.",
};

/** Builds the card of a parsed plugin. */
export function makeCard(
  source: PluginSource,
  facts: { engine: boolean; replaces?: { version: string }; permissions?: Permissions },
): PluginCard {
  const { type } = source.manifest;
  const card: PluginCard = {
    source,
    runsIn: RUNS_IN[type],
    needs: needsOf(source),
    mayTouch: mayTouchOf(source),
    permissions: new Store(facts.permissions ?? defaultPermissions(source)),
    problems: problemsOf(source, facts.engine),
  };
  if (facts.replaces) card.replaces = facts.replaces;
  return card;
}

function needsOf({ manifest }: PluginSource): string[] {
  const needs: string[] = [];
  if (manifest.type === "native-python") {
    needs.push("A Python engine.");
    for (const text of envTexts(manifest.env)) needs.push(`The environment "${text}".`);
    const packages = manifest.requirements.map((text) => text.replace(/^pip\s*:\s*/, ""));
    if (packages.length > 0) needs.push(`The Python packages ${packages.join(", ")}.`);
  } else {
    for (const text of manifest.requirements) {
      const { kind, url } = readRequirement(text);
      if (kind === "style") needs.push(`The style sheet ${url}.`);
      else if (kind !== "unknown") needs.push(`The library ${url}.`);
    }
  }
  for (const name of manifest.dependencies) needs.push(`The plugin ${name}.`);
  for (const name of manifest.permissions) needs.push(`The permission "${name}".`);
  return needs;
}

function envTexts(env: unknown): string[] {
  const list = Array.isArray(env) ? env : env === null || env === undefined ? [] : [env];
  return list.map((entry) => (typeof entry === "string" ? entry : JSON.stringify(entry)));
}

function mayTouchOf({ manifest }: PluginSource): string[] {
  const touches = ["The image that is open when you run it."];
  if (manifest.type === "native-python") {
    touches.push("All files and programs that you can use on the computer of the engine.");
    touches.push("The network of that computer.");
  }
  return touches;
}

function problemsOf(source: PluginSource, engine: boolean): string[] {
  const { manifest } = source;
  const problems: string[] = [];
  if (manifest.type === "native-python" && !engine) {
    problems.push(
      "No Python engine is connected: it can be installed, and run once an engine is there.",
    );
  }
  if (manifest.type !== "native-python") {
    for (const text of manifest.requirements) {
      const { kind, url } = readRequirement(text);
      if (kind === "unknown") problems.push(`The requirement "${text}" is not known and left out.`);
      else if (url.startsWith("http:"))
        problems.push(`${url} is not loaded over a safe connection.`);
    }
  }
  try {
    parseJoy(manifest.ui);
  } catch (error) {
    const { cause, remedy } = toFailure(error, "Reading the form");
    problems.push(`${cause} ${remedy}`);
  }
  return problems;
}
