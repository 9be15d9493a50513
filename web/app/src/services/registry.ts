/** Services that plugins offer to each other by type and name. */
import { newId } from "@imjoy/rpc";
import { codedError } from "../plugins/failure";
import type { ServiceContext, Services } from "./desk";

export interface Offered {
  id: string;
  type: string;
  name: string;
  owner: string;
  address: string;
  value: Record<string, unknown>;
}

/** Everything that is registered now; what a plugin registered goes with it. */
export class Registry {
  private readonly offered = new Map<string, Offered>();

  add(offer: Omit<Offered, "id">): Offered {
    const same = [...this.offered.values()].find(
      ({ type, name, owner }) =>
        type === offer.type && name === offer.name && owner === offer.owner,
    );
    const added = { ...offer, id: same?.id ?? newId() };
    this.offered.set(added.id, added);
    return added;
  }

  list(): Offered[] {
    return [...this.offered.values()];
  }

  remove(matches: (offer: Offered) => boolean): boolean {
    const gone = this.list().filter(matches);
    for (const { id } of gone) this.offered.delete(id);
    return gone.length > 0;
  }
}

function register({ desk, caller }: ServiceContext, value: unknown, extra: unknown): Offered {
  const given = { ...asRecord(value), ...asRecord(extra) };
  const type = typeof given.type === "string" ? given.type : "operator";
  const { manifest } = caller.plugin.source;
  const name = typeof given.name === "string" && given.name ? given.name : manifest.name;
  const owner = caller.plugin.id;
  return desk.registry.add({ type, name, owner, address: caller.address, value: given });
}

function unregister({ desk, caller }: ServiceContext, query: unknown): boolean {
  const wanted = typeof query === "string" ? { name: query } : asRecord(query);
  return desk.registry.remove(
    (offer) => offer.owner === caller.plugin.id && matches(offer, wanted),
  );
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
  getEngine: (context, wanted) => find("engine", context, wanted),
  getEngineFactory: (context, wanted) => find("engine-factory", context, wanted),
  register: (context, value, extra) => register(context, value, extra).name,
  registerService: (context, value, extra) => {
    if (!asRecord(value).type && !asRecord(extra).type) {
      throw codedError("plugin.error", "A service needs a type: registerService({type, name, …}).");
    }
    const { id, type, name } = register(context, value, extra);
    return type === "operator" ? name : id;
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

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
