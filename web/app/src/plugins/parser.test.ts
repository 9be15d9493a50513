import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { RpcError } from "@imjoy/rpc";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parsePlugin } from "./parser";

const VECTORS = fileURLToPath(new URL("../../../../protocol/vectors/manifests/", import.meta.url));
const CASES = readdirSync(VECTORS)
  .filter((name) => name.endsWith(".json"))
  .map((name) => name.slice(0, -".json".length));

interface Case {
  tag?: string;
  accept?: {
    manifest: Record<string, unknown>;
    tag: string | null;
    scripts: Record<string, unknown>[];
    [part: string]: unknown;
  };
  error?: Record<string, unknown>;
}

function readCase(name: string): { text: string; expected: Case } {
  const text = readFileSync(`${VECTORS}${name}.imjoy.html`, "utf8");
  return { text, expected: JSON.parse(readFileSync(`${VECTORS}${name}.json`, "utf8")) as Case };
}

function failureOf(run: () => unknown): RpcError {
  try {
    run();
  } catch (error) {
    if (error instanceof RpcError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("the vectors that the Python parser passes as well", () => {
  it("has cases of both kinds", () => {
    expect(CASES.filter((name) => name.startsWith("accept-")).length).toBeGreaterThan(7);
    expect(CASES.filter((name) => name.startsWith("reject-")).length).toBeGreaterThan(14);
  });

  it.each(CASES.filter((name) => name.startsWith("accept-")))("%s", (name) => {
    const { text, expected } = readCase(name);
    const accept = expected.accept as NonNullable<Case["accept"]>;
    const source = parsePlugin(text, { tag: expected.tag ?? null });
    for (const [key, value] of Object.entries(accept.manifest)) {
      expect(source.manifest[key] ?? null, key).toEqual(value);
    }
    expect(source.tag).toBe(accept.tag);
    expect(source.scripts).toMatchObject(accept.scripts);
    expect(source.scripts.length).toBe(accept.scripts.length);
    for (const part of ["windows", "styles", "links", "attachments"] as const) {
      if (part in accept) expect(source[part]).toEqual(accept[part]);
    }
  });

  it.each(CASES.filter((name) => name.startsWith("reject-")))("%s", (name) => {
    const { text, expected } = readCase(name);
    const error = failureOf(() => parsePlugin(text, { tag: expected.tag ?? null }));
    const { code, ...place } = expected.error as Record<string, unknown>;
    expect(error.code).toBe(code);
    expect(error.data).toMatchObject({ ...place, remedy: expect.any(String) });
  });
});

describe("parsePlugin", () => {
  const minimal = (config: string, attrs = ""): string =>
    `<config${attrs}>${config}</config>\n<script>api.export({})</script>\n`;

  it("reads YAML and places its errors", () => {
    const source = parsePlugin(minimal("\nname: Yaml\ntype: iframe\n", ' lang="yaml"'));
    expect(source.manifest.name).toBe("Yaml");
    const error = failureOf(() => parsePlugin(minimal("\nname: [1,\ntype: x\n", ' lang="yaml"')));
    expect(error.data).toMatchObject({ line: expect.any(Number) });
  });

  it("keeps script text after padding on its line of the file", () => {
    const text = minimal('{"name": "X", "type": "iframe"}').replace(
      "<script>api.export({})",
      "<!-- -->\n<script>\n\n  boom();\n",
    );
    const script = parsePlugin(text).scripts[0];
    const padded = "\n".repeat((script?.line ?? 0) - 1) + script?.content;
    const line = text.split("\n").findIndex((entry) => entry.includes("boom"));
    expect(padded.split("\n")[line]).toContain("boom()");
  });

  it("does not touch prototypes", () => {
    const { text } = readCase("accept-odd-keys");
    parsePlugin(text);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it("falls back to the docs of the manifest", () => {
    expect(parsePlugin(minimal('{"name":"X","type":"iframe","docs":"hi"}')).docs).toBe("hi");
  });

  it("raises nothing but its own error, whatever the text", () => {
    const base = readCase("accept-all-blocks").text;
    const cut = fc.tuple(fc.nat(base.length), fc.nat(40), fc.string());
    fc.assert(
      fc.property(cut, ([at, length, put]) => {
        const text = base.slice(0, at) + put + base.slice(at + length);
        try {
          parsePlugin(text);
        } catch (error) {
          expect(error).toBeInstanceOf(RpcError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
