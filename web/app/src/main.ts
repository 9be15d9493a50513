/** Composition root of the page: builds the workbench, shows it, starts it. */
import { mount } from "svelte";
import App from "./shell/App.svelte";
import "./shell/theme.css";
import { createWorkbench } from "./workbench";

const workbench = createWorkbench();
const target = document.getElementById("app");
if (target) mount(App, { target, props: { workbench } });
void workbench.start();

// With an engine the page always comes from there; without one it must open offline too.
const hasEngine = document.querySelector('meta[name="imjoy-engine"]') !== null;
if (!hasEngine && import.meta.env.PROD && "serviceWorker" in navigator) {
  void navigator.serviceWorker.register("./sw.js").catch(() => undefined);
}
