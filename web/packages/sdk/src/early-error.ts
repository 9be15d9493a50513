/** An error that nobody caught before the plugin has offered its functions: the likely reason why it never does. */
import { RpcError } from "@imjoy/rpc";
import { trimLines } from "./stack";

/** Milliseconds that the plugin has to offer its functions all the same. */
const PATIENCE = 1500;

export class EarlyError {
  private reject: (error: Error) => void = () => undefined;
  /** Rejects some time after an error was noted. */
  readonly failed = new Promise<never>((_, reject) => {
    this.reject = reject;
  });

  constructor(private readonly patience: number = PATIENCE) {
    // Once the functions are there nobody waits for this any more.
    this.failed.catch(() => undefined);
  }

  note(error: unknown): void {
    const known = error instanceof Error;
    const what = known ? `${error.name}: ${error.message}` : String(error);
    const cause = `The script ended with an error before it called api.export: ${what}`;
    const remedy = "Correct the script there and install the plugin again.";
    const failure = new RpcError("plugin.load_failed", `${cause} ${remedy}`, {
      traceback: known && error.stack ? trimLines(error.stack) : null,
      data: { cause, remedy },
    });
    setTimeout(() => this.reject(failure), this.patience);
  }
}
