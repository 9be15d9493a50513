/** Short messages at the edge of the page; they go by themselves, failures into the list of problems. */
import { newId } from "@imjoy/rpc";
import { type Failure, isElsewhere, type Notice, Store, type WorkspaceName } from "../model";

const SECONDS: Record<Notice["level"], number> = { info: 6, success: 6, error: 20 };
/** With something to do about it, as to take back what was done. */
const WITH_ACTION = 12;

/** What a key did is read at a glance, and the next press says something else. */
const AT_A_GLANCE = 4;

/** Notices of one plugin that are shown at a time. */
const OF_ONE = 3;
/** Milliseconds between what one plugin says and what it says next. */
const PACE = 100;
const KEPT = 20;
/** Milliseconds after which a failure makes way for a window that opens. */
const READ = 5000;

export class Notices {
  readonly store = new Store<Notice[]>([]);
  /** The workspace that is open. */
  where: () => WorkspaceName | null = () => null;
  private readonly owners = new Map<string, string>();
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();
  private readonly since = new Map<string, number>();
  private held = false;
  /** What plugins say faster than it can be read: of each the last few, shown a little later. */
  private readonly paced = new Map<string, Notice[]>();

  notify(
    level: Notice["level"],
    text: string,
    failure?: Failure,
    seconds: number = SECONDS[level],
    /** The plugin that tells; only its last few are shown, so that those of others stay in sight. */
    owner = "",
  ): string {
    const notice: Notice = { id: newId(), level, text, seconds };
    if (failure) notice.failure = failure;
    if (!owner) return this.show(notice);
    const waiting = this.paced.get(owner);
    if (waiting) this.paced.set(owner, [...waiting, notice].slice(-OF_ONE));
    else this.showOf(owner, [notice]);
    return notice.id;
  }

  /** A plugin that reports in a loop must not fill the page. */
  private showOf(owner: string, notices: Notice[]): void {
    const same = this.store.get().filter(({ id }) => this.owners.get(id) === owner);
    const over = same.length + notices.length - OF_ONE;
    for (const { id } of same.slice(0, Math.max(0, over))) this.dismiss(id);
    for (const notice of notices) {
      this.owners.set(notice.id, owner);
      this.show(notice);
    }
    this.paced.set(owner, []);
    setTimeout(() => {
      const waiting = this.paced.get(owner) ?? [];
      this.paced.delete(owner);
      if (waiting.length > 0) this.showOf(owner, waiting);
    }, PACE);
  }

  /** Tells of what was just done; of one kind only the last is shown, however fast they follow. */
  tell(kind: string, text: string): void {
    this.settle(kind);
    this.store.update((notices) => notices.filter(({ id }) => id !== kind));
    this.show({ id: kind, level: "info", text, seconds: AT_A_GLANCE });
  }

  /** Tells of something and offers to do something about it, for some seconds. */
  offer(text: string, action: { label: string; run(): void }): string {
    const id = newId();
    const run = (): void => {
      this.dismiss(id);
      action.run();
    };
    const { label } = action;
    return this.show({ id, level: "info", text, seconds: WITH_ACTION, action: { label, run } });
  }

  /** Shows a failure; the step names what was being done. */
  fail(failure: Failure): void {
    this.notify("error", `${failure.step}: ${failure.cause}`, failure);
  }

  /** Puts a failure of before into the list of problems. */
  list(failure: Failure, workspace: WorkspaceName | null = null): void {
    const text = `${failure.step}: ${failure.cause}`;
    this.show({ id: newId(), level: "error", text, seconds: 0, failure, past: true, workspace });
  }

  /** Takes away that a step failed; the list of work still has it. */
  forget(step: string): void {
    for (const { id, failure } of this.store.get()) if (failure?.step === step) this.dismiss(id);
  }

  /** Takes away all that failed in the open workspace. */
  forgetFailures(): void {
    for (const { id, level, workspace } of this.store.get()) {
      if (level === "error" && !isElsewhere(workspace, this.where())) this.dismiss(id);
    }
  }

  dismiss(id: string): void {
    this.settle(id);
    this.owners.delete(id);
    this.store.update((notices) => notices.filter((notice) => notice.id !== id));
  }

  /** While somebody reads them, none goes by itself. */
  hold(held: boolean): void {
    if (held === this.held) return;
    this.held = held;
    for (const notice of this.store.get()) {
      this.settle(notice.id);
      if (!held) this.count(notice);
    }
  }

  /** A window opens: failures that could be read make way for it. */
  makeWay(): void {
    if (this.held) return;
    const now = Date.now();
    for (const { id, level, past } of this.store.get()) {
      if (level === "error" && !past && now - (this.since.get(id) ?? now) > READ) this.end(id);
    }
  }

  private show(told: Notice): string {
    const notice = { workspace: this.where(), ...told };
    this.since.set(notice.id, Date.now());
    const all = [...this.store.get(), notice];
    for (const { id } of all.slice(0, -KEPT)) this.settle(id);
    this.store.set(all.slice(-KEPT));
    if (!this.held) this.count(notice);
    return notice.id;
  }

  private count({ id, seconds, past }: Notice): void {
    if (seconds > 0 && !past)
      this.timers.set(
        id,
        setTimeout(() => this.end(id), seconds * 1000),
      );
  }

  private settle(id: string): void {
    clearTimeout(this.timers.get(id));
    this.timers.delete(id);
  }

  /** Its time is over: a failure stays in the list of problems. */
  private end(id: string): void {
    const notice = this.store.get().find((one) => one.id === id);
    if (notice?.level !== "error") {
      this.dismiss(id);
      return;
    }
    this.settle(id);
    this.store.update((notices) =>
      notices.map((one) => (one.id === id ? { ...one, past: true } : one)),
    );
  }
}
