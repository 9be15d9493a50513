/** Composition root of the page: builds the workbench, shows it, starts it. */
import { mount } from "svelte";
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
  const workbench = createWorkbench();
  const preferences = new PreferenceStore();
  const shell = new ShellState(workbench, preferences, () => window.innerWidth);
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
}

/** With an engine the page always comes from there; without one it must open offline too. */
function keepForOffline(): void {
  const hasEngine = document.querySelector('meta[name="imjoy-engine"]') !== null;
  if (!hasEngine && import.meta.env.PROD && "serviceWorker" in navigator) {
    void navigator.serviceWorker.register("./sw.js").catch(() => undefined);
  }
}
