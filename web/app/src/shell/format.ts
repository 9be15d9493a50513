/** Sizes, amounts and times as people write them. */
import type { Job } from "../model";
import { locale, t } from "./messages";

const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** "12.3 MB", or "12,3 MB" where people write it so */
export function formatBytes(count: number): string {
  const power = Math.min(Math.floor(Math.log10(Math.max(count, 1)) / 3), UNITS.length - 1);
  const value = count / 1000 ** power;
  const digits = power === 0 || value >= 100 ? 0 : 1;
  const options = {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    useGrouping: false,
  };
  return `${value.toLocaleString(locale(), options)} ${UNITS[power]}`;
}

/** How far a job is in its own unit; empty when it does not say. */
export function formatAmount(job: Job): string {
  const amount = amountOf(job);
  const { left } = job;
  if (!amount || left === null || left < 1) return amount;
  return t("{amount}, about {time} left", { amount, time: formatDuration(left * 1000) });
}

function amountOf({ done, total, unit }: Job): string {
  if (unit === "bytes") {
    const used = formatBytes(done);
    return total > 0 ? t("{used} of {total}", { used, total: formatBytes(total) }) : used;
  }
  if (total <= 0) return "";
  if (unit === "packages") return t("{done} of {total} packages", { done, total });
  return `${Math.round((done / total) * 100)} %`;
}

/** 0 to 1, or null when the job does not say how much there is. */
export function fraction({ done, total }: Job): number | null {
  return total > 0 ? Math.min(done / total, 1) : null;
}

/** Day and time in the way of the user's country. */
export function formatDate(time: number): string {
  return new Date(time).toLocaleString(locale(), { dateStyle: "medium", timeStyle: "short" });
}

/** "340 ms", "12 s", "3 min 5 s" */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.max(0, Math.round(milliseconds))} ms`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

export function formatTime(time: number): string {
  return new Date(time).toLocaleTimeString(locale());
}
