/** Counts what each plugin is doing, and shows it as running meanwhile. */
import type { Entries } from "./entries";
import type { Instances } from "./instances";

export class Runs {
  private readonly counts = new Map<string, number>();

  constructor(
    private readonly instances: Instances,
    private readonly entries: Entries,
  ) {}

  isBusy(id: string): boolean {
    return (this.counts.get(id) ?? 0) > 0;
  }

  async during<T>(id: string, work: () => Promise<T>): Promise<T> {
    this.count(id, 1);
    try {
      return await work();
    } finally {
      this.count(id, -1);
    }
  }

  private count(id: string, by: number): void {
    this.counts.set(id, (this.counts.get(id) ?? 0) + by);
    if (this.instances.has(id)) {
      this.entries.change(id, { state: this.isBusy(id) ? "running" : "ready" });
    }
  }
}
