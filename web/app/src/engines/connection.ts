/** The connection to the Python engine: signing in, staying connected, and its state. */
import { type CallOptions, type Peer, type Router, RpcError } from "@imjoy/rpc";
import { type EngineStatus, Store } from "../model";
import { codedError } from "../plugins/failure";
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
  /** Address of the app, below which the engine answers. */
  base: URL;
  sessions?: SessionStore;
}

const SIGN_IN = "Open the address that the engine printed, or enter its token.";
const LOST = "The connection to the engine was lost.";

export class EngineConnection {
  readonly status = new Store<EngineStatus>({ state: "none" });
  /** Called after each connection; `same` says whether it is the engine of the last one. */
  onConnected: (same: boolean) => void = () => undefined;
  onLost: (reason: string) => void = () => undefined;

  private transport: SocketIoTransport | null = null;
  private engine: string | null = null;
  private attached = false;
  private readonly sessions: SessionStore;

  constructor(private readonly options: EngineOptions) {
    this.sessions = options.sessions ?? browserSessionStore();
  }

  /** Address of the connected engine; null while there is none. */
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
    const { peer, router, base } = this.options;
    const auth = { token: session, peer: peer.address };
    this.transport = new SocketIoTransport(base, auth, {
      onWelcome: (welcome) => void this.welcome(welcome),
      onFrame: (frame) => {
        if (this.engine !== null) router.route(frame, this.engine);
      },
      onLost: () => this.lost(),
      onRefused: (code) => this.refused(code),
    });
  }

  private async welcome({ peer: address, version }: Welcome): Promise<void> {
    const { peer, router } = this.options;
    const same = address === this.engine;
    if (this.attached) this.detach(LOST);
    if (!this.transport) return;
    this.engine = address;
    this.attached = true;
    router.attach(address, this.transport.send, { tree: true });
    this.status.set({ state: "connected", info: { version } });
    this.onConnected(same);
    const info = await peer.call(address, "engine.info", [], { timeout: 20_000 }).catch(() => null);
    if (info && this.attached && this.engine === address) {
      this.status.set({ state: "connected", info: info as Record<string, unknown> });
    }
  }

  private lost(): void {
    this.detach(LOST);
    this.status.set({
      state: "disconnected",
      message: "The engine does not answer. The page keeps trying to connect.",
    });
  }

  private refused(code: string): void {
    this.detach("The engine refused the connection.");
    if (code.startsWith("protocol.")) {
      const message = "The engine is of another version than this page. Reload the page.";
      this.status.set({ state: "disconnected", message });
      return;
    }
    this.sessions.set(null);
    this.signedOut("Your session has ended. Open the newest address that the engine printed.");
  }

  private signedOut(message: string): void {
    this.status.set({ state: "signed-out", message });
  }

  private disconnect(reason: string): void {
    this.transport?.close();
    this.transport = null;
    this.detach(reason);
  }

  private detach(reason: string): void {
    if (!this.attached || this.engine === null) return;
    this.attached = false;
    this.options.router.detach(this.engine, reason);
    this.onLost(reason);
  }
}
