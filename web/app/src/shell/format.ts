/** Sizes, amounts and times as people write them. */
import type { Job } from "../model";

const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** "12.3 MB" */
export function formatBytes(count: number): string {
  const power = Math.min(Math.floor(Math.log10(Math.max(count, 1)) / 3), UNITS.length - 1);
  const value = count / 1000 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[power]}`;
}

/** How far a job is in its own unit; empty when it does not say. */
export function formatAmount(job: Job): string {
  const amount = amountOf(job);
  const { left } = job;
  return amount && left !== null && left >= 1
    ? `${amount}, about ${formatDuration(left * 1000)} left`
    : amount;
}

function amountOf({ done, total, unit }: Job): string {
  if (unit === "bytes") {
    return total > 0 ? `${formatBytes(done)} of ${formatBytes(total)}` : formatBytes(done);
  }
  if (total <= 0) return "";
  if (unit === "packages") return `${done} of ${total} packages`;
  return `${Math.round((done / total) * 100)} %`;
}

/** 0 to 1, or null when the job does not say how much there is. */
export function fraction({ done, total }: Job): number | null {
  return total > 0 ? Math.min(done / total, 1) : null;
}

/** Day and time in the way of the user's country. */
export function formatDate(time: number): string {
  return new Date(time).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}

/** "340 ms", "12 s", "3 min 5 s" */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.max(0, Math.round(milliseconds))} ms`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

export function formatTime(time: number): string {
  return new Date(time).toLocaleTimeString();
}
