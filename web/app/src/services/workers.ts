/** Looks at the engine's processes for the shell, and ends, interrupts and restarts them. */
import type { EngineSight, MachineStatus, WorkerFacts, WorkerLine, Workers } from "../model";

const SECONDS = 10_000;

interface Engine {
  call(target: string, args: readonly unknown[], options?: { timeout: number }): Promise<unknown>;
}

export class EngineWorkers implements Workers {
  constructor(
    private readonly engine: Engine,
    private readonly now: () => number = () => performance.now(),
  ) {}

  async look(): Promise<EngineSight> {
    const asked = this.now();
    await this.ask("ping");
    const roundTrip = this.now() - asked;
    const [machine, workers] = await Promise.all([this.ask("status"), this.ask("workers")]);
    return { roundTrip, machine: machine as MachineStatus, workers: workers as WorkerFacts[] };
  }

  async stop(worker: string): Promise<void> {
    await this.ask("stop_worker", worker);
  }

  async interrupt(worker: string): Promise<boolean> {
    return (await this.ask("interrupt_worker", worker)) === true;
  }

  async restart(worker: string): Promise<boolean> {
    return (await this.ask("restart_worker", worker)) === true;
  }

  async log(worker: string): Promise<WorkerLine[]> {
    return (await this.ask("worker_log", worker)) as WorkerLine[];
  }

  private ask(name: string, ...args: unknown[]): Promise<unknown> {
    return this.engine.call(`engine.${name}`, args, { timeout: SECONDS });
  }
}
