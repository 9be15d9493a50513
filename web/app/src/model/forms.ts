/** Forms of plugins and of their operations: fields, answers, and what each field asks for. */
import type { Failure } from "./work";

export type FieldType =
  | "number"
  | "choose"
  | "string"
  | "checkbox"
  | "color"
  | "file"
  | "region"
  | "button"
  /** Text that is read as JSON. */
  | "json"
  /** A list of operations, run one after the other. */
  | "ops";

/** A part of an image in whole pixels. */
export interface Region {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface FormField {
  id: string;
  label: string;
  type: FieldType;
  value: unknown;
  /** What there is to know, in a sentence. */
  about?: string;
  min?: number;
  max?: number;
  step?: number;
  /** Only whole numbers. */
  integer?: boolean;
  unit?: string;
  options?: { label: string; value: unknown }[];
  required?: boolean;
  /** A number that may be left out, which is null. */
  optional?: boolean;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  /** Several lines of text. */
  multiline?: boolean;
  /** Files that can be chosen, as in ".csv,image/*". */
  accept?: string;
  /** The answer is part of the data that `run` is called with, as `inputs` asks for it. */
  isData?: boolean;
}

export interface Form {
  fields: FormField[];
  /** The text around the fields; HTML that must be sanitised before it is shown. */
  html: string;
}

/** An operation that a plugin registered, with its own form. */
export interface OpEntry extends Form {
  name: string;
  about: string;
  inputs: unknown;
  /** Whether its form is open at first. */
  open: boolean;
  config: Record<string, unknown>;
  running: boolean;
  failure: Failure | null;
}
