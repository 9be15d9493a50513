/** Sentences that the rooms below the shell say in English, in the language of the user. */
import { t } from "./index";

/** As they are written in `plugins/card.ts`; `{…}` stands for what changes. */
const SENTENCES = [
  "In the background of this page, closed off from it.",
  "In a hidden frame of this page, closed off from it.",
  "In a window of its own, closed off from the rest of the page.",
  "In a Python process of its own on the computer of the engine.",
  "In Python inside the browser, closed off from this page.",
  "In Python inside the browser, in a window closed off from the page.",
  "On a web page of its own, in a window closed off from the rest of the page.",
  "Nowhere: it only brings other plugins along.",
  "A Python engine.",
  'The environment "{name}".',
  "The Python packages {names}.",
  "The style sheet {url}.",
  "The library {url}.",
  "The plugin {name}.",
  'The permission "{name}" of your browser.',
  'The permission "{name}".',
  "The image that is open when you run it.",
  "All files and programs that you can use on the computer of the engine.",
  "The network of that computer.",
  "No files, except those that you choose for it.",
  "Other plugins that are installed here.",
  "Any address on the internet that begins with https or wss.",
  "On the internet only {hosts}.",
  "No address on the internet.",
  "No Python engine is connected: it can be installed, and run once an engine is there.",
  'The requirement "{name}" is not known and left out.',
  "{url} is not loaded over a safe connection.",
] as const;

const PATTERNS = SENTENCES.map((sentence) => ({
  sentence,
  pattern: new RegExp(
    `^${sentence.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{(\w+)\}/g, "(?<$1>.+)")}$`,
    "s",
  ),
}));

export function inWords(text: string): string {
  for (const { sentence, pattern } of PATTERNS) {
    const found = pattern.exec(text);
    if (found) return t(sentence, { ...found.groups });
  }
  return t(text);
}
