/** The operations that plugins registered: shown below their plugin, remembered, and run. */
import { remoteAddress } from "@imjoy/rpc";
import type { Entries } from "../host/entries";
import type { RunOptions } from "../host/host";
import type { OpEntry } from "../model";
import { answersOf, readForm } from "../plugins/form";
import { isSchema } from "../plugins/schema-form";
import { plainJson } from "../workspaces/plain-json";
import type { Settings } from "../workspaces/settings";
import type { RunContext } from "./context";
import type { Desk } from "./desk";
import type { Forms } from "./forms";
import { type Offered, OPERATOR, type Registry } from "./registry";

/** What is shown of an operation while its plugin does not run. */
interface Facts extends Record<"ui" | "inputs" | "description" | "show_panel", unknown> {
  /** Its place among the operations of the plugin. */
  place: number;
}

export interface OperatorParts {
  registry: Registry;
  entries: Entries;
  forms: Forms;
  settings: Settings;
}

/** Keeps the operations in the entries of their plugins as they are registered and taken back. */
export class Operators {
  /** Of each plugin by the names of its operations, in the order in which they came. */
  private readonly known = new Map<string, Map<string, Facts>>();
  private live: Offered[] = [];

  constructor(private readonly parts: OperatorParts) {
    parts.registry.store.subscribe((offers) => this.follow(offers));
  }

  /** Shows what the plugin offered when it ran last. */
  async load(plugin: string): Promise<void> {
    const kept = await this.parts.settings.all(plugin, "offered");
    const known = this.of(plugin);
    const inOrder = Object.entries(kept as Record<string, Facts>).sort(
      ([, a], [, b]) => a.place - b.place,
    );
    for (const [name, facts] of inOrder) if (!known.has(name)) known.set(name, facts);
    if (known.size > 0) this.show(plugin);
  }

  /** Another version of the plugin may offer other things. */
  async forget(plugin: string, name?: string): Promise<void> {
    const names = name === undefined ? [...this.of(plugin).keys()] : [name];
    for (const one of names) this.of(plugin).delete(one);
    this.show(plugin);
    for (const one of names) await this.parts.settings.set(plugin, "offered", one, null);
  }

  private of(plugin: string): Map<string, Facts> {
    const known = this.known.get(plugin) ?? new Map<string, Facts>();
    this.known.set(plugin, known);
    return known;
  }

  private follow(offers: Offered[]): void {
    const operators = offers.filter(({ type }) => type === OPERATOR);
    const fresh = operators.filter((offer) => !this.live.includes(offer));
    const gone = this.live.filter(({ id }) => !operators.some((offer) => offer.id === id));
    this.live = operators;
    for (const offer of fresh) this.remember(offer);
    for (const owner of new Set([...fresh, ...gone].map((offer) => offer.owner))) this.show(owner);
  }

  private remember({ owner, name, value }: Offered): void {
    const { ui, inputs, description, show_panel } = value;
    const known = this.of(owner);
    const place =
      known.get(name)?.place ?? Math.max(0, ...[...known.values()].map((f) => f.place)) + 1;
    const facts: Facts = { ui, inputs, description, show_panel, place };
    known.set(name, facts);
    const plain = plainJson(facts);
    void this.parts.settings.set(owner, "offered", name, plain).catch(() => undefined);
  }

  private show(owner: string): void {
    const { entries, forms } = this.parts;
    const ops = [...this.of(owner)].map(([name, facts]): OpEntry => {
      const { fields, html } = readForm(facts.ui, facts.inputs);
      const text = facts.description ?? (isSchema(facts.ui) ? facts.ui.description : "");
      return {
        name,
        about: typeof text === "string" ? text : "",
        inputs: facts.inputs ?? null,
        open: facts.show_panel !== false,
        fields,
        html,
        config: answersOf(fields, forms.answeredBefore(owner, name)),
        running: entries.opOf(owner, name)?.running ?? false,
        failure: null,
      };
    });
    entries.change(owner, { ops });
  }
}

/** Calls the `run` of an operation, which is that of its plugin when it has none of its own. */
export function runOperator(
  { host }: Desk,
  { owner, value }: Offered,
  context: RunContext,
  options: RunOptions,
): Promise<unknown> {
  const run = value.run;
  const place = typeof run === "function" ? remoteAddress(run) : undefined;
  if (!place) return host.run(owner, context, options);
  return host.runFunction(owner, place, context, options);
}
