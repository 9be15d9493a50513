/** Composition root of the page: builds the workbench, shows it, starts it. */
import { mount } from "svelte";
import { followName, leaveBehind, takeWish } from "./address/bar";
import { followWish } from "./address/follow";
import { isWish, type Wish } from "./address/wish";
import { claimIdentity } from "./engines/identity";
import type { Workbench } from "./model";
import { carriesFile, withoutFile } from "./plugins/share";
import App from "./shell/App.svelte";
import { useLanguage } from "./shell/messages";
import { ShellState } from "./shell/state";
import { followLooks } from "./shell/theme";
import "./shell/theme.css";
import { SIDE_VIEWS } from "./shell/views";
import { createWorkbench } from "./workbench";
import { PreferenceStore } from "./workspaces/preferences";

// Asked for by whoever judges plugins; nobody sees this page.
if (new URLSearchParams(location.search).has("check")) {
  void import("./check").then(({ startChecker }) => startChecker());
} else void open();

/** The first words are in the right language already; later a change of the language is followed. */
async function open(): Promise<void> {
  const wish = takeWish();
  const workbench = createWorkbench({ workspace: wish.workspace, identity: await claimIdentity() });
  const preferences = new PreferenceStore();
  const shell = new ShellState(workbench, preferences, () => window.innerWidth);
  shell.standalone.set(wish.standalone);
  shell.quiet = wish.quiet;
  followLooks(preferences);
  keepForOffline();
  let { language } = preferences.get();
  await useLanguage(language);
  preferences.subscribe((now) => {
    if (now.language !== language) void useLanguage(now.language);
    language = now.language;
  });
  const target = document.getElementById("app");
  if (target) mount(App, { target, props: { workbench, shell } });
  const openShared = (): void => {
    const shared = takeShared();
    if (shared !== null) void workbench.editor.openLink(shared);
  };
  const started = workbench.start();
  // An address that is pasted into the open page loads nothing by itself; an early one waits.
  addEventListener("hashchange", async () => {
    await started;
    openShared();
    await follow(workbench, shell, takeWish());
  });
  await started;
  let { name: before } = workbench.workspaces.current.get();
  workbench.workspaces.current.subscribe(({ name }) => {
    if (name !== before) followName(before, name);
    before = name;
  });
  if (wish.expose) await workbench.expose();
  readyForImages();
  openShared();
  await follow(workbench, shell, wish);
}

/** The address when it carries a plugin file, which is taken out: a reload shall not open it again. */
function takeShared(): string | null {
  const { href } = location;
  if (!carriesFile(href)) return null;
  history.replaceState(history.state, "", withoutFile(href));
  return href;
}

async function follow(workbench: Workbench, shell: ShellState, wish: Wish): Promise<void> {
  if (!isWish(wish)) return;
  const here = new URL(location.href);
  const go = (address: string): void => location.assign(address);
  const show = (view: string): string[] | null => {
    if (!SIDE_VIEWS.some(({ id }) => id === view)) return SIDE_VIEWS.map(({ id }) => id);
    shell.showView(view);
    return null;
  };
  const search = (text: string): void => shell.searchLibrary(text);
  const maximise = (): void => shell.dock.maximise();
  await followWish({ workbench, here, go, show, search, maximise }, wish);
  // What was asked for is kept in the workspace now, unless that is one that is gone with the page.
  const { name, place } = workbench.workspaces.current.get();
  if (place !== "temporary") leaveBehind();
  if (wish.workspace !== null) followName(wish.workspace, name);
}

/** With an engine the page always comes from there; without one it must open offline too. */
function keepForOffline(): void {
  const hasEngine = document.querySelector('meta[name="imjoy-engine"]') !== null;
  if (!hasEngine && import.meta.env.PROD && "serviceWorker" in navigator) {
    void navigator.serviceWorker.register("./sw.js").catch(() => undefined);
  }
}

/** Loaded ahead, so that the first image need not wait for its reader. */
function readyForImages(): void {
  const load = (): void => void import("./data").catch(() => undefined);
  if ("requestIdleCallback" in window) requestIdleCallback(load);
  else setTimeout(load, 1000);
}
