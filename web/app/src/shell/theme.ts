/** Puts the preferences that are about looks on the page: colours, contrast, size of text. */
import type { PreferenceStore, Preferences } from "../workspaces/preferences";

const ORDER: Preferences["theme"][] = ["auto", "light", "dark"];

/** Follows the preferences and, where they say "auto", the system. */
export function followLooks(preferences: PreferenceStore): void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const contrast = matchMedia("(prefers-contrast: more)");
  const apply = (): void => {
    const chosen = preferences.get();
    const { dataset, style } = document.documentElement;
    const system = dark.matches ? "dark" : "light";
    dataset.theme = chosen.theme === "auto" ? system : chosen.theme;
    dataset.contrast = chosen.contrast === "more" || contrast.matches ? "more" : "usual";
    style.fontSize = chosen.textSize === 100 ? "" : `${chosen.textSize}%`;
  };
  preferences.subscribe(apply);
  dark.addEventListener("change", apply);
  contrast.addEventListener("change", apply);
}

export function nextTheme(theme: Preferences["theme"]): Preferences["theme"] {
  return ORDER[(ORDER.indexOf(theme) + 1) % ORDER.length] ?? "auto";
}
