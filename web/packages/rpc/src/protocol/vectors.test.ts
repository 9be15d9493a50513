import { describe, expect, it } from "vitest";
import { RpcError } from "../errors";
import {
  decodeCase,
  expectValue,
  fromHex,
  joinText,
  RefContext,
  readVectors,
  toHex,
  type ValueCase,
} from "../testing-vectors";
import { checkHeader } from "./messages";
import { encode } from "./values";

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(RpcError);
    return (error as RpcError).code;
  }
  return "accepted";
}

const named = <T extends { name: string }>(file: string) =>
  readVectors<T>(file).map((vector): [string, T] => [vector.name, vector]);

describe("frames.json", () => {
  const frames = named<{ name: string; header: unknown; error?: string }>("frames.json");

  it.each(frames)("%s", (_, { header, error }) => {
    expect(codeOf(() => checkHeader(header))).toBe(error ?? "accepted");
    if (error === undefined) expect(checkHeader(header)).toEqual(header);
  });
});

describe("values.json", () => {
  it.each(named<ValueCase>("values.json"))("%s", async (_, vector) => {
    const context = new RefContext();
    const value = decodeCase(vector, context);
    await expectValue(value, vector.value, context);
    if (!vector.canonical) return;
    const { body, buffers } = encode(value, context);
    expect(body).toBe(joinText(vector.body));
    const given = vector.buffers.map((text) => toHex(fromHex(text)));
    expect(buffers.map((buffer) => toHex(buffer as ArrayBuffer))).toEqual(given);
  });
});

describe("errors.json", () => {
  it.each(named<ValueCase>("errors.json"))("%s", (_, vector) => {
    expect(codeOf(() => decodeCase(vector, new RefContext()))).toBe(vector.error);
  });
});
