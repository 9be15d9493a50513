/** A failure as a text to send to somebody: what was done, why it failed, and nothing that opens anything. */
import type { Failure } from "../model";

export interface ReportFacts {
  /** Browser, engine and page, each in a few words. */
  [name: string]: string;
}

const HIDDEN = "[hidden]";

/** What gives a secret away, and what stands in its place; `$1` keeps the name of it. */
const RULES: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]+-----[\s\S]*?(?:-----END [A-Z ]+-----|$)/g, HIDDEN],
  // user:password@host
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi, `$1${HIDDEN}@`],
  [/\b(bearer|basic|token)\s+[\w.~+/=-]{8,}/gi, `$1 ${HIDDEN}`],
  // Of addresses, headers, flags, variables, and of JSON and Python.
  [
    /((?:[\w-]*(?:token|secret|passw(?:or)?d|passphrase|api[_-]?key|access[_-]?key|private[_-]?key|credential|authorization|cookie|session|signature)[\w-]*|[?&#](?:t|key|sig|code|auth))["']?\s*[=:]\s*)(?:"[^"\n]*"|'[^'\n]*'|[^\s"'&,;)}\]]+)/gi,
    `$1${HIDDEN}`,
  ],
  // Names of accounts in paths.
  [/(\/(?:home|Users)\/|\b[A-Z]:\\Users\\)[^/\\\s"':]+/g, "$1[name]"],
  // What is long and looks like chance is a key, whatever it is called; names have words in them.
  [/\b(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[A-Za-z0-9_-]{28,}\b/g, HIDDEN],
];

export function withoutSecrets(text: string): string {
  return RULES.reduce((now, [pattern, instead]) => now.replace(pattern, instead), text);
}

/** The failure in words, with what it happened on. */
export function reportOf(failure: Failure, facts: ReportFacts): string {
  const { step, cause, remedy, detail, code } = failure;
  const about = Object.entries(facts).map(([name, value]) => `${name}: ${value}`);
  const text = [`${step} failed (${code}).`, cause, remedy, detail ?? "", about.join("\n")];
  return withoutSecrets(text.filter(Boolean).join("\n\n"));
}
