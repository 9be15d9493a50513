/** Signing in to the engine: a one-time code or token is exchanged for a session, which is kept. */
import { codedError } from "../plugins/failure";

const KEY = "imjoy.session";

export type LoginProof = { code: string } | { token: string };

/** Where the session is kept; the page's localStorage, or memory where that is closed. */
export interface SessionStore {
  get(): string | null;
  set(session: string | null): void;
}

export function browserSessionStore(): SessionStore {
  let memory: string | null = null;
  return {
    get() {
      try {
        return localStorage.getItem(KEY) ?? memory;
      } catch {
        return memory;
      }
    },
    set(session) {
      memory = session;
      try {
        if (session === null) localStorage.removeItem(KEY);
        else localStorage.setItem(KEY, session);
      } catch {
        // Without storage the session lasts as long as the page.
      }
    },
  };
}

/** Takes the one-time code out of the address bar, so that it is not kept in history or bookmarks. */
export function takeCode(): string | null {
  // What else is in the fragment may be an address of its own, such as #/app?plugin=X.
  const code = /[#?&]code=([^&]*)/.exec(location.hash)?.[1];
  if (code === undefined) return null;
  const rest = location.hash.replace(/([#?&])code=[^&]*&?/, "$1").replace(/[#?&]$/, "");
  history.replaceState(history.state, "", location.pathname + location.search + rest);
  return decodeURIComponent(code);
}

/**
 * Exchanges a code or token for a session.
 * @throws RpcError auth.bad_token, auth.rate_limited, or env.network when the engine cannot be reached
 */
export async function login(base: URL, proof: LoginProof): Promise<string> {
  let response: Response;
  try {
    response = await fetch(new URL("api/login", base), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(proof),
      signal: AbortSignal.timeout(20_000),
    });
  } catch {
    throw codedError("env.network", "The engine cannot be reached. Check that it is running.");
  }
  const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  if (response.ok && typeof answer.session === "string") return answer.session;
  const code = typeof answer.code === "string" ? answer.code : "auth.bad_token";
  throw codedError(code, refusal(code, "code" in proof));
}

/** Ends a session on the engine; best effort, the page forgets it anyway. */
export async function logout(base: URL, session: string): Promise<void> {
  const headers = { Authorization: `Bearer ${session}` };
  await fetch(new URL("api/logout", base), { method: "POST", headers }).catch(() => undefined);
}

function refusal(code: string, oneTime: boolean): string {
  if (code === "auth.rate_limited") return "Too many wrong tokens. Wait a minute and try again.";
  return oneTime
    ? "The address was used before, or is too old. Open the newest one that the engine printed."
    : "The token is not valid. Copy the one that the engine printed when it started.";
}
