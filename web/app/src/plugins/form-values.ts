/** Reads and checks what a person enters in a field, before anything of it is taken. */
import type { FormField, Region } from "../model";
import { isRecord } from "./manifest";

/** What is wrong, in words with values in them: "At least {least}". */
export interface Problem {
  text: string;
  values: Record<string, string | number>;
}

/** Null when the value can be taken. */
export function problemOf(field: FormField, value: unknown): Problem | null {
  switch (field.type) {
    case "number":
      return numberProblem(field, value);
    case "string":
      return textProblem(field, String(value ?? ""));
    case "json":
      return jsonProblem(field, String(value ?? ""));
    case "file":
      return field.required && !value ? problem("Choose a file.") : null;
    case "region":
      return regionProblem(value);
    default:
      return null;
  }
}

/** The answers as plugins get them. */
export function givenAnswers(
  fields: FormField[],
  answers: Record<string, unknown>,
): Record<string, unknown> {
  const given = fields
    .filter(({ type }) => type !== "button")
    .map((field) => {
      const value = answers[field.id];
      return [field.id, field.type === "json" ? readJson(value) : value];
    });
  return Object.fromEntries(given);
}

/** Letters of an answer that a sentence has room for. */
const SHORT = 30;

/** An answer as a sentence names it; undefined where that would say nothing, as of a file. */
export function answerInWords(field: FormField | undefined, answer: unknown): string | undefined {
  const chosen = field?.options?.find(({ value }) => Object.is(value, answer))?.label;
  if (chosen !== undefined) return chosen;
  if (!["string", "number", "boolean"].includes(typeof answer)) return undefined;
  const text = answer === "" ? '""' : String(answer);
  return text.length > SHORT ? `${text.slice(0, SHORT)}…` : text;
}

function numberProblem(field: FormField, value: unknown): Problem | null {
  const { min, max, step, integer } = field;
  if (value === null && field.optional) return null;
  if (typeof value !== "number" || !Number.isFinite(value)) return problem("Enter a number.");
  if (min !== undefined && value < min) return problem("At least {least}.", { least: min });
  if (max !== undefined && value > max) return problem("At most {most}.", { most: max });
  if (integer && !Number.isInteger(value)) return problem("Enter a whole number.");
  if (step === undefined || step <= 0) return null;
  const from = min ?? 0;
  // A form that begins between two steps cannot mean them strictly.
  const strict = isStep(Number(field.value) - from, step);
  return strict && !isStep(value - from, step) ? problem("In steps of {step}.", { step }) : null;
}

/** Binary fractions are never exact: 0.3 is three steps of 0.1. */
function isStep(value: number, step: number): boolean {
  const steps = value / step;
  return Math.abs(steps - Math.round(steps)) < 1e-6 * Math.max(1, Math.abs(steps));
}

function textProblem(field: FormField, value: string): Problem | null {
  const { required, minLength = 0, maxLength, pattern } = field;
  if (value === "" && required) return problem("Something is needed here.");
  if (value.length < minLength)
    return problem("At least {least} characters.", { least: minLength });
  if (maxLength !== undefined && value.length > maxLength) {
    return problem("At most {most} characters.", { most: maxLength });
  }
  if (pattern !== undefined && value !== "" && !fitsPattern(pattern, value)) {
    return problem("It has to look like {pattern}.", { pattern });
  }
  return null;
}

function fitsPattern(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern, "u").test(value);
  } catch {
    return true; // a pattern that is none asks for nothing
  }
}

function jsonProblem(field: FormField, value: string): Problem | null {
  if (value.trim() === "") return field.required ? problem("Something is needed here.") : null;
  return readJson(value) === undefined
    ? problem('Write it as JSON, such as [1, 2] or {"a": 1}.')
    : null;
}

function readJson(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return value.trim() === "" ? null : JSON.parse(value);
  } catch {
    return undefined;
  }
}

function regionProblem(value: unknown): Problem | null {
  if (value === null || value === undefined) return null;
  const { x, y, width, height } = (isRecord(value) ? value : {}) as unknown as Region;
  const whole = [x, y, width, height].every(Number.isInteger);
  if (!whole || x < 0 || y < 0) return problem("Enter whole pixels from 0.");
  return width > 0 && height > 0 ? null : problem("Width and height are at least 1.");
}

function problem(text: string, values: Problem["values"] = {}): Problem {
  return { text, values };
}
