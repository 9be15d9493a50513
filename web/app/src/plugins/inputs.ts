/** Decides whether a value is what a plugin takes, by the JSON Schema in its `inputs`. */
import { NdArray } from "@imjoy/rpc";
import { isRecord } from "./manifest";

type Schema = Record<string, unknown>;

const DEPTH = 32;
/** What of a file a schema can ask for; nothing else of it is read. */
const FILE_FIELDS = ["name", "type", "size", "lastModified"];

/**
 * True when the value fits. A map of properties stands for a schema with these, and without
 * `required` all of them are; a schema that cannot be read fits nothing.
 */
export function fitsInputs(inputs: unknown, value: unknown): boolean {
  const schema = fullSchema(inputs);
  try {
    return schema !== null && fits(schema, value, 0);
  } catch {
    return false;
  }
}

function fullSchema(inputs: unknown): Schema | null {
  if (!isRecord(inputs)) return null;
  const isSchema = [
    "type",
    "anyOf",
    "oneOf",
    "allOf",
    "enum",
    "file",
    "ndarray",
    "instanceof",
  ].some((key) => typeof inputs[key] === "string" || (key !== "type" && key in inputs));
  const schema =
    isSchema || isRecord(inputs.properties) ? inputs : { type: "object", properties: inputs };
  if (!isRecord(schema.properties) || schema.required !== undefined) return schema;
  return { ...schema, required: Object.keys(schema.properties) };
}

type Test = (given: unknown, value: unknown, depth: number) => boolean;

const TESTS: Record<string, Test> = {
  type: (given, value) =>
    (Array.isArray(given) ? given : [given]).some((type) => isType(type, value)),
  enum: (given, value) => Array.isArray(given) && given.includes(value),
  const: (given, value) => given === value,
  pattern: (given, value) =>
    typeof value !== "string" || new RegExp(String(given), "u").test(value),
  minimum: (given, value) => typeof value !== "number" || value >= Number(given),
  maximum: (given, value) => typeof value !== "number" || value <= Number(given),
  minLength: (given, value) => typeof value !== "string" || value.length >= Number(given),
  maxLength: (given, value) => typeof value !== "string" || value.length <= Number(given),
  minItems: (given, value) => !Array.isArray(value) || value.length >= Number(given),
  maxItems: (given, value) => !Array.isArray(value) || value.length <= Number(given),
  required: (given, value) =>
    !isObject(value) ||
    (Array.isArray(given) && given.every((key) => field(value, key) !== undefined)),
  properties: (given, value, depth) =>
    !isObject(value) ||
    Object.entries(given as object).every(([key, schema]) => {
      const part = field(value, key);
      return part === undefined || fits(schema, part, depth);
    }),
  items: (given, value, depth) =>
    !Array.isArray(value) || value.every((part) => fits(given, part, depth)),
  anyOf: (given, value, depth) => (given as unknown[]).some((schema) => fits(schema, value, depth)),
  oneOf: (given, value, depth) =>
    (given as unknown[]).filter((schema) => fits(schema, value, depth)).length === 1,
  allOf: (given, value, depth) =>
    (given as unknown[]).every((schema) => fits(schema, value, depth)),
  not: (given, value, depth) => !fits(given, value, depth),
  file: (given, value) => isFile(given, value),
  ndarray: (given, value) => isArray(given, value),
  instanceof: (given, value) =>
    (Array.isArray(given) ? given : [given]).some((name) => isInstance(name, value)),
};

function fits(schema: unknown, value: unknown, depth: number): boolean {
  if (typeof schema === "boolean") return schema;
  if (!isRecord(schema) || depth > DEPTH) return false;
  return Object.entries(schema).every(([key, given]) => {
    const test = Object.hasOwn(TESTS, key) ? TESTS[key] : undefined;
    return test === undefined || test(given, value, depth + 1);
  });
}

function isType(type: unknown, value: unknown): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "integer":
      return Number.isInteger(value);
    case "object":
      return isObject(value) && !Array.isArray(value);
    default:
      return typeof value === type;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function field(value: object, key: unknown): unknown {
  const name = String(key);
  if (value instanceof File) {
    return FILE_FIELDS.includes(name) ? (value as unknown as Schema)[name] : undefined;
  }
  return Object.hasOwn(value, name) ? (value as Schema)[name] : undefined;
}

function isFile(given: unknown, value: unknown): boolean {
  if (!(value instanceof File)) return false;
  if (!isRecord(given)) return true;
  const { mime, ext, size, minSize, maxSize } = given;
  const among = (list: unknown, test: (one: string) => boolean): boolean =>
    list === undefined || (Array.isArray(list) ? list : [list]).some((one) => test(String(one)));
  return (
    among(
      mime,
      (one) =>
        value.type === one || (one.endsWith("/*") && value.type.startsWith(one.slice(0, -1))),
    ) &&
    among(ext, (one) =>
      value.name.toLowerCase().endsWith(`.${one.toLowerCase().replace(/^\./, "")}`),
    ) &&
    (size === undefined || value.size === Number(size)) &&
    (minSize === undefined || value.size >= Number(minSize)) &&
    (maxSize === undefined || value.size <= Number(maxSize))
  );
}

function isArray(given: unknown, value: unknown): boolean {
  if (!(value instanceof NdArray)) return false;
  if (!isRecord(given)) return true;
  const { shape, dtype, ndim } = given;
  const dtypes = Array.isArray(dtype) ? dtype : [dtype];
  return (
    (dtype === undefined || dtypes.includes(value.dtype)) &&
    (ndim === undefined || (Array.isArray(ndim) ? ndim : [ndim]).includes(value.shape.length)) &&
    (!Array.isArray(shape) ||
      (shape.length === value.shape.length &&
        shape.every((size, axis) => size === null || size === value.shape[axis])))
  );
}

const CLASSES: Record<string, abstract new (...args: never[]) => object> = {
  Array,
  ArrayBuffer,
  Blob,
  Date,
  File,
  Map,
  Object,
  RegExp,
  Set,
};

function isInstance(name: unknown, value: unknown): boolean {
  const found = Object.hasOwn(CLASSES, String(name)) ? CLASSES[String(name)] : undefined;
  return found !== undefined && value instanceof found;
}
