/** Answers of the forms of plugins and of their operations: kept, taken back, and told to the plugin. */
import { remoteAddress } from "@imjoy/rpc";
import type { Entries } from "../host/entries";
import type { FormField } from "../model";
import { toFailure } from "../plugins/failure";
import { answerInWords, givenAnswers } from "../plugins/form-values";
import type { UndoStack } from "../workspaces/undo";
import { activeData } from "./active-data";
import { runContext } from "./context";
import type { Desk } from "./desk";

type Answers = Record<string, unknown>;

/** Milliseconds after the last change until the plugin's `update` is called. */
const QUIET = 300;

export interface FormParts {
  entries: Entries;
  undo: UndoStack;
  /** Absent until the workbench has started. */
  desk(): Desk | null;
  /** Something that the workspace keeps has changed. */
  changed(): void;
}

export class Forms {
  /** Answers of operations, of those too that are not registered now. */
  private readonly answered = new Map<string, Answers>();
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();
  private readonly updating = new Map<string, "running" | "again">();

  constructor(private readonly parts: FormParts) {}

  /** Takes one answer; `op`: of that operation, not of the plugin itself. */
  set(id: string, field: string, value: unknown, op?: string): void {
    const form = this.formOf(id, op);
    if (!form) return;
    const before = form.config[field];
    this.setNow(id, field, value, op);
    if (Object.is(before, value)) return;
    const known = form.fields.find((one) => one.id === field);
    const name = op ?? this.parts.entries.get(id)?.source.manifest.name;
    this.parts.undo.push({
      key: `form ${id} ${op ?? ""} ${field}`,
      label: `Change ${known?.label ?? field} of ${name}`,
      from: answerInWords(known, before),
      to: answerInWords(known, value),
      undo: () => this.setNow(id, field, before, op),
      redo: () => this.setNow(id, field, value, op),
    });
  }

  /** A button of the form: the plugin is told at once. */
  press(id: string, field: string, op?: string): void {
    void this.update(id, op, { [field]: true });
  }

  /** What `run` of the plugin, or of an operation, gets as `config`. */
  answers(id: string, op?: string): Answers {
    const form = this.formOf(id, op);
    return form ? givenAnswers(form.fields, form.config) : {};
  }

  /** Answers of the operations of a plugin by their names. */
  ofOperators(id: string): Record<string, Answers> {
    const own = [...this.answered].filter(([key]) => key.startsWith(`${id}/`));
    return Object.fromEntries(own.map(([key, answers]) => [key.slice(id.length + 1), answers]));
  }

  answeredBefore(id: string, op: string): Answers {
    return this.answered.get(`${id}/${op}`) ?? {};
  }

  /** Brings answers back, as when a workspace is opened. */
  restore(id: string, answers: Answers, op?: string): void {
    for (const [field, value] of Object.entries(answers)) this.keep(id, field, value, op);
  }

  /** Reads what was answered in earlier visits. */
  async load(id: string): Promise<void> {
    const kept = await this.parts.desk()?.settings.all(id, "ops");
    for (const [op, answers] of Object.entries(kept ?? {})) {
      this.answered.set(`${id}/${op}`, answers as Answers);
    }
  }

  private setNow(id: string, field: string, value: unknown, op?: string): void {
    this.keep(id, field, value, op);
    const key = `${id}/${op ?? ""}`;
    clearTimeout(this.timers.get(key));
    this.timers.set(
      key,
      setTimeout(() => {
        this.timers.delete(key);
        void this.update(id, op);
      }, QUIET),
    );
  }

  private keep(id: string, field: string, value: unknown, op?: string): void {
    const { entries, desk, changed } = this.parts;
    const form = this.formOf(id, op);
    const config = { ...form?.config, [field]: value };
    if (op === undefined) {
      if (form) entries.change(id, { config });
      void desk()
        ?.settings.set(id, "form", field, value)
        .catch(() => undefined);
    } else {
      const answers = { ...this.answeredBefore(id, op), [field]: value };
      this.answered.set(`${id}/${op}`, answers);
      entries.changeOp(id, op, { config });
      void desk()
        ?.settings.set(id, "ops", op, answers)
        .catch(() => undefined);
    }
    changed();
  }

  /** Calls `update(ctx)`, never twice at a time; what changes meanwhile makes it be called again. */
  private async update(id: string, op: string | undefined, pressed: Answers = {}): Promise<void> {
    const call = this.updateOf(id, op);
    if (!call) return;
    const key = `${id}/${op ?? ""}`;
    if (this.updating.has(key)) {
      this.updating.set(key, "again");
      return;
    }
    this.updating.set(key, "running");
    try {
      await call(pressed);
    } catch (error) {
      const name = op ?? this.parts.entries.get(id)?.source.manifest.name ?? "";
      const { cause } = toFailure(error, "");
      this.parts.entries.log(id, "error", `update of ${name}: ${cause}`);
    }
    const again = this.updating.get(key) === "again";
    this.updating.delete(key);
    if (again) await this.update(id, op);
  }

  private updateOf(id: string, op?: string): ((pressed: Answers) => Promise<unknown>) | null {
    const desk = this.parts.desk();
    const places = desk ? placesOfUpdate(desk, id, op) : [];
    const form = this.formOf(id, op);
    if (!desk || places.length === 0 || !form) return null;
    return (pressed) => {
      const own = dataAnswers(form.fields, form.config);
      const { data } = activeData(desk, form.inputs, own, desk.runInputs.again(id, op));
      const answers = { ...this.answers(id, op), ...pressed };
      const name = op ?? desk.catalog.get(id)?.source.manifest.name ?? "";
      const context = runContext(name, answers, { data });
      return Promise.all(places.map(({ peer, target }) => desk.peer.call(peer, target, [context])));
    };
  }

  private formOf(
    id: string,
    op?: string,
  ): { fields: FormField[]; config: Answers; inputs: unknown } | undefined {
    const { entries } = this.parts;
    const entry = entries.get(id);
    if (op !== undefined) return entries.opOf(id, op);
    return entry && { ...entry, inputs: entry.source.manifest.inputs };
  }
}

/** The answers that belong to the data of a run. */
export function dataAnswers(fields: FormField[], config: Answers): Answers {
  const data = fields.filter(({ isData }) => isData);
  return givenAnswers(data, config);
}

/** Where the `update` of a plugin that runs, in each of its windows, or of an operation, is. */
function placesOfUpdate(
  { host, registry, pluginWindows }: Desk,
  id: string,
  op: string | undefined,
): { peer: string; target: string }[] {
  if (op !== undefined) {
    const update = registry.operator(id, op)?.value.update;
    const place = typeof update === "function" ? remoteAddress(update) : undefined;
    return place ? [place] : [];
  }
  const own = host.instanceOf(id);
  return [...(own ? [own] : []), ...pluginWindows.instancesOf(id)]
    .filter(({ methods }) => methods.includes("update"))
    .map(({ address }) => ({ peer: address, target: "update" }));
}
