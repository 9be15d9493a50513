/** Composition root of the page: builds the workbench, shows it, starts it. */
import { mount } from "svelte";
import { followWish } from "./address/follow";
import { cleaned, isWish, readWish, type Wish } from "./address/wish";
import type { Workbench } from "./model";
import App from "./shell/App.svelte";
import { useLanguage } from "./shell/messages";
import { ShellState } from "./shell/state";
import { followLooks } from "./shell/theme";
import "./shell/theme.css";
import { createWorkbench } from "./workbench";
import { PreferenceStore } from "./workspaces/preferences";

// Asked for by whoever judges plugins; nobody sees this page.
if (new URLSearchParams(location.search).has("check")) {
  void import("./check").then(({ startChecker }) => startChecker());
} else void open();

/** The first words are in the right language already; later a change of the language is followed. */
async function open(): Promise<void> {
  const wish = takeWish();
  const workbench = createWorkbench({ workspace: wish.workspace });
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
  await workbench.start();
  await follow(workbench, shell, wish);
  // An address that is pasted into the open page loads nothing by itself.
  addEventListener("hashchange", () => void follow(workbench, shell, takeWish()));
}

/** What the address asks for. Its secret is taken out at once, so that it is kept nowhere. */
function takeWish(): Wish {
  const address = new URL(location.href);
  history.replaceState(history.state, "", cleaned(address, false));
  return readWish(address);
}

async function follow(workbench: Workbench, shell: ShellState, wish: Wish): Promise<void> {
  if (!isWish(wish)) return;
  const here = new URL(location.href);
  const go = (address: string): void => location.assign(address);
  const show = (view: string): void => shell.showView(view);
  const search = (text: string): void => shell.searchLibrary(text);
  const maximise = (): void => shell.dock.maximise();
  await followWish({ workbench, here, go, show, search, maximise }, wish);
  // What was asked for is kept in the workspace now, unless that is one that is gone with the page.
  if (workbench.workspaces.current.get().place === "temporary") return;
  history.replaceState(history.state, "", cleaned(new URL(location.href), true));
}

/** With an engine the page always comes from there; without one it must open offline too. */
function keepForOffline(): void {
  const hasEngine = document.querySelector('meta[name="imjoy-engine"]') !== null;
  if (!hasEngine && import.meta.env.PROD && "serviceWorker" in navigator) {
    void navigator.serviceWorker.register("./sw.js").catch(() => undefined);
  }
}
