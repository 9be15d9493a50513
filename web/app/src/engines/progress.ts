/** How far the engine is with an environment, shown as the progress of a job. */
import type { JobHandle } from "../workspaces/jobs";

export interface EngineProgress {
  step: string;
  message: string;
  done: number;
  total: number;
  unit: "bytes" | "packages" | "";
  /** Null as long as it cannot be said. */
  seconds_left?: number | null;
}

const STEPS: Record<string, string> = {
  resolve: "Finding the packages",
  download: "Downloading packages",
  install: "Installing packages",
  start: "Starting Python",
  load: "Loading the plugin",
};

export function showProgress(job: Pick<JobHandle, "update">, progress: EngineProgress): void {
  const { step, message, done, total, unit, seconds_left = null } = progress;
  job.update({ step: message || (STEPS[step] ?? step), done, total, unit, left: seconds_left });
}
