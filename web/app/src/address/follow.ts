/** Does what an address asks for. Nothing unknown is installed and nothing runs before the user has agreed. */
import type { PluginEntry, RepositoryEntry, Workbench } from "../model";
import { codedError, toFailure } from "../plugins/failure";
import { rawUrl, readRepositoryAddress, splitTag } from "../plugins/source";
import { PASSING } from "../workspaces/workspace-list";
import type { WantedPlugin, Wish } from "./wish";

export interface FollowParts {
  workbench: Workbench;
  /** Address of the page itself. */
  here: URL;
  /** Shows a view of the side bar; gives the names that there are when this is none. */
  show(view: string): string[] | null;
  /** Puts a text into the search of the library, and shows it. */
  search(text: string): void;
  maximise(): void;
  /** Goes to another address. */
  go(address: string): void;
  fetch?: typeof fetch;
}

/** Follows the wish step by step; what fails becomes a notice and the rest goes on. */
export async function followWish(parts: FollowParts, wish: Wish): Promise<void> {
  const { workbench } = parts;
  if (wish.engine !== null && !(await useEngine(parts, wish, wish.engine))) return;
  if (wish.unknown.length > 0) {
    const names = wish.unknown.map((name) => `"${name}"`).join(", ");
    workbench.notify("info", `The address asks for ${names}, which this version does not know.`);
  }
  if (wish.unreadable.length > 0) {
    const names = wish.unreadable.map((name) => `"${name}"`).join(", ");
    workbench.notify("info", `The address has no valid JSON in ${names}, which is left out.`);
  }
  if (wish.page !== null && followPage(parts, wish.page)) return;
  await attempt(parts, "Opening the workspace of the address", () => openWorkspace(parts, wish));
  for (const repository of wish.repositories) {
    await attempt(parts, `Adding the repository ${repository}`, async () => {
      await workbench.addRepository(repository);
    });
  }
  if (wish.repositories.length > 0) parts.show("library");
  const agreed = new Set<string>();
  for (const plugin of wish.plugins) {
    await attempt(parts, `Installing ${plugin.source}`, async () => {
      const id = await install(parts, plugin, wish);
      if (id !== null) agreed.add(id);
    });
  }
  await openWanted(parts, wish);
  if (wish.show !== null) showView(parts, wish.show);
  if (wish.run !== null) {
    const name = wish.run;
    await attempt(parts, `Running ${name}`, () => run(parts, wish, name, agreed));
  }
}

/** @returns whether another page goes on */
function followPage({ workbench, here, show, go }: FollowParts, page: string): boolean {
  if (page === "lite") {
    go(new URL(`lite.html${here.search}${here.hash}`, here).href);
    return true;
  }
  if (page === "repo") show("library");
  else
    workbench.notify("info", `The address asks for the page "${page}", which there is not here.`);
  return false;
}

function showView({ workbench, show }: FollowParts, view: string): void {
  const names = show(view);
  if (names === null) return;
  const remedy = `These can be shown: ${names.join(", ")}.`;
  workbench.notify(
    "info",
    `The address asks for the view "${view}", which there is not. ${remedy}`,
  );
}

/** The plugin that is asked for, installed now if the user agrees; `agreed`: the user did so just now. */
export async function ensurePlugin(
  parts: FollowParts,
  wish: Wish,
): Promise<{ plugin: PluginEntry | undefined; agreed: boolean }> {
  const { workbench } = parts;
  const wanted = wish.plugins[0];
  const known = (): PluginEntry | undefined => {
    const name = wanted?.source ?? wish.run;
    return name ? installed(workbench.plugins.get(), name) : undefined;
  };
  let id: string | null = null;
  if (wanted) {
    await attempt(parts, `Installing ${wanted.source}`, async () => {
      id = await install(parts, wanted, wish);
    });
  }
  const plugin = workbench.plugins.get().find((entry) => entry.id === id) ?? known();
  return { plugin, agreed: id !== null };
}

/** Opens the files that the address names. */
export async function openWanted(parts: FollowParts, wish: Wish): Promise<void> {
  for (const address of wish.open) {
    // A link to a workspace brings what is in it once.
    if (wish.workspace === null || !isOpen(parts, address)) await open(parts, address);
  }
}

async function attempt(
  { workbench }: FollowParts,
  step: string,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const failure = toFailure(error, step);
    workbench.notify("error", `${step}: ${failure.cause}`, failure);
  }
}

/** @returns whether this page is the one of that engine, so that the rest can go on here */
async function useEngine(parts: FollowParts, wish: Wish, address: string): Promise<boolean> {
  const { workbench, here } = parts;
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    workbench.notify("info", "The address names no engine that can be opened.");
    return true;
  }
  if (url.origin === here.origin) {
    const { state } = workbench.engine.get();
    if (wish.token !== null && state === "signed-out") await workbench.signIn(wish.token);
    return true;
  }
  const text = `This address belongs to the engine at ${url.origin}, which has a page of its own. There it goes on; what is open here stays here.`;
  if (
    await workbench.confirm({ title: "Open the page of another engine?", text, confirm: "Open" })
  ) {
    parts.go(`${url.origin}/#/app?${paramsOf(here, wish.token)}`);
    return false;
  }
  return true;
}

/** All parameters but the engine; the secret travels in the fragment, which no server is told. */
function paramsOf(here: URL, token: string | null): string {
  const fragment = here.hash.includes("?") ? (here.hash.split("?")[1] ?? "") : "";
  const params = new URLSearchParams([...here.searchParams, ...new URLSearchParams(fragment)]);
  for (const name of ["engine", "e", "token", "t"]) params.delete(name);
  if (token !== null) params.set("token", token);
  return params.toString();
}

async function openWorkspace({ workbench }: FollowParts, { workspace }: Wish): Promise<void> {
  const { workspaces } = workbench;
  const { id, name } = workspaces.current.get();
  if (workspace === null || name === workspace) return;
  const known = workspaces.find(workspace);
  if (known && known.id === id) return;
  const passing = PASSING.includes(workspace);
  if (known && !passing) await workspaces.open(known.id);
  else await workspaces.create(workspace, passing ? "temporary" : "browser");
}

/** @returns the id of the plugin when the user has agreed to it just now */
async function install(
  parts: FollowParts,
  { source, tag, upgrade }: WantedPlugin,
  wish: Wish,
): Promise<string | null> {
  const { workbench } = parts;
  const wanted = tag === null ? source : `${source}@${tag}`;
  if (!upgrade && installed(workbench.plugins.get(), source)) return null;
  if (isAddress(source)) return workbench.installFromUrl(wanted);
  const entry = workbench.repository.get().find((known) => matches(known, source));
  if (entry) return workbench.installFromRepository(entry.name);
  if (wish.run === null) parts.search(source);
  else notFound(source);
  return null;
}

function matches({ name }: RepositoryEntry, wanted: string): boolean {
  return name.toLowerCase() === wanted.toLowerCase();
}

function isAddress(source: string): boolean {
  return /^https?:\/\//.test(source) || readRepositoryAddress(source) !== null;
}

/** The plugin that was installed from there before. */
function installed(plugins: PluginEntry[], source: string): PluginEntry | undefined {
  const name = (readRepositoryAddress(source)?.name ?? source).toLowerCase();
  const origin = rawUrl(splitTag(source).address);
  return plugins.find(
    (entry) => entry.source.origin === origin || entry.source.manifest.name.toLowerCase() === name,
  );
}

/** The id in `sample:ID`. */
function sampleOf(address: string): string | undefined {
  return /^sample:(.+)$/.exec(address)?.[1];
}

function isOpen({ workbench, here }: FollowParts, address: string): boolean {
  const sample = sampleOf(address);
  const { name } = workbench.samples.get().find(({ id }) => id === sample) ?? {};
  return workbench.items
    .get()
    .some((item) =>
      sample === undefined
        ? item.origin === URL.parse(address, here)?.href
        : item.origin === "sample" && item.name === name,
    );
}

async function open(parts: FollowParts, address: string): Promise<void> {
  const { workbench, here } = parts;
  const sample = sampleOf(address);
  await attempt(parts, `Opening ${address}`, async () => {
    if (sample !== undefined) await workbench.openSample(sample);
    else await workbench.openAddress(new URL(address, here).href);
  });
}

async function run(
  parts: FollowParts,
  wish: Wish,
  name: string,
  agreed: ReadonlySet<string>,
): Promise<void> {
  const { workbench } = parts;
  const before = new Set(workbench.windows.get().map(({ id }) => id));
  const plugin = installed(workbench.plugins.get(), name);
  // A view of the page itself: it only shows what it is given, as `open` does.
  if (name.startsWith("imjoy/")) await workbench.openView(name, await dataForView(parts, wish));
  else if (!plugin) return notFound(name);
  else if (!(await runPlugin(parts, wish, plugin, agreed))) return;
  const made = workbench.windows.get().find(({ id }) => !before.has(id));
  if (made && wish.size) workbench.resizeWindow(made.id, wish.size);
  if (wish.fullscreen) parts.maximise();
}

/** @returns whether the user agreed */
async function runPlugin(
  parts: FollowParts,
  wish: Wish,
  plugin: PluginEntry,
  agreed: ReadonlySet<string>,
): Promise<boolean> {
  const { workbench } = parts;
  const { name: title, type } = plugin.source.manifest;
  if (!agreed.has(plugin.id)) {
    const given = Object.keys(wish.data).map((key) => `${key} = ${String(wish.data[key])}`);
    const from = wish.load === null ? "" : ` with the file ${wish.load}`;
    const values = given.length > 0 ? ` It is given: ${given.join(", ").slice(0, 500)}.` : "";
    const text = `The address that you opened wants to run ${title}${from}.${values}`;
    if (!(await workbench.confirm({ title: `Run ${title}?`, text, confirm: "Run" }))) return false;
  }
  if (type === "native-python") await engineReady(workbench);
  const data = await dataOf(parts, wish);
  const isGiven = Object.keys(data).length > 0;
  await workbench.runPlugin(plugin.id, isGiven ? { data, config: wish.data } : undefined);
  return true;
}

/** What the address gives, with the content of its file. */
async function dataOf(parts: FollowParts, wish: Wish): Promise<Record<string, unknown>> {
  if (wish.load === null) return { ...wish.data };
  return { ...wish.data, loaded: await readText(parts, wish.load) };
}

/** A view that shows a text shows that of the file, when no other is given. */
async function dataForView(parts: FollowParts, wish: Wish): Promise<Record<string, unknown>> {
  const data = await dataOf(parts, wish);
  return typeof data.loaded === "string" ? { source: data.loaded, ...data } : data;
}

function notFound(name: string): never {
  const cause = `There is no plugin "${name}" here or in the library.`;
  const remedy = "Install it first, or give the address of its file as `plugin` in the address.";
  throw codedError("plugin.not_found", `${cause} ${remedy}`, { cause, remedy });
}

/** Waits until the engine is there, or certainly is not; signing in takes as long as the user takes. */
function engineReady({ engine }: Workbench): Promise<void> {
  return new Promise((resolve) => {
    let stop: () => void = () => undefined;
    stop = engine.subscribe(({ state }) => {
      if (state === "connecting" || state === "signed-out") return;
      resolve();
      queueMicrotask(() => stop());
    });
  });
}

/** What earlier versions gave a plugin as `data.loaded`: JSON where it is JSON, else the text. */
async function readText(parts: FollowParts, address: string): Promise<unknown> {
  const get = parts.fetch ?? fetch;
  const response = await get(new URL(address, parts.here)).catch(() => null);
  if (!response?.ok) {
    const cause = response
      ? `The server answered ${response.status} for ${address}.`
      : `${address} could not be fetched.`;
    const remedy = "Check the address; its server must allow other pages to read the file.";
    throw codedError("data.unreadable", `${cause} ${remedy}`, { cause, remedy });
  }
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
