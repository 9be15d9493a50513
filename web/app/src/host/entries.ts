/** What the page shows of each installed plugin: state, log, progress, form. */
import { type Failure, type LogLine, type OpEntry, type PluginEntry, Store } from "../model";
import type { Installed } from "../plugins/catalog";
import { toFailure } from "../plugins/failure";
import { answersOf, readForm } from "../plugins/form";

const LINES = 2000;
const LINE_LENGTH = 10_000;
/** Milliseconds between two showings of new log lines. */
const FLUSH = 100;

export class Entries {
  readonly store = new Store<PluginEntry[]>([]);
  private readonly waiting = new Map<string, { lines: LogLine[]; dropped: number }>();
  private timer: ReturnType<typeof setTimeout> | null = null;

  /** Adds a plugin, or replaces the one with its id. */
  set(installed: Installed, answers: Record<string, unknown> = {}): void {
    const entry = makeEntry(installed, answers);
    const known = this.get(installed.id);
    // What the version before said is still worth reading, above all while somebody writes it.
    if (known) entry.log = [...known.log, ...entry.log];
    this.store.update((entries) =>
      known
        ? entries.map((other) => (other.id === entry.id ? entry : other))
        : [...entries, entry].sort(byName),
    );
  }

  get(id: string): PluginEntry | undefined {
    return this.store.get().find((entry) => entry.id === id);
  }

  /** Changes what is shown of one operation of a plugin. */
  changeOp(id: string, name: string, change: Partial<OpEntry>): void {
    const ops = this.get(id)?.ops.map((op) => (op.name === name ? { ...op, ...change } : op));
    if (ops) this.change(id, { ops });
  }

  opOf(id: string, name: string): OpEntry | undefined {
    return this.get(id)?.ops.find((op) => op.name === name);
  }

  change(id: string, change: Partial<PluginEntry>): void {
    this.store.update((entries) =>
      entries.map((entry) => (entry.id === id ? { ...entry, ...change } : entry)),
    );
  }

  remove(id: string): void {
    this.waiting.delete(id);
    this.store.update((entries) => entries.filter((entry) => entry.id !== id));
  }

  /** Puts a plugin in the failed state and the failure in its log. */
  fail(id: string, failure: Failure): void {
    const text = [`${failure.step}: ${failure.cause}`, failure.detail].filter(Boolean).join("\n");
    this.log(id, "error", text);
    this.change(id, { state: "failed", failure, progress: null, status: "" });
  }

  /** Adds a line to the log; many lines are shown together, and the oldest are dropped. */
  log(id: string, level: LogLine["level"], text: string, time: number = Date.now()): void {
    const cut = text.length > LINE_LENGTH ? `${text.slice(0, LINE_LENGTH)} …` : text;
    const waiting = this.waiting.get(id) ?? { lines: [], dropped: 0 };
    this.waiting.set(id, waiting);
    waiting.lines.push({ time, level, text: cut });
    if (waiting.lines.length > LINES) waiting.lines.splice(0, waiting.lines.length - LINES);
    this.timer ??= setTimeout(() => this.flush(), FLUSH);
  }

  /** Shows the log lines that wait. */
  flush(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    const waiting = new Map(this.waiting);
    this.waiting.clear();
    this.store.update((entries) =>
      entries.map((entry) => {
        const more = waiting.get(entry.id);
        return more ? { ...entry, log: [...entry.log, ...more.lines].slice(-LINES) } : entry;
      }),
    );
  }
}

function byName(a: PluginEntry, b: PluginEntry): number {
  return a.source.manifest.name.localeCompare(b.source.manifest.name);
}

function makeEntry(
  { id, source, pinned }: Installed,
  answers: Record<string, unknown>,
): PluginEntry {
  const entry: PluginEntry = {
    id,
    source,
    pinned: pinned === true,
    state: "installed",
    progress: null,
    status: "",
    log: [],
    failure: null,
    fields: [],
    html: "",
    config: {},
    ops: [],
  };
  try {
    Object.assign(entry, readForm(source.manifest.ui, source.manifest.inputs));
  } catch (error) {
    const { cause, remedy } = toFailure(error, "Reading the form");
    entry.log = [{ time: Date.now(), level: "error", text: `${cause} ${remedy}` }];
  }
  entry.config = answersOf(entry.fields, answers);
  return entry;
}
