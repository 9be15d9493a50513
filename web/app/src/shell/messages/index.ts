/** The words of the page in the language of the user; the English words are the keys. */
import { createSubscriber } from "svelte/reactivity";

export type Messages = Record<string, string>;

/** Languages by code: their own name, and their words where they are not English. */
export const LANGUAGES: Record<string, { name: string; load?: () => Promise<Words> }> = {
  en: { name: "English" },
  de: { name: "Deutsch", load: async () => (await import("./de")).words },
};

/** The texts of the shell, and the sentences of the rooms below it. */
export interface Words {
  messages: Messages;
  sentences: Messages;
}

const NONE: Words = { messages: {}, sentences: {} };
let words = NONE;
let language = "en";
let changed: () => void = () => undefined;
// Whoever calls `t` while it renders is rendered again when the language changes.
const watch = createSubscriber((update) => {
  changed = update;
});

/** The text in the language of the user; `{name}` is replaced by the value of that name. */
export function t(text: string, values: Record<string, string | number> = {}): string {
  watch();
  const found = words.messages[text] ?? text;
  return found.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** For `inWords`, which finds out what is said in them. */
export function sentencesNow(): Messages {
  watch();
  return words.sentences;
}

/** The language of the page as the user's country writes it, such as de-AT: for numbers and dates. */
export function locale(): string {
  watch();
  return tags().find((tag) => tag.startsWith(language)) ?? language;
}

/** Loads a language; "auto" is that of the browser where there is one. */
export async function useLanguage(wanted: string): Promise<void> {
  const code = wanted === "auto" ? browserLanguage() : wanted;
  const load = LANGUAGES[code]?.load;
  words = load ? await load() : NONE;
  language = load ? code : "en";
  if (typeof document !== "undefined") document.documentElement.lang = language;
  changed();
}

function browserLanguage(): string {
  for (const tag of tags()) {
    const code = tag.split("-")[0] ?? "";
    if (code in LANGUAGES) return code;
  }
  return "en";
}

function tags(): readonly string[] {
  return globalThis.navigator?.languages ?? [];
}
