/** Services that plugins offer to each other by type and name. */
import { newId } from "@imjoy/rpc";
import { PLUGIN_TYPES, Store } from "../model";
import { codedError } from "../plugins/failure";
import { readForm } from "../plugins/form";
import type { ServiceContext, Services } from "./desk";
import { asRecord } from "./record";

export interface Offered {
  id: string;
  type: string;
  name: string;
  owner: string;
  address: string;
  value: Record<string, unknown>;
}

/** An operation that a plugin offers to the user and to other plugins. */
export const OPERATOR = "operator";

/** Names of the type of an operation. */
const OPERATOR_NAMES = new Set(["op", "operator"]);
/** Services that one plugin may offer, so that a plugin in a loop cannot bring the page down. */
const LIMIT = 200;

/** Everything that is registered now; what a plugin registered goes with it. */
export class Registry {
  readonly store = new Store<Offered[]>([]);

  add(offer: Omit<Offered, "id">): Offered {
    const same = this.list().find(
      ({ type, name, owner }) =>
        type === offer.type && name === offer.name && owner === offer.owner,
    );
    const own = this.list().filter(({ owner }) => owner === offer.owner);
    if (!same && own.length >= LIMIT) {
      throw codedError("plugin.error", `A plugin can register at most ${LIMIT} services.`);
    }
    const added = { ...offer, id: same?.id ?? newId() };
    this.store.update((all) =>
      same ? all.map((other) => (other.id === added.id ? added : other)) : [...all, added],
    );
    return added;
  }

  list(): Offered[] {
    return this.store.get();
  }

  /** An operation by the plugin that registered it and its name. */
  operator(owner: string, name: string): Offered | undefined {
    return this.list().find(
      (offer) => offer.type === OPERATOR && offer.owner === owner && offer.name === name,
    );
  }

  remove(matches: (offer: Offered) => boolean): boolean {
    const left = this.list().filter((offer) => !matches(offer));
    const gone = left.length < this.list().length;
    if (gone) this.store.set(left);
    return gone;
  }
}

function register({ desk, caller }: ServiceContext, value: unknown, extra: unknown): Offered {
  const named = typeof value === "string" ? { name: value } : asRecord(value);
  const given: Record<string, unknown> = { ...named, ...asRecord(extra) };
  const type = typeOf(given.type);
  const { manifest } = caller.plugin.source;
  const name = typeof given.name === "string" && given.name ? given.name : manifest.name;
  const owner = caller.plugin.id;
  // A form that cannot be read is told to the plugin, before it is offered to anyone.
  if (type === OPERATOR) readForm(given.ui, given.inputs);
  return desk.registry.add({ type, name, owner, address: caller.address, value: given });
}

function typeOf(given: unknown): string {
  return typeof given !== "string" || OPERATOR_NAMES.has(given) ? OPERATOR : given;
}

function unregister({ desk, caller }: ServiceContext, query: unknown): boolean {
  const wanted: Record<string, unknown> =
    typeof query === "string" ? { name: query } : { ...asRecord(query) };
  if (wanted.type !== undefined) wanted.type = typeOf(wanted.type);
  const { id } = caller.plugin;
  const gone = desk.registry.list().filter((offer) => offer.owner === id && matches(offer, wanted));
  desk.registry.remove((offer) => gone.includes(offer));
  for (const { type, name } of gone) {
    if (type === OPERATOR) void desk.operators.forget(id, name).catch(() => undefined);
  }
  return gone.length > 0;
}

/** The engine of the page, as one that a plugin has registered. */
function ownEngine({ desk: { files } }: ServiceContext, wanted: unknown): object | undefined {
  const key = typeof wanted === "string" ? wanted : asRecord(wanted).url;
  const isMeant = !key || key === files.url;
  if (!files.available || !isMeant) return undefined;
  return { type: "engine", name: "Engine", url: files.url, heartbeat: () => files.available };
}

/** What was registered of a type, by its name or address. */
function find(type: string, { desk }: ServiceContext, wanted: unknown): Record<string, unknown> {
  const query = asRecord(wanted);
  const key = typeof wanted === "string" ? wanted : (query.url ?? query.name);
  const found = desk.registry
    .list()
    .find((offer) => offer.type === type && (offer.value.url === key || offer.name === key));
  if (found) return found.value;
  const cause = `There is no ${type} "${String(key)}".`;
  const remedy = "Install and start the plugin that offers it.";
  throw codedError("plugin.not_found", `${cause} ${remedy}`, { cause, remedy });
}

export const registry: Services = {
  getEngine: (context, wanted) => ownEngine(context, wanted) ?? find("engine", context, wanted),
  getEngineFactory: (context, wanted) => find("engine-factory", context, wanted),
  register: (context, value, extra) => {
    const type = asRecord(extra).type ?? asRecord(value).type;
    // Before there were services all that was registered was an operation; its type said where it shows.
    const isOld = typeof type === "string" && (PLUGIN_TYPES as readonly string[]).includes(type);
    const more = isOld ? { ...asRecord(extra), type: OPERATOR } : extra;
    return register(context, value, more).name;
  },
  registerService: (context, value, extra) => {
    if (!asRecord(value).type && !asRecord(extra).type) {
      throw codedError("plugin.error", "A service needs a type: registerService({type, name, …}).");
    }
    const { id, type, name } = register(context, value, extra);
    return type === OPERATOR ? name : id;
  },
  unregister,
  unregisterService: unregister,
  getServices: ({ desk }, query) =>
    desk.registry
      .list()
      .filter((offer) => matches(offer, asRecord(query)))
      .map(({ id, type, name, value }) => ({ ...value, id, type, name })),
};

function matches(offer: Offered, query: Record<string, unknown>): boolean {
  const { id, type, name, value } = offer;
  const known: Record<string, unknown> = { ...value, id, type, name };
  return Object.entries(query).every(([key, wanted]) => known[key] === wanted);
}
