/** Reads the limits and the unit that a description gives a number; `docstrings.py` reads alike. */

export interface WordedLimits {
  min?: number;
  max?: number;
  unit?: string;
}

const NUMBER = "(-?\\d+(?:\\.\\d+)?)";
const UNIT =
  "(px|pixels?|voxels?|µm|um|nm|mm|cm|ms|s|seconds?|minutes?|degrees?|°|%|percent" +
  "|radians?|Hz|kHz|photons?)(?![\\w'’])";
const PLAIN =
  `(?:${NUMBER}\\s*(?:to|-|–|\\.\\.\\.?)\\s*${NUMBER}|\\[${NUMBER}\\s*,\\s*${NUMBER}\\]` +
  `|(?:>=|≥)\\s*${NUMBER}|(?:<=|≤)\\s*${NUMBER})`;
const WORDS = `(?:between ${NUMBER} and ${NUMBER}|from ${NUMBER} to ${NUMBER})`;
const IN_UNIT = `(?:\\s*,?\\s*(?:in )?${UNIT})?\\s*`;
const END = "(?:\\([^()]*\\)\\s*)?\\.?\\s*$";
// Numbers in the middle of a sentence are examples or settings: limits that were guessed from them
// would refuse good values. So a range begins or ends the text, or stands in brackets.
const RANGES = [
  [WORDS, "(?:^|[\\s(])"],
  [PLAIN, "(?:^|[,;:(]\\s*|\\bin |\\brange )"],
].flatMap(([form, before]) => [
  new RegExp(`^\\s*${form}${IN_UNIT}(?:[,;:(]|\\.\\s|${END})`),
  new RegExp(`\\(${form}${IN_UNIT}[,;)]`),
  new RegExp(`${before}${form}${IN_UNIT}(?:\\)\\s*)?${END}`),
]);
const NO_LIMIT = /(?:example|e\.g\.|typically|usually|often|default)\W*$/i;
const UNITS = [
  new RegExp(`\\bin ${UNIT}(?=\\s*(?:[,;:.()\\[\\]]|$)| (?:of|from|between) )`),
  new RegExp(`(?:^|\\s)[(\\[](?:in )?${UNIT}\\s*[)\\],;]`),
  new RegExp(`^\\s*${UNIT}\\s*(?:,|$)`),
];

export function limitsIn(text: string): WordedLimits {
  const ranged = RANGES.map((pattern) => pattern.exec(text)).find(
    (match) => match && !NO_LIMIT.test(text.slice(0, match.index)),
  );
  const groups = ranged?.slice(1) ?? [];
  const named = groups.pop() ?? UNITS.map((pattern) => pattern.exec(text)?.[1]).find(Boolean);
  const numbers = groups.filter((part) => part !== undefined).map(Number);
  return { ...bounds(ranged?.[0] ?? "", numbers), ...(named ? { unit: named } : {}) };
}

/** The limits that one or two numbers give; none when the lower one is not the first. */
function bounds(text: string, [low, high]: number[]): WordedLimits {
  if (low === undefined) return {};
  if (high === undefined) return /[>≥]/.test(text) ? { min: low } : { max: low };
  return low < high ? { min: low, max: high } : {};
}
