/** Composition root of the lite page, which shows one plugin as an app. */
import { mount } from "svelte";
import { takeWish } from "./address/bar";
import LitePage from "./shell/lite/LitePage.svelte";
import { useLanguage } from "./shell/messages";
import { ShellState } from "./shell/state";
import { followLooks } from "./shell/theme";
import "./shell/theme.css";
import { createWorkbench } from "./workbench";
import { PreferenceStore } from "./workspaces/preferences";

async function open(): Promise<void> {
  const wish = takeWish();
  // What an app shows is gone with its page; the plugin itself stays installed.
  const workbench = createWorkbench({ workspace: "temporary" });
  const preferences = new PreferenceStore();
  const shell = new ShellState(workbench, preferences, () => window.innerWidth);
  shell.quiet = wish.quiet;
  followLooks(preferences);
  await useLanguage(preferences.get().language);
  const target = document.getElementById("app");
  const ready = workbench.start();
  if (target) mount(LitePage, { target, props: { workbench, shell, wish, ready } });
  await ready;
  if (wish.expose) await workbench.expose();
}

void open();
