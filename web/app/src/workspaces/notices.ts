/** Short messages at the edge of the page; most of them go by themselves. */
import { newId } from "@imjoy/rpc";
import { type Failure, type Notice, Store } from "../model";

const SECONDS: Record<Notice["level"], number> = { info: 6, success: 6, error: 0 };

/** Notices of one plugin that are shown at a time. */
const OF_ONE = 3;

export class Notices {
  readonly store = new Store<Notice[]>([]);
  private readonly owners = new Map<string, string>();

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
    // A plugin that reports in a loop must not fill the page.
    this.owners.set(notice.id, owner);
    const same = this.store.get().filter(({ id }) => owner && this.owners.get(id) === owner);
    for (const { id } of same.slice(0, Math.max(0, same.length + 1 - OF_ONE))) this.dismiss(id);
    this.store.update((notices) => [...notices, notice].slice(-20));
    if (seconds > 0) setTimeout(() => this.dismiss(notice.id), seconds * 1000);
    return notice.id;
  }

  /** Shows a failure; the step names what was being done. */
  fail(failure: Failure): void {
    this.notify("error", `${failure.step}: ${failure.cause}`, failure);
  }

  /** Takes away that a step failed; the list of work still has it. */
  forget(step: string): void {
    for (const { id, failure } of this.store.get()) if (failure?.step === step) this.dismiss(id);
  }

  dismiss(id: string): void {
    this.owners.delete(id);
    this.store.update((notices) => notices.filter((notice) => notice.id !== id));
  }
}
