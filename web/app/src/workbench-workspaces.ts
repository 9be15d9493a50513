/** Gives the workbench its workspaces: where they are kept, what counts as a change, which one opens first. */
import type { EngineConnection } from "./engines/connection";
import type { WorkspaceContent, WorkspacePlace } from "./model";
import { pictureOfWindows } from "./picture";
import { toFailure } from "./plugins/failure";
import { type Blobs, openBlobs } from "./workspaces/blobs";
import type { Database } from "./workspaces/database";
import type { Dialogs } from "./workspaces/dialogs";
import { EngineWorkspaces } from "./workspaces/engine-workspaces";
import type { Items } from "./workspaces/items";
import type { Jobs } from "./workspaces/jobs";
import type { Keeping } from "./workspaces/left-workspaces";
import type { Notices } from "./workspaces/notices";
import type { Snapshots } from "./workspaces/snapshot";
import type { UndoStack } from "./workspaces/undo";
import type { Windows } from "./workspaces/windows";
import { within } from "./workspaces/within";
import { FIRST_NAME, PASSING } from "./workspaces/workspace-list";
import { BrowserWorkspaces, type WorkspaceStore } from "./workspaces/workspace-store";
import { Workspaces } from "./workspaces/workspaces";

const LAST = "imjoy.workspace";
/** Milliseconds that the page waits for its engine before it opens a workspace without it. */
const PATIENCE = 4000;

export interface WorkspaceHome {
  workspaces: Workspaces;
  stores: Partial<Record<WorkspacePlace, WorkspaceStore>>;
  /** Opens the workspace of that name, else the one that was open last, else a first one. */
  start(database: Database, name: string | null): Promise<void>;
}

export function makeWorkspaces(parts: {
  snapshots: Snapshots;
  undo: UndoStack;
  windows: Windows;
  items: Items;
  jobs: Jobs;
  notices: Notices;
  engine: EngineConnection;
  confirm: Dialogs["confirm"];
  needPlugins(content: WorkspaceContent, blobs: Blobs): Promise<void>;
}): WorkspaceHome {
  const { snapshots, undo, windows, items, notices, engine, confirm } = parts;
  const stores: Partial<Record<WorkspacePlace, WorkspaceStore>> = {};
  const workspaces = new Workspaces({
    snapshots,
    undo,
    stores,
    needPlugins: (content, blobs) => void parts.needPlugins(content, blobs),
    picture: () => (typeof document === "undefined" ? null : pictureOfWindows()),
    tell: (text) => void notices.notify("info", text, undefined, 20),
    mayLeave: (text) =>
      confirm({ title: "Leave this workspace?", text, confirm: "Leave", cancel: "Stay" }),
    keeping: (name) => keepingJob(name, parts),
    fail: (error, step) => notices.fail(toFailure(error, step)),
  });
  const where = () => {
    const { id, name } = workspaces.current.get();
    return id === "" ? null : { id, name };
  };
  Object.assign(parts.jobs, { where });
  Object.assign(notices, { where });
  const changed = (): void => workspaces.changed();
  windows.store.subscribe(changed);
  windows.active.subscribe(changed);
  items.store.subscribe(changed);
  windows.layout.subscribe(({ by }) => {
    if (by !== "page") changed();
  });
  return {
    workspaces,
    stores,
    start: async (database, name) => {
      stores.browser = new BrowserWorkspaces(database, await openBlobs(database));
      const followed = followEngine(engine, workspaces, stores);
      await workspaces.refresh();
      if (needsEngine(workspaces, name)) await within(followed, PATIENCE);
      const why = name === null ? whyNotLast(workspaces) : null;
      await openFirst(workspaces, name);
      if (why !== null) notices.notify("info", why, undefined, 20);
      workspaces.current.subscribe(({ id, place }) => {
        if (place !== "temporary") remember(id);
      });
      keepOnLeave(workspaces);
    },
  };
}

/** Shows the keeping of a workspace that was left as work that nobody can cancel. */
function keepingJob(name: string, { jobs, notices }: { jobs: Jobs; notices: Notices }): Keeping {
  const step = `Keeping the workspace ${name}`;
  const job = jobs.start("", step, "Keeping what was open");
  job.update({ cancel: null, workspace: null });
  return {
    update: (done, total) => job.update({ done, total, unit: "bytes" }),
    end: () => {
      job.finish("done");
      notices.forget(step);
    },
    fail: (error) => {
      const remedy = "Open it again before you close this page: it comes back as you left it.";
      const failure = { ...toFailure(error, step), remedy };
      job.fail(failure);
      notices.fail(failure);
    },
  };
}

/**
 * Adds what the engine keeps whenever it is there.
 * @returns when its list was read for the first time, or there is certainly no engine
 */
function followEngine(
  engine: EngineConnection,
  workspaces: Workspaces,
  stores: WorkspaceHome["stores"],
): Promise<void> {
  return new Promise((resolve) => {
    let connected = false;
    engine.status.subscribe(({ state }) => {
      if (state === "none" || state === "signed-out") resolve();
      if (connected === (state === "connected")) return;
      connected = !connected;
      if (!connected) return;
      stores.engine ??= new EngineWorkspaces(engine);
      void workspaces.refresh().then(() => {
        resolve();
        workspaces.keepAgain();
      });
    });
  });
}

/** Whether the workspace to open first can only be one of the engine's. */
function needsEngine(workspaces: Workspaces, name: string | null): boolean {
  if (name !== null) return !workspaces.find(name) && !PASSING.includes(name);
  const last = remembered();
  const own = workspaces.list.get().filter(({ deletedAt }) => deletedAt === null);
  return last === null ? own.length === 0 : !own.some(({ id }) => id === last);
}

async function openFirst(workspaces: Workspaces, name: string | null): Promise<void> {
  const known = name === null ? lastOf(workspaces) : workspaces.find(name)?.id;
  if (name !== null && PASSING.includes(name)) await workspaces.create(name, "temporary");
  else if (known !== undefined) await workspaces.open(known);
  else await workspaces.create(name ?? FIRST_NAME, "browser");
}

/** Why the workspace that was open last is not the one that opens; null when it is, or there was none. */
function whyNotLast({ list }: Workspaces): string | null {
  const last = remembered();
  const found = list.get().find(({ id }) => id === last);
  if (last === null || found?.deletedAt === null) return null;
  return found
    ? `"${found.name}" was deleted in another window or browser. The list of workspaces can bring it back.`
    : "The workspace that was open last is not in this browser. One that an engine keeps is in the list of workspaces when that engine is connected.";
}

function lastOf(workspaces: Workspaces): string | undefined {
  const open = workspaces.list.get().filter(({ deletedAt }) => deletedAt === null);
  const last = remembered();
  return (open.find(({ id }) => id === last) ?? open[0])?.id;
}

/** This tab's own, so that a reload stays where it was while another tab is elsewhere. */
function remembered(): string | null {
  try {
    return sessionStorage.getItem(LAST) ?? localStorage.getItem(LAST);
  } catch {
    return null;
  }
}

function remember(id: string): void {
  try {
    sessionStorage.setItem(LAST, id);
    localStorage.setItem(LAST, id);
  } catch {
    // Without storage the newest one opens first.
  }
}

function keepOnLeave(workspaces: Workspaces): void {
  if (typeof document === "undefined") return;
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") workspaces.leave();
  });
  addEventListener("beforeunload", (event) => {
    if (workspaces.isOnlyHere) event.preventDefault();
  });
}
