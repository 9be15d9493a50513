/** Keys of commands: how they are written, matched with an event, and shown. */
import type { Command } from "./command";

const MODIFIERS = ["Mod", "Alt", "Shift"] as const;

/** Names of keys that are not their own character. */
const SHOWN: Record<string, string> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Escape: "Esc",
  Space: "Space",
};

type KeyFacts = Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">;

/** The keys of an event as text: "Mod+Shift+P". Empty while only modifiers are down. */
export function keysOf(event: KeyFacts): string {
  if (["Control", "Meta", "Alt", "Shift", "AltGraph"].includes(event.key)) return "";
  const down = { Mod: event.ctrlKey || event.metaKey, Alt: event.altKey, Shift: event.shiftKey };
  return [...MODIFIERS.filter((name) => down[name]), keyName(event)].join("+");
}

/** With Alt or Shift the character depends on the keyboard, so the place of the key is taken. */
function keyName({ key, code, altKey, shiftKey }: KeyFacts): string {
  const letter = /^(?:Key|Digit)(\w)$/.exec(code)?.[1];
  if (letter && (altKey || shiftKey)) return letter;
  if (key === " ") return "Space";
  return key.length === 1 ? key.toUpperCase() : key;
}

/** Keys as people write them on this computer. */
export function showKeys(keys: string, mac = isMac()): string {
  const names = keys.split("+").map((name) => {
    if (name === "Mod") return mac ? "⌘" : "Ctrl";
    if (name === "Alt" && mac) return "⌥";
    if (name === "Shift" && mac) return "⇧";
    return SHOWN[name] ?? name;
  });
  return names.join(mac ? "" : "+");
}

/** Keys for `aria-keyshortcuts`. */
export function ariaKeys(keys: string): string {
  return keys.replace("Mod", isMac() ? "Meta" : "Control");
}

export function keysFor(command: Command, chosen: Record<string, string[]>): string[] {
  return Object.hasOwn(chosen, command.id) ? (chosen[command.id] ?? []) : (command.keys ?? []);
}

/** The command that has these keys and can be used now. */
export function commandForKeys(
  commands: Command[],
  keys: string,
  chosen: Record<string, string[]>,
): Command | undefined {
  if (!keys) return undefined;
  return commands.find(
    (command) => keysFor(command, chosen).includes(keys) && command.when?.() !== false,
  );
}

function isMac(): boolean {
  return typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.userAgent);
}
