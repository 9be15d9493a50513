/** What a person prefers on this page, kept in the browser: colours, language, shortcuts, the side bar. */
import { Store } from "../model";

export interface Preferences {
  theme: "auto" | "light" | "dark";
  /** "more": strong borders and colours; "auto": as the system says. */
  contrast: "auto" | "more";
  /** Code of a language, or "auto" for that of the browser. */
  language: string;
  /** Where a window without a wish goes: beside the others while there is room, or behind them. */
  newWindows: "tile" | "tabs";
  /** Per cent of the usual size of text. */
  textSize: number;
  /** Keys that the user gave to commands, by the command's id; an empty list takes all keys away. */
  shortcuts: Record<string, string[]>;
  /** The side view that was open last, and how wide it is. */
  view: string;
  panelOpen: boolean;
  panelWidth: number;
  tourSeen: boolean;
}

export const DEFAULT_PREFERENCES: Preferences = {
  theme: "auto",
  contrast: "auto",
  language: "auto",
  newWindows: "tile",
  textSize: 100,
  shortcuts: {},
  view: "plugins",
  panelOpen: true,
  panelWidth: 320,
  tourSeen: false,
};

/** Also read by the script in head.html, before anything is painted. */
const KEY = "imjoy.preferences";

type Storage_ = Pick<Storage, "getItem" | "setItem">;

export class PreferenceStore extends Store<Preferences> {
  constructor(private readonly storage: Storage_ | null = browserStorage()) {
    super(read(storage));
  }

  change(change: Partial<Preferences>): void {
    this.set({ ...this.get(), ...change });
    try {
      this.storage?.setItem(KEY, JSON.stringify(this.get()));
    } catch {
      // A page without storage forgets the choice.
    }
  }
}

/** Only what has the right type is taken; the rest is as if never set. */
function read(storage: Storage_ | null): Preferences {
  const result: Record<string, unknown> = { ...DEFAULT_PREFERENCES };
  try {
    const kept: unknown = JSON.parse(storage?.getItem(KEY) ?? "{}");
    for (const [key, value] of Object.entries(kept ?? {})) {
      if (Object.hasOwn(result, key) && typeof value === typeof result[key]) result[key] = value;
    }
  } catch {
    // What cannot be read is as if it were not there.
  }
  return result as unknown as Preferences;
}

function browserStorage(): Storage_ | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}
