/** Reads web addresses from the engine's folder of repositories before the network is asked. */
import { type Fetch, fetchInTime } from "./source";

/** What the folder has for an address; null: nothing, or there is no engine. */
export type AskMirror = (address: string) => Promise<string | null>;

/** The reader that looks into the folder first. */
export function mirrorFirst(ask: AskMirror, network: Fetch = fetchInTime): Fetch {
  return async (url) => {
    const mirrored = await ask(url).catch(() => null);
    return mirrored === null ? network(url) : new Response(mirrored);
  };
}
