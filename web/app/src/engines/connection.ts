/** The connection to the Python engine: signing in, staying connected, and its state. */
import { type CallOptions, type Peer, type Router, RpcError } from "@imjoy/rpc";
import { type EngineStatus, Store } from "../model";
import { codedError } from "../plugins/failure";
import type { PageIdentity } from "./identity";
import { EngineLink, type KeptCall } from "./link";
import {
  browserSessionStore,
  type LoginProof,
  login,
  logout,
  type SessionStore,
  takeCode,
} from "./session";
import { SocketIoTransport, type Welcome } from "./socket";

export interface EngineOptions {
  peer: Peer;
  router: Router;
  /** Who this page is to the engine. */
  identity: PageIdentity;
  /** Address of the app, below which the engine answers. */
  base: URL;
  sessions?: SessionStore;
}

const SIGN_IN = "Open the address that the engine printed, or enter its token.";
const AWAY =
  "The engine does not answer. What you do waits for it, unless it has to be started anew.";
const FENCED =
  "This page was opened in another tab, which goes on in its place. Reload to use both.";
const GIVEN_UP = "The engine was away for too long. Nobody knows how what was running has ended.";

export class EngineConnection {
  readonly status = new Store<EngineStatus>({ state: "none" });
  /**
   * Called after each connection; `same`: it is the engine of the last one, which remembers the page.
   * `calls`: those that the page had made before it was loaded again.
   */
  onConnected: (same: boolean, calls: KeptCall[]) => void = () => undefined;
  /** The engine is away for now; what is sent waits. */
  onAway: () => void = () => undefined;

  private link: EngineLink | null = null;
  private engine: string | null = null;
  private attached = false;
  private info: Record<string, unknown> = {};
  private readonly sessions: SessionStore;

  constructor(private readonly options: EngineOptions) {
    this.sessions = options.sessions ?? browserSessionStore();
  }

  /** Address of the engine, also while its socket is lost for a moment; null when there is none. */
  get address(): string | null {
    return this.attached ? this.engine : null;
  }

  /** Signs in with the code in the address bar or the session of before, and connects. */
  async start(): Promise<void> {
    if (!document.querySelector('meta[name="imjoy-engine"]')) return;
    addEventListener("hashchange", () => void this.followAddress());
    await this.enter(takeCode());
  }

  /** Takes up an address pasted into the open page: only its fragment is new, so nothing loads. */
  private async followAddress(): Promise<void> {
    const code = takeCode();
    if (code !== null && this.address === null) await this.enter(code);
  }

  private async enter(code: string | null): Promise<void> {
    if (code !== null && (await this.exchange({ code }))) return;
    const session = this.sessions.get();
    if (session !== null) this.connect(session);
    else if (this.status.get().state === "none") {
      this.signedOut(""); // nothing went wrong, and the page says what to do
    }
  }

  /** Signs in with the engine's token; a wrong one shows in the status. */
  async signIn(token: string): Promise<void> {
    await this.exchange({ token: token.trim() });
  }

  async signOut(): Promise<void> {
    const session = this.sessions.get();
    this.disconnect("You signed out.");
    this.sessions.set(null);
    this.signedOut("You signed out. Enter the token of the engine to sign in again.");
    if (session !== null) await logout(this.options.base, session);
  }

  /** Calls a function of the engine. Rejects with a sentence about the engine when there is none. */
  call(target: string, args: readonly unknown[], options?: CallOptions): Promise<unknown> {
    const { address } = this;
    if (address === null) return Promise.reject(this.missing());
    return this.options.peer.call(address, target, args, options);
  }

  /** The same for what is of use and not needed: null without an engine. */
  async ifConnected<T>(target: string, args: readonly unknown[]): Promise<T | null> {
    return this.address === null ? null : ((await this.call(target, args)) as T | null);
  }

  /** Asks the engine's server with the session of this page; null while none is connected. */
  ask(path: string): Promise<Response> | null {
    const session = this.sessions.get();
    if (this.address === null || session === null) return null;
    const headers = { Authorization: `Bearer ${session}` };
    return fetch(new URL(path, this.options.base), { headers });
  }

  /** Why there is no engine to call, and what to do about it. */
  missing(): RpcError {
    const status = this.status.get();
    const [cause, remedy] =
      status.state === "none"
        ? [
            "This page has no Python engine.",
            "Start one with `python -m imjoy` and open the address that it prints.",
          ]
        : status.state === "signed-out"
          ? ["You are not signed in to the Python engine.", status.message || SIGN_IN]
          : [
              "The Python engine is not connected.",
              "Check that it is running; the page connects again by itself.",
            ];
    return codedError("rpc.peer_gone", `${cause} ${remedy}`, { cause, remedy });
  }

  private async exchange(proof: LoginProof): Promise<boolean> {
    this.status.set({ state: "connecting" });
    try {
      const session = await login(this.options.base, proof);
      this.sessions.set(session);
      this.connect(session);
      return true;
    } catch (error) {
      const message = error instanceof RpcError ? error.message : String(error);
      // A used one-time code does no harm to somebody who is signed in already.
      if ("code" in proof && this.sessions.get() !== null) return false;
      this.signedOut(message);
      return false;
    }
  }

  private connect(session: string): void {
    this.disconnect("Connecting again.");
    this.status.set({ state: "connecting" });
    const { peer, router, base, identity } = this.options;
    const auth = { token: session, peer: peer.address };
    this.link = new EngineLink({
      identity,
      connect: (hello, events) => new SocketIoTransport(base, { ...auth, hello }, events),
      events: {
        onWelcome: (welcome, resumed, calls) => void this.welcome(welcome, resumed, calls),
        onFrame: (frame) => {
          if (this.engine !== null) router.route(frame, this.engine);
        },
        onCatchingUp: (catchingUp) => this.showConnected(catchingUp),
        onWaiting: (retryAt) => this.away(retryAt),
        onRefused: (code) => this.refused(code),
        onGivenUp: () => this.detach(GIVEN_UP, "rpc.outcome_unknown"),
      },
    });
    this.link.session.onProgress = (...facts) => peer.transferred(...facts);
  }

  private async welcome(welcome: Welcome, resumed: boolean, calls: KeptCall[]): Promise<void> {
    const { peer, router } = this.options;
    const { peer: address, version } = welcome;
    if (!this.link) return;
    if (!resumed) this.leaveEngine(address);
    this.engine = address;
    if (!this.attached) router.attach(address, this.link.send, { tree: true });
    this.attached = true;
    if (this.info.version !== version) this.info = { version };
    this.showConnected();
    this.onConnected(resumed, calls);
    const info = await peer.call(address, "engine.info", [], { timeout: 20_000 }).catch(() => null);
    if (!info || !this.attached || this.engine !== address) return;
    this.info = info as Record<string, unknown>;
    const now = this.status.get();
    if (now.state === "connected") this.showConnected(now.catchingUp);
  }

  private showConnected(catchingUp = false): void {
    this.status.set({ state: "connected", info: this.info, catchingUp });
  }

  /** What was under way with the engine of before has ended, one way or the other. */
  private leaveEngine(next: string): void {
    if (next !== this.engine) {
      this.detach("The engine was started anew before it answered.", "rpc.engine_restarted");
    } else this.detach(GIVEN_UP, "rpc.outcome_unknown");
  }

  private away(retryAt: number): void {
    this.status.set({ state: "disconnected", message: AWAY, retryAt });
    this.onAway();
  }

  private refused(code: string): void {
    this.detach("The engine refused the connection.");
    if (!code.startsWith("auth.")) {
      const other = "The engine is of another version than this page. Reload the page.";
      const message = code === "rpc.fenced" ? FENCED : other;
      this.status.set({ state: "disconnected", message, retryAt: null });
      return;
    }
    this.sessions.set(null);
    this.signedOut("Your session has ended. Open the newest address that the engine printed.");
  }

  private signedOut(message: string): void {
    this.status.set({ state: "signed-out", message });
  }

  private disconnect(reason: string): void {
    this.link?.close();
    this.link = null;
    this.detach(reason);
  }

  private detach(reason: string, code?: string): void {
    if (!this.attached || this.engine === null) return;
    this.attached = false;
    this.options.router.detach(this.engine, reason, { code });
    this.onAway();
  }
}
