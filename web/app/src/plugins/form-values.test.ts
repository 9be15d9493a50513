import { describe, expect, it } from "vitest";
import type { FormField } from "../model";
import { answersOf } from "./form";
import { givenAnswers, problemOf } from "./form-values";

const field = (type: FormField["type"], more: Partial<FormField> = {}): FormField => ({
  id: "x",
  label: "X",
  type,
  value: null,
  ...more,
});

describe("problemOf", () => {
  const number = field("number", { min: 1, max: 9, integer: true, value: 3 });
  const step = field("number", { min: 0, step: 0.1, value: 0.3 });
  it.each([
    [number, 3, null],
    [number, Number.NaN, "Enter a number."],
    [number, null, "Enter a number."],
    [{ ...number, optional: true }, null, null],
    [{ ...number, optional: true }, Number.NaN, "Enter a number."],
    [number, 0, "At least {least}."],
    [number, 10, "At most {most}."],
    [number, 2.5, "Enter a whole number."],
    [step, 0.7, null],
    [step, 0.75, "In steps of {step}."],
    [field("number", { min: 0, step: 5, value: 3 }), 4, null],
    [field("string"), "", null],
    [field("string", { required: true }), "", "Something is needed here."],
    [field("string", { minLength: 2 }), "a", "At least {least} characters."],
    [field("string", { maxLength: 2 }), "abc", "At most {most} characters."],
    [field("string", { pattern: "^a+$" }), "b", "It has to look like {pattern}."],
    [field("string", { pattern: "(" }), "b", null],
    [field("json"), "[1, 2]", null],
    [field("json"), "[1,", 'Write it as JSON, such as [1, 2] or {"a": 1}.'],
    [field("file", { required: true }), null, "Choose a file."],
    [field("region"), null, null],
    [field("region"), { x: 0, y: 0, width: 5, height: 5 }, null],
    [field("region"), { x: -1, y: 0, width: 5, height: 5 }, "Enter whole pixels from 0."],
    [field("region"), { x: 0, y: 0, width: 0, height: 5 }, "Width and height are at least 1."],
    [field("checkbox"), false, null],
  ])("of %o for %o is %o", (given, value, expected) => {
    expect(problemOf(given, value)?.text ?? null).toBe(expected);
  });
});

it("gives answers as plugins take them", () => {
  const fields = [
    field("json", { id: "a" }),
    field("button", { id: "b" }),
    field("number", { id: "c", value: 2 }),
  ];
  const answers = answersOf(fields, { a: "[1]", other: 1 });
  expect(answers).toEqual({ a: "[1]", b: null, c: 2 });
  expect(givenAnswers(fields, answers)).toEqual({ a: [1], c: 2 });
});
