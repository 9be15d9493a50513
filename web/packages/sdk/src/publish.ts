/** Puts the methods of the object that a plugin exports into the peer's table of functions. */
import type { Peer } from "@imjoy/rpc";
import type { PluginInterface } from "./messages";
import { trimStack } from "./stack";

// biome-ignore lint/complexity/noBannedTypes: methods of a plugin take and return anything
type Method = Function;

export class Publisher {
  private names: string[] = [];
  private readonly bound = new Map<Method, Method>();
  private readonly waiting: ((value: PluginInterface) => void)[] = [];
  private published: PluginInterface | null = null;
  private active = 0;
  private readonly idling: (() => void)[] = [];

  constructor(private readonly peer: Peer) {}

  /** Exports an instance, a class (which is instantiated) or an object; replaces what was exported before. */
  publish(given: unknown): object {
    const plugin = instantiate(given);
    for (const name of this.names) this.peer.unexport(name);
    this.names = [];
    this.bound.clear();
    const values: Record<string, unknown> = {};
    for (const [name, value] of members(plugin)) {
      if (typeof value === "function") {
        const method = this.counted(value.bind(plugin) as (...args: never[]) => unknown);
        this.peer.export(name, method);
        this.bound.set(value, method);
        this.names.push(name);
      } else if (isPlain(value)) values[name] = value;
    }
    for (const value of members(plugin, true).values()) {
      if (typeof value !== "function") continue;
      this.bound.set(value, this.counted(value.bind(plugin) as (...args: never[]) => unknown));
    }
    this.published = { methods: this.names, values };
    for (const resolve of this.waiting.splice(0)) resolve(this.published);
    return plugin;
  }

  /** What was exported; waits until something is. */
  interface(): Promise<PluginInterface> {
    if (this.published) return Promise.resolve(this.published);
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /** Settles when no method of the plugin is being run. */
  idle(): Promise<void> {
    if (this.active === 0) return Promise.resolve();
    return new Promise((resolve) => this.idling.push(resolve));
  }

  private counted(method: (...args: never[]) => unknown): (...args: never[]) => Promise<unknown> {
    return async (...args) => {
      this.active += 1;
      try {
        return await method(...args);
      } catch (error) {
        throw trimStack(error);
      } finally {
        this.active -= 1;
        if (this.active === 0) for (const resolve of this.idling.splice(0)) resolve();
      }
    };
  }

  /** An object whose functions that are methods of the plugin keep the plugin as `this`. */
  bindMethods(value: unknown): unknown {
    if (!isPlainObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, entry]) => [
        name,
        typeof entry === "function" ? (this.bound.get(entry) ?? entry) : entry,
      ]),
    );
  }
}

function instantiate(given: unknown): object {
  if (typeof given === "function") {
    const isClass = /^class\b/.test(Function.prototype.toString.call(given));
    const hasMethods = Object.getOwnPropertyNames(given.prototype ?? {}).length > 1;
    if (isClass || hasMethods) return new (given as new () => object)();
    return { setup() {}, run: given };
  }
  if (typeof given === "object" && given !== null) return given;
  throw new TypeError("api.export takes an object, an instance of a class, or a class.");
}

/**
 * Public members by name, or those of its own use: own ones first, then those of the classes above.
 * Getters are left alone.
 */
function members(plugin: object, own = false): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (
    let level: object | null = plugin;
    level && level !== Object.prototype;
    level = Object.getPrototypeOf(level) as object | null
  ) {
    for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(level))) {
      if (name.startsWith("_") !== own || name === "constructor" || found.has(name)) continue;
      if ("value" in descriptor) found.set(name, descriptor.value);
    }
  }
  return found;
}

function isPlain(value: unknown): boolean {
  return ["string", "number", "boolean"].includes(typeof value);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}
