/** Sentences that the rooms below the shell say in English, in the language of the user. */
import type { Messages } from "./index";
import { sentencesNow, t } from "./index";

interface Pattern {
  pattern: RegExp;
  said: string;
}

let made: { of: Messages; patterns: Pattern[] } | null = null;

/** The sentence in the language of the user; as it is where it is not known, as what plugins say. */
export function inWords(text: string): string {
  const whole = t(text);
  if (whole !== text) return whole;
  for (const { pattern, said } of patternsOf(sentencesNow())) {
    const found = pattern.exec(text)?.groups;
    if (found) return said.replace(/\{(\w+)\}/g, (_, name: string) => inWords(found[name] ?? ""));
  }
  return text;
}

/** Several of them, in one line. */
export function allInWords(texts: readonly string[]): string {
  return texts.map(inWords).join(", ");
}

function patternsOf(sentences: Messages): Pattern[] {
  if (made?.of !== sentences) made = { of: sentences, patterns: makePatterns(sentences) };
  return made.patterns;
}

function makePatterns(sentences: Messages): Pattern[] {
  // The one that says most is tried first: "Opening A again" before "Opening A".
  const fixed = (text: string): number => text.replace(/\{\w+\}/g, "").length;
  return Object.entries(sentences)
    .sort(([a], [b]) => fixed(b) - fixed(a))
    .map(([sentence, said]) => ({
      said,
      pattern: new RegExp(`^(?:${patternOf(sentence)})$`, "s"),
    }));
}

function patternOf(sentence: string): string {
  const plain = sentence.replace(/[.*+?^$()|[\]\\]/g, "\\$&");
  return `(?<whole>)${plain.replace(/\{(\w+)\}/g, "(?<$1>.+)")}`;
}
