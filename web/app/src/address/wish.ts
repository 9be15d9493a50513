/** What an address asks the page to do: the parameters after `?`, or after `#/app?`, as one value. */

import type { WindowSize } from "../model";

export interface WantedPlugin {
  /** An address, `user/repo:Name`, or the name of a plugin of the library. */
  source: string;
  tag: string | null;
  upgrade: boolean;
}

export interface Wish {
  workspace: string | null;
  plugins: WantedPlugin[];
  repositories: string[];
  /** Addresses of images, workspaces and other files, and `sample:ID`. */
  open: string[];
  /** Name of a plugin to run, and what it is run with. */
  run: string | null;
  /** Address of a file whose content the plugin gets as `data.loaded`. */
  load: string | null;
  data: Record<string, unknown>;
  /** A view of the side bar. */
  show: string | null;
  fullscreen: boolean;
  /** Of the window that is opened, in pixels. */
  size: WindowSize | null;
  /** Windows only, without the bars. */
  standalone: boolean;
  quiet: boolean;
  /** Lets the page in which this one is embedded take part. */
  expose: boolean;
  engine: string | null;
  token: string | null;
  /** Parameters of earlier versions that mean nothing here. */
  unknown: string[];
  /** Parameters that should be JSON and are not. */
  unreadable: string[];
  /** The page that the fragment names, such as `repo` of `#/repo`; null for this one. */
  page: string | null;
}

/** Short names of earlier versions. */
const SHORT: Record<string, string> = {
  p: "plugin",
  w: "workspace",
  r: "repo",
  repository: "repo",
  e: "engine",
  t: "token",
  s: "start",
  l: "load",
};
const GONE = new Set(["workflow", "engineType", "spec", "binder", "jupyter_plugin"]);
/** Of the page itself, not of what it should open. */
const OWN = new Set(["check", "code", "shared"]);

/** Reads an address such as `…/?plugin=X` or `…/#/app?plugin=X`. */
export function readWish(address: URL): Wish {
  const pairs = [...address.searchParams, ...fragmentOf(address)].filter(
    ([name]) => !OWN.has(name),
  );
  const start = pairs.some(([name]) => name === "start" || name === "s");
  const all = new Map<string, string[]>();
  const rest: Record<string, unknown> = {};
  for (const [name, value] of pairs) {
    const long = longName(name, value, start);
    all.set(long, [...(all.get(long) ?? []), value]);
    if (!KNOWN.has(long) && !GONE.has(long)) rest[name] = value;
  }
  const first = (name: string): string | null => all.get(name)?.[0] || null;
  const isSet = (name: string): boolean => !["0", "false", undefined].includes(all.get(name)?.[0]);
  const flags = (first("flags") ?? "").split(",");
  const upgrade = isSet("upgrade");
  const tag = first("tag");
  const run = first("start") ?? first("run");
  const loads = all.get("load") ?? [];
  const given = { data: readJson(first("data")), config: readJson(first("config")) };
  return {
    workspace: first("workspace"),
    plugins: (all.get("plugin") ?? []).filter(Boolean).map((source) => ({
      source,
      tag: (all.get("plugin")?.length ?? 0) > 1 ? null : tag,
      upgrade,
    })),
    repositories: (all.get("repo") ?? []).filter(Boolean),
    open: [...(all.get("open") ?? []), ...(run === null ? loads : [])].filter(Boolean),
    run,
    load: run === null ? null : (loads[0] ?? null),
    data: { ...rest, ...given.data, ...given.config },
    show: first("show"),
    fullscreen: isSet("fullscreen"),
    size: run === null ? null : sizeOf(rest),
    standalone: isSet("standalone"),
    quiet: flags.includes("quiet"),
    expose: isSet("expose"),
    engine: first("engine"),
    token: first("token"),
    unknown: [...all.keys()].filter((name) => GONE.has(name)),
    unreadable: (["data", "config"] as const).filter((name) => given[name] === null),
    page: pageOf(address),
  };
}

/** Small numbers are cells of the grid that earlier versions had. */
const CELL = 30;
const CELLS = 100;

function sizeOf({ w, h }: Record<string, unknown>): WindowSize | null {
  const pixels = (text: unknown): number => {
    const length = Number(text ?? Number.NaN);
    return Math.round(length > CELLS ? length : length * CELL);
  };
  const size = {
    ...(pixels(w) > 0 && { width: pixels(w) }),
    ...(pixels(h) > 0 && { height: pixels(h) }),
  };
  return Object.keys(size).length > 0 ? size : null;
}

const KNOWN = new Set([
  ...Object.values(SHORT),
  ...["open", "run", "tag", "upgrade", "data", "config", "show", "fullscreen", "standalone"],
  ...["flags", "expose"],
]);

/** Beside `start` a number as `w` is the width of the window. */
function longName(name: string, value: string, start: boolean): string {
  return name === "w" && start && /^\d+$/.test(value) ? "width" : (SHORT[name] ?? name);
}

/** The parameters behind `#/app?`, and those of a fragment without a path. */
function fragmentOf({ hash }: URL): [string, string][] {
  const text = hash.slice(1);
  const query = text.startsWith("/") ? text.split("?").slice(1).join("?") : text;
  return [...new URLSearchParams(query)];
}

/** Earlier versions had several pages; the workbench was `app`. */
function pageOf({ hash }: URL): string | null {
  const page = /^#\/([^?]*)/.exec(hash)?.[1] ?? "";
  return page === "" || page === "app" ? null : page;
}

/** The object in a text, without any the empty one; null when the text is no JSON. */
function readJson(text: string | null): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text ?? "{}");
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return null;
  }
}

/** True when the address asks for something. */
export function isWish(wish: Wish): boolean {
  const { workspace, plugins, repositories, open, run, show, engine, token, page } = wish;
  const lists = [plugins, repositories, open, wish.unknown, wish.unreadable];
  const single = [workspace, run, show, engine, token, page];
  const modes = wish.fullscreen || wish.standalone || wish.expose || wish.quiet;
  return modes || lists.some(({ length }) => length > 0) || single.some((one) => one !== null);
}

/**
 * The address without its secret, for the address bar; `done`: also without what was asked for and
 * lives in the workspace now, so that a reload does not ask for it again.
 */
export function cleaned(address: URL, done: boolean): string {
  const starts = readWish(address).run !== null;
  const keep = ([name, value]: Pair): boolean =>
    done ? STAYS.has(longName(name, value, starts)) : !["token", "t"].includes(name);
  return written(address, (pairs) => pairs.filter(keep), done);
}

/** The address with the name `now` of a workspace in place of `before`; null when it does not name that. */
export function withWorkspace(address: URL, before: string, now: string): string | null {
  const wish = readWish(address);
  if (wish.workspace !== before) return null;
  const isIt = ([name, value]: Pair): boolean =>
    longName(name, value, wish.run !== null) === "workspace";
  const renamed = (pairs: Pair[]): Pair[] =>
    pairs.map((pair) => (isIt(pair) ? [pair[0], now] : pair));
  return written(address, renamed, false);
}

type Pair = [string, string];

/** Path, query and fragment of an address, with its parameters changed; `bare`: none without a parameter. */
function written(address: URL, change: (pairs: Pair[]) => Pair[], bare: boolean): string {
  const path = address.hash.startsWith("#/") ? (address.hash.split("?")[0] ?? "") : "#";
  const search = new URLSearchParams(change([...address.searchParams])).toString();
  const rest = new URLSearchParams(change(fragmentOf(address))).toString();
  const fragment = path === "#" ? (rest ? `#${rest}` : "") : path + (rest ? `?${rest}` : "");
  return address.pathname + (search ? `?${search}` : "") + (bare && !rest ? "" : fragment);
}

/** How the page looks and to whom it listens, and in which workspace, also after a reload. */
const STAYS = new Set(["workspace", "standalone", "expose", "code", "check", "shared"]);
