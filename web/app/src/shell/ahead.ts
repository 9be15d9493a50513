/** Loads views and dialogs while nothing else happens: when the engine is lost, they could not be had any more. */
import { loadQuestion, OVERLAYS } from "./dialogs/overlays";
import { SIDE_VIEWS } from "./views";

/** Milliseconds after which it is done where the browser does not tell that it is idle. */
const LATER = 2000;

export function loadAhead(): void {
  const parts = [loadQuestion, ...SIDE_VIEWS.map(({ load }) => load), ...Object.values(OVERLAYS)];
  const idle = globalThis.requestIdleCallback ?? ((run: () => void) => setTimeout(run, LATER));
  const next = async (): Promise<void> => {
    // What cannot be loaded now is tried again when it is asked for.
    await Promise.resolve(parts.shift()?.()).catch(() => undefined);
    if (parts.length > 0) idle(() => void next());
  };
  idle(() => void next());
}
