/**
 * Speaks with one page that was written against the published imjoy-rpc library (API 0.2): with one that is
 * shown here, or with the one around that takes this page as its plugin.
 */
import { newId } from "@imjoy/rpc";
import { fromLegacy, toLegacy, type ValueLinks } from "./values";

// biome-ignore lint/complexity/noBannedTypes: functions of plugins take and return anything
type AnyFunction = Function;
type Message = Record<string, unknown>;

export interface ConversationOptions {
  name: string;
  send(message: Message): void;
  /** Under which the page around knows us already; a page that is shown here says how it is called itself. */
  id?: string;
  /** What the page can call, as one object of functions and values. */
  api: Record<string, unknown>;
  onError(error: unknown): void;
  /** The page has ended the conversation. */
  onEnd(): void;
}

/** What the page said of itself, and what it offers. */
export interface PageOffer {
  config: Record<string, unknown>;
  methods: Record<string, (...args: unknown[]) => Promise<unknown>>;
  values: Record<string, unknown>;
}

/** Functions that are kept for the page at most; a page that never gives one back loses the oldest. */
const KEPT = 10_000;
const API = "imjoy";
/** Of which windows are told by the page's own methods. */
const FORWARDED = ["close", "on", "off", "emit", "resize", "show", "hide", "refresh"];

export class Conversation {
  private readonly id: string;
  private page: unknown;
  private config: Record<string, unknown> = {};
  /** Functions of ours by the id under which the page calls them. */
  private readonly objects = new Map<string, AnyFunction>();
  private readonly known = new WeakMap<AnyFunction, string>();
  private readonly links: ValueLinks = {
    remote:
      (tag) =>
      (...args) =>
        this.call(tag, args),
    local: (fn) => this.tagOf(fn),
  };
  private offered: (offer: PageOffer) => void = () => undefined;
  /** Settles once the page has offered its functions. */
  readonly offer = new Promise<PageOffer>((resolve) => {
    this.offered = resolve;
  });

  constructor(private readonly options: ConversationOptions) {
    this.id = options.id ?? newId();
    // To the page around every message is one of its plugin, so it goes by the id of that.
    this.page = options.id ?? null;
  }

  /** Takes one message of the page; what makes no sense is dropped. */
  receive(message: unknown): void {
    if (typeof message !== "object" || message === null) return;
    const { type } = message as Message;
    const handler = typeof type === "string" ? this.handlers.get(type) : undefined;
    try {
      handler?.(message as Message);
    } catch (error) {
      this.options.onError(error);
    }
  }

  private readonly handlers = new Map<string, (message: Message) => void>([
    ["imjoyRPCReady", (message) => this.initialize(message)],
    ["initialized", (message) => this.initialized(message)],
    ["interfaceSetAsRemote", () => this.post({ type: "getInterface" })],
    ["getInterface", () => this.sendInterface()],
    ["setInterface", ({ api }) => this.setInterface(api)],
    ["method", (message) => void this.onCall(message, this.methodOf(message))],
    ["callback", (message) => void this.onCall(message, this.objects.get(String(message.id)))],
    ["disposeObject", (message) => this.dispose(message)],
    ["error", ({ error }) => this.options.onError(error)],
    ["disconnect", () => this.options.onEnd()],
  ]);

  private initialize({ peer_id }: Message): void {
    const config = {
      name: this.options.name,
      type: "rpc-window",
      allow_execution: false,
      enable_service_worker: false,
      forwarding_functions: FORWARDED,
      expose_api_globally: true,
    };
    this.options.send({ type: "initialize", config, peer_id });
  }

  private initialized({ peer_id, config }: Message): void {
    // A page says who it is once; later it cannot become another.
    if (this.page !== null) return;
    this.page = peer_id;
    this.config = isRecord(config) ? config : {};
    this.sendInterface();
  }

  private sendInterface(): void {
    const api = toLegacy(this.options.api, this.apiLinks());
    this.post({ type: "setInterface", api: { ...(api as object), _rintf: API } });
  }

  private setInterface(api: unknown): void {
    const offered = fromLegacy(api, this.links);
    const entries = isRecord(offered) ? Object.entries(offered) : [];
    const methods = entries.filter(([, value]) => typeof value === "function");
    const values = entries.filter(([, value]) => typeof value !== "function");
    this.post({ type: "interfaceSetAsRemote" });
    this.offered({
      config: this.config,
      methods: Object.fromEntries(methods) as PageOffer["methods"],
      values: Object.fromEntries(values),
    });
  }

  /** Functions of the api are called by their names, so that the page can show them as one object. */
  private apiLinks(): ValueLinks {
    const names = new Map<AnyFunction, string>();
    const note = (part: unknown, path: string): void => {
      if (typeof part === "function") names.set(part, path);
      else if (isRecord(part)) {
        for (const [key, value] of Object.entries(part)) note(value, path ? `${path}.${key}` : key);
      }
    };
    note(this.options.api, "");
    for (const [fn, name] of names) this.objects.set(`${API}/${name}`, fn);
    return {
      ...this.links,
      local: (fn) => this.interfaceTag(API, names.get(fn) ?? ""),
    };
  }

  private tagOf(fn: AnyFunction): Message {
    const id = this.known.get(fn) ?? newId();
    this.known.set(fn, id);
    this.objects.delete(id);
    this.objects.set(id, fn);
    if (this.objects.size > KEPT) this.forgetOldest();
    return this.interfaceTag(id, "call");
  }

  private forgetOldest(): void {
    for (const id of this.objects.keys()) {
      if (id.includes("/")) continue;
      this.objects.delete(id);
      return;
    }
  }

  private interfaceTag(id: string, name: string): Message {
    return { _rtype: "interface", _rtarget_id: this.id, _rintf: id, _rvalue: name };
  }

  private methodOf({ object_id, name }: Message): AnyFunction | undefined {
    const id = String(object_id);
    return this.objects.get(id === API ? `${API}/${String(name)}` : id);
  }

  /** Runs a function of ours for the page and answers by the pair of callbacks that it sent. */
  private async onCall(
    { args, promise, name }: Message,
    fn: AnyFunction | undefined,
  ): Promise<void> {
    const [resolve, reject] = (Array.isArray(promise) ? promise : []) as Message[];
    try {
      if (!fn) throw new Error(`There is no function "${String(name ?? "")}" to call.`);
      const given = fromLegacy(Array.isArray(args) ? args : [], this.links) as unknown[];
      const value: unknown = await (fn as (...given: unknown[]) => unknown)(...given);
      if (resolve) this.answer(resolve, value);
    } catch (error) {
      if (reject) this.answer(reject, error);
      else this.options.onError(error);
    }
  }

  private answer(callback: Message, value: unknown): void {
    const args = [toLegacy(value, this.links)];
    this.post({ type: "callback", id: callback._rvalue, target_id: callback._rtarget_id, args });
  }

  /** Calls a function of the page. */
  private call(tag: Message, args: unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const settle = (value: unknown, done: (value: unknown) => void): void => {
        for (const id of ids) this.objects.delete(id);
        done(value);
      };
      const ids = [newId(), newId()];
      this.objects.set(ids[0] as string, (value: unknown) => settle(value, resolve));
      this.objects.set(ids[1] as string, (error: unknown) => settle(error, reject));
      const promise = ids.map((id) => ({
        _rtype: "callback",
        _rtarget_id: this.id,
        _rname: id,
        _rvalue: id,
      }));
      const { _rtype, _rvalue, _rintf, _rtarget_id: target_id } = tag;
      const sent = toLegacy(args, this.links);
      const common = { target_id, args: sent, promise };
      if (_rtype === "callback") this.post({ type: "callback", id: _rvalue, ...common });
      else this.post({ type: "method", name: _rvalue, object_id: _rintf, ...common });
    });
  }

  private dispose({ object_id }: Message): void {
    const id = String(object_id);
    const was = !id.startsWith(API) && this.objects.delete(id);
    this.post(was ? { type: "disposed" } : { type: "disposed", error: "There is no such object." });
  }

  private post(message: Message): void {
    this.options.send({ ...message, peer_id: this.page });
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
