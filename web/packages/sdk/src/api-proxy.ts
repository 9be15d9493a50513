/** Builds the `api` object of a plugin: a few functions of its own, all others calls to the workbench. */
import { NdArray, type Peer, type TypedArray } from "@imjoy/rpc";
import type { Events } from "./events";
import type { PluginFacts } from "./messages";
import { toCamel } from "./names";
import type { Publisher } from "./publish";
import { downloadFileFromUrl, uploadFileToUrl, withAddresses } from "./transfers";

type Call = (...args: unknown[]) => Promise<unknown>;

export interface ApiParts {
  peer: Peer;
  host: string;
  events: Events;
  publisher: Publisher;
  facts: () => PluginFacts;
  onPublished: (plugin: object) => void;
}

/** Functions whose arguments hold methods of the plugin that must keep their `this`. */
const TAKES_METHODS = new Set(["register", "registerService"]);

export function makeApi(parts: ApiParts): object {
  const remote = (path: string): Call => {
    const bind = TAKES_METHODS.has(path);
    return (...args) => {
      const sent = bind ? args.map((value) => parts.publisher.bindMethods(value)) : args;
      return parts.peer.call(parts.host, `api.${path}`, sent);
    };
  };
  const local = localFunctions(parts, remote("emit"));
  Object.defineProperties(local, constants(parts.facts));
  const chooseFiles = remote("showFileDialog");
  local.showFileDialog = async (...args: unknown[]) => withAddresses(await chooseFiles(...args));
  Object.defineProperty(local, "signal", {
    get: () => parts.peer.signal ?? new AbortController().signal,
    enumerable: true,
  });
  // Plugins look for functions of other versions, as in `api.x && api.x()`.
  const known = (path: string): Call | undefined =>
    (parts.facts().services?.includes(path) ?? true) ? remote(path) : undefined;
  local.utils = fallThrough(localUtils(local), (name) => known(`utils.${name}`));
  local.fs = fallThrough({}, (name) => {
    const call = known(`fs.${name}`);
    return call && withCallback(name, call);
  });
  return fallThrough(local, known);
}

function localFunctions(parts: ApiParts, emitToHost: Call): Record<string, unknown> {
  const { peer, events, publisher } = parts;
  const publish = async (plugin: unknown): Promise<void> =>
    parts.onPublished(publisher.publish(plugin));
  const waiting: (() => void)[] = [];
  let isLoaded = false;
  events.on("load", () => {
    isLoaded = true;
    for (const run of waiting.splice(0)) run();
  });
  return {
    export: publish,
    init: (config?: object) => publish({ setup() {}, ...config }),
    on: async (name: string, handler: (value: unknown) => unknown, fireIfEmitted?: boolean) =>
      events.on(name, handler, fireIfEmitted === true),
    off: async (name: string, handler?: (value: unknown) => unknown) => events.off(name, handler),
    emit: async (name: string, value?: unknown) => {
      await events.emit(name, value);
      await emitToHost(name, value);
    },
    onClose: async (handler: (value: unknown) => unknown) => events.on("close", handler),
    onLoad: async (handler: () => void) => {
      if (isLoaded) handler();
      else waiting.push(handler);
    },
    registerCodec: async (codec: Parameters<Peer["codecs"]["register"]>[0]) =>
      peer.codecs.register(codec),
    downloadFileFromUrl,
    uploadFileToUrl,
    disposeObject: async () => undefined,
    dispose: async () => undefined,
    ndarray: (
      data: TypedArray | ArrayBuffer | readonly unknown[],
      shape?: number[],
      dtype?: string,
    ) => NdArray.from(data, shape, dtype),
  };
}

function constants(facts: () => PluginFacts): PropertyDescriptorMap {
  const read = (value: (now: PluginFacts) => unknown): PropertyDescriptor => ({
    get: () => value(facts()),
    enumerable: true,
    configurable: true,
  });
  return {
    config: read(({ config, tag, workspace, engineUrl }) => ({
      ...config,
      tag,
      workspace,
      engine: engineUrl,
      file_manager: engineUrl,
    })),
    TAG: read(({ tag }) => tag),
    WORKSPACE: read(({ workspace }) => workspace),
    ENGINE_URL: read(({ engineUrl }) => engineUrl),
    FILE_MANAGER_URL: read(({ engineUrl }) => engineUrl),
  };
}

/** An object that has what it has, in both spellings, and what `make` makes of other names. */
function fallThrough(
  own: Record<string, unknown>,
  make: (name: string) => Call | undefined,
): object {
  const made = new Map<string, Call>();
  const get = (key: string | symbol): unknown => {
    if (typeof key !== "string" || key === "then" || key === "toJSON" || key.startsWith("_")) {
      return undefined;
    }
    const name = toCamel(key);
    if (Object.hasOwn(own, name)) return own[name];
    const call = made.get(name) ?? make(name);
    if (call) made.set(name, call);
    return call;
  };
  return new Proxy(own, { get: (_, key) => get(key), has: (_, key) => get(key) !== undefined });
}

function localUtils({ ndarray }: Record<string, unknown>): Record<string, unknown> {
  return {
    sleep,
    ndarray,
    assert: (holds: unknown, text?: string) => {
      if (!holds) throw new Error(text ?? "An assertion of the plugin does not hold.");
    },
    // Pages of earlier versions had to be told to draw again.
    $forceUpdate: () => undefined,
  };
}

/** Functions of files call back as those of Node do, and give a promise to those who pass no function. */
function withCallback(name: string, call: Call): Call {
  const ask = async (args: unknown[]): Promise<unknown> => {
    const answer = await call(...args).catch((error: unknown) => {
      throw withCode(error);
    });
    return name === "stat" ? withTests(answer as Record<string, unknown>) : answer;
  };
  return async (...args) => {
    const callback = args.at(-1);
    if (typeof callback !== "function") return ask(args);
    try {
      const answer = await ask(args.slice(0, -1));
      if (name === "exists") callback(answer);
      else callback(null, answer);
    } catch (error) {
      callback(error);
    }
    return undefined;
  };
}

/** Errors of files have the code that programs for Node look at, such as `ENOENT`. */
function withCode(error: unknown): unknown {
  const code = error instanceof Error ? /^(E[A-Z]+): /.exec(error.message)?.[1] : undefined;
  return code === undefined ? error : Object.assign(error as Error, { code });
}

/** What Node offers of a file beside its size. */
function withTests(facts: Record<string, unknown>): Record<string, unknown> {
  const is = (type: string) => (): boolean => facts.type === type;
  return { ...facts, isFile: is("file"), isDirectory: is("directory") };
}

const sleep = (seconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, seconds * 1000));
