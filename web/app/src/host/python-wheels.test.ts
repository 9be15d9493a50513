import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { codedError } from "../plugins/failure";
import { nameOf, type PythonLock, WheelFinder } from "./python-wheels";

const hash = (text: string): string => createHash("sha256").update(text).digest("hex");
const lock: PythonLock = {
  info: { version: "1.2.3" },
  packages: {
    "scikit-thing": {
      name: "scikit-thing",
      version: "1",
      file_name: "scikit_thing-1.whl",
      sha256: hash("thing"),
      depends: ["base_part"],
    },
    base: {
      name: "Base-Part",
      version: "1",
      file_name: "base.whl",
      sha256: hash("base"),
      depends: ["scikit-thing"],
    },
  },
};
const FULL = "cdn.jsdelivr.net/pyodide/v1.2.3/full";
const pure = {
  info: { requires_dist: ["other>1 ; extra == 'x'", "base-part (>=1)"] },
  urls: [
    { filename: "pure-1.tar.gz", url: "https://files/pure.tar.gz", digests: { sha256: "" } },
    {
      filename: "pure-1-py3-none-any.whl",
      url: "https://files/p.whl",
      digests: { sha256: hash("pure") },
    },
  ],
};

function finder(answers: Record<string, string>): { find: WheelFinder; asked: string[] } {
  const asked: string[] = [];
  const get = async (url: URL): Promise<Response> => {
    asked.push(url.href);
    const text = answers[url.href];
    return new Response(text ?? "", { status: text === undefined ? 404 : 200 });
  };
  return { find: new WheelFinder(lock, new URL("http://app/lab/"), get), asked };
}

describe("packages for Python in the browser", () => {
  it("come from the mirror first, with what they need", async () => {
    const { find, asked } = finder({
      [`http://app/lab/vendor/${FULL}/scikit_thing-1.whl`]: "thing",
      [`https://${FULL}/base.whl`]: "base",
    });
    const wheels = await find.find(["pip: scikit_thing==1"], () => undefined);
    expect(Object.keys(wheels)).toEqual(["scikit_thing-1.whl", "base.whl"]);
    expect(asked[0]).toBe(`http://app/lab/vendor/${FULL}/scikit_thing-1.whl`);
  });

  it("come from PyPI when they are plain Python", async () => {
    const { find } = finder({
      "https://pypi.org/pypi/pure/json": JSON.stringify(pure),
      "https://files/p.whl": "pure",
      [`https://${FULL}/base.whl`]: "base",
      [`https://${FULL}/scikit_thing-1.whl`]: "thing",
    });
    const wheels = await find.find(["Pure"], () => undefined);
    expect(Object.keys(wheels)).toContain("pure-1-py3-none-any.whl");
    expect(Object.keys(wheels)).toHaveLength(3);
  });

  it("come from the package index of the engine, where the browser cannot go", async () => {
    const asked: string[] = [];
    const get = async (): Promise<Response> => new Response("", { status: 404 });
    const named = { ...lock, info: { ...lock.info, python: "3.14.2", abi_version: "2026_0" } };
    const wheels: Record<string, string[]> = { "scikit-thing": ["base_part"], "base-part": [] };
    const find = new WheelFinder(named, new URL("http://app/"), get, async (name, platform) => {
      asked.push(`${name} ${platform}`);
      const requires = wheels[name];
      if (!requires) throw codedError("plugin.load_failed", "no", { cause: `No ${name} here.` });
      const data = new TextEncoder().encode(name);
      return { filename: `${name}.whl`, sha256: hash(name), requires, data };
    });
    const found = await find.find(["scikit-thing"], () => undefined);
    expect(Object.keys(found)).toEqual(["scikit-thing.whl", "base-part.whl"]);
    expect(asked[0]).toBe("scikit-thing cp314-cp314-pyemscripten_2026_0_wasm32");
    await expect(find.find(["absent"], () => undefined)).rejects.toThrow(/No absent here.*engine/);
  });

  it("are refused when they are damaged or not to be had, with the way out", async () => {
    const damaged = finder({ [`https://${FULL}/base.whl`]: "bad" });
    await expect(damaged.find.find(["base.part"], () => undefined)).rejects.toThrow("damaged");
    const none = finder({});
    await expect(none.find.find(["nothing"], () => undefined)).rejects.toThrow("Python engine");
  });

  it("are known by their names in any spelling", () => {
    expect(["A_b.C", "pip:a-b-c>=1", " a.b_c[x]", "cache:"].map(nameOf)).toEqual([
      "a-b-c",
      "a-b-c",
      "a-b-c",
      "cache",
    ]);
  });
});
