/** How the state of the connection is put into words. */
import type { EngineStatus } from "../model";

/** One short phrase, with values for its places; `now` in ms since 1970. */
export function connectionWords(
  status: EngineStatus,
  now: number,
): { text: string; values: Record<string, string | number> } {
  switch (status.state) {
    case "none":
      return { text: "Browser only", values: {} };
    case "signed-out":
      return { text: "Signed out", values: {} };
    case "connecting":
      return { text: "Connecting", values: {} };
    case "connected": {
      if (status.catchingUp) return { text: "Catching up", values: {} };
      const { version } = status.info;
      return { text: "Engine {version}", values: { version: String(version ?? "") } };
    }
    case "disconnected": {
      if (status.retryAt === null) return { text: "Engine lost", values: {} };
      const seconds = Math.ceil((status.retryAt - now) / 1000);
      if (seconds <= 0) return { text: "Reconnecting", values: {} };
      return { text: "Reconnecting in {seconds} s", values: { seconds } };
    }
  }
}
