/** Work that goes on, its failures, the engine, and short notices. */
import type { LogLine } from "./plugins";

export interface Failure {
  /** What was being done: "Starting Coins". */
  step: string;
  cause: string;
  remedy: string;
  /** Traceback or other detail, possibly long. */
  detail?: string;
  code: string;
}

/** A workspace as work that began in it remembers it. */
export interface WorkspaceName {
  id: string;
  name: string;
}

/** Whether something belongs to another workspace than the one that is open. */
export function isElsewhere(
  of: WorkspaceName | null | undefined,
  here: { id: string } | null,
): of is WorkspaceName {
  return of !== null && of !== undefined && of.id !== here?.id;
}

export interface Job {
  id: string;
  /** Where it began, and where its result belongs; null of work of the whole page. */
  workspace: WorkspaceName | null;
  plugin: string;
  title: string;
  state: "running" | "done" | "failed" | "cancelled";
  /** In words: "Downloading numpy". */
  step: string;
  /** The steps so far, with when each began. */
  steps: { time: number; text: string }[];
  done: number;
  total: number;
  unit: "bytes" | "packages" | "percent" | "";
  /** Seconds to the end of the step; null as long as it cannot be said. */
  left: number | null;
  startedAt: number;
  endedAt: number | null;
  failure: Failure | null;
  /** It was cancelled, and has not ended yet. */
  stopping?: boolean;
  /** It ended before the page was loaded the last time. */
  before?: boolean;
  /** What its plugin said while it ran, of one that ended before. */
  log?: LogLine[];
  /** Null of work that cannot be cancelled. */
  cancel: (() => void) | null;
}

export type EngineStatus =
  | { state: "none" }
  | { state: "signed-out"; message: string }
  | { state: "connecting" }
  /** `catchingUp`: what waited while the engine was away is still being sent. */
  | { state: "connected"; info: Record<string, unknown>; catchingUp?: boolean }
  /** `retryAt`: when the page tries again, ms since 1970; null: it does not. */
  | { state: "disconnected"; message: string; retryAt: number | null };

export interface Notice {
  id: string;
  level: "info" | "success" | "error";
  text: string;
  failure?: Failure;
  /** The workspace that was open then. */
  workspace?: WorkspaceName | null;
  /** Seconds until it goes by itself, a failure into the list of problems; 0 keeps it. */
  seconds: number;
  /** It is only in the list of problems any more. */
  past?: boolean;
  /** What can be done about it at once. */
  action?: { label: string; run(): void };
}
