/** Where a plugin failed, from its failure or the last error in its log. */
import type { Failure, LogLine, PluginEntry } from "../../model";
import { namesInTracebacks } from "../../plugins/file-name";
import { type Place, placesIn } from "../../plugins/places";
import type { ShownFailure } from "./failure-lines";

/** The failure to show in the code; null when there is none, or none that names a line of the file. */
export function failureOf(entry: PluginEntry, since: number): ShownFailure | null {
  const names = namesInTracebacks(entry.source);
  if (entry.failure) {
    const places = placesIn(textOf(entry.failure), names);
    if (places.length > 0) return shown(entry.failure.cause, places);
  }
  const line = entry.log.findLast(({ level, time }) => level === "error" && time >= since);
  const places = line ? placesIn(line.text, names) : [];
  return line && places.length > 0 ? shown(line.text, places) : null;
}

/** The places that a line of the log names. */
export function placesOf({ level, text }: LogLine, entry: PluginEntry): Place[] {
  return level === "error" ? placesIn(text, namesInTracebacks(entry.source)) : [];
}

function textOf({ cause, detail }: Failure): string {
  return [detail, cause].filter(Boolean).join("\n");
}

function shown(text: string, places: Place[]): ShownFailure {
  const lines = text.trim().split("\n");
  // Python says what it was at the end of its traceback, JavaScript before it.
  const last = /^\s*File "|^Traceback /m.test(text) ? lines.at(-1) : lines[0];
  return { message: (last ?? "").slice(0, 200), lines: places.map(({ line }) => line) };
}
