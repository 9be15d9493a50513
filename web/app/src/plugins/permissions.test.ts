import { describe, expect, it } from "vitest";
import { CAPABILITIES, type Permissions } from "../model";
import { readHosts } from "./hosts";
import { parsePlugin } from "./parser";
import {
  capabilitiesOf,
  carriedOver,
  declares,
  defaultPermissions,
  hostsOf,
  mayReach,
} from "./permissions";

const plugin = (config: object, code = "0") =>
  parsePlugin(
    `<config>${JSON.stringify({ name: "A", type: "iframe", ...config })}</config><script>${code}</script>`,
  );

describe("capabilities", () => {
  it("have a default that is one of their choices", () => {
    for (const { choices, default: usual } of Object.values(CAPABILITIES)) {
      expect(Object.keys(choices)).toContain(usual);
    }
  });

  it("are those that the type of the plugin can have", () => {
    expect(capabilitiesOf(plugin({ type: "collection" }))).toEqual([]);
    expect(capabilitiesOf(plugin({ type: "native-python" }))).not.toContain("network");
    expect(capabilitiesOf(plugin({}))).toContain("network");
    expect(capabilitiesOf(plugin({}))).not.toContain("microphone");
    expect(capabilitiesOf(plugin({ type: "rpc-window", base_frame: "https://a.org" }))).toContain(
      "microphone",
    );
  });
});

describe("defaultPermissions", () => {
  it("are open for older plugins, and as narrow as the file says for others", () => {
    expect(hostsOf(defaultPermissions(plugin({})))).toBeNull();
    expect(hostsOf(defaultPermissions(plugin({ network: ["a.org"] })))).toEqual(["a.org"]);
    expect(hostsOf(defaultPermissions(plugin({ network: "none" })))).toEqual([]);
    expect(defaultPermissions(plugin({ network: "none" })).choices.network).toBe("none");
    const library = { network: "none", requirements: ["https://b.org/x.js"] };
    expect(defaultPermissions(plugin(library)).choices.network).toBe("listed");
    expect(defaultPermissions(plugin({})).choices.camera).toBe("ask");
  });

  it("are asked for by the names of older plugins too", () => {
    expect(declares(plugin({ permissions: ["clipboard-write"] }), "clipboard")).toBe(true);
    expect(declares(plugin({ permissions: ["camera"] }), "clipboard")).toBe(false);
  });
});

describe("carriedOver", () => {
  const kept = (
    source: ReturnType<typeof plugin>,
    choices: Permissions["choices"],
  ): Permissions => {
    const usual = defaultPermissions(source);
    return { ...usual, choices: { ...usual.choices, ...choices } };
  };

  it("keeps everything for the same code", () => {
    const source = plugin({});
    const decided = kept(source, { camera: "allow", plugins: "block" });
    expect(carriedOver(decided, source)).toEqual(decided);
  });

  it("keeps only what was taken away for other code", () => {
    const decided = kept(plugin({}), { camera: "allow", plugins: "block", network: "none" });
    const { choices } = carriedOver(decided, plugin({}, "1"));
    expect(choices).toMatchObject({ camera: "ask", plugins: "block", network: "none" });
  });

  it("does not let new code reach hosts that only the user had added for the old", () => {
    const before = plugin({ network: ["a.org"] });
    const decided = { ...defaultPermissions(before), hosts: ["a.org", "b.org"] };
    expect(carriedOver(decided, plugin({ network: ["a.org"] }, "1")).hosts).toEqual(["a.org"]);
    const narrowed = { ...kept(plugin({}), { network: "listed" }), hosts: ["a.org"] };
    expect(hostsOf(carriedOver(narrowed, plugin({}, "1")))).toEqual(["a.org"]);
  });

  it("ignores choices that do not exist", () => {
    const decided = kept(plugin({}), { plugins: "constructor" });
    expect(carriedOver(decided, plugin({})).choices.plugins).toBe("allow");
  });
});

describe("hosts", () => {
  it.each([
    [null, "a.org", true],
    [["a.org"], "a.org", true],
    [["a.org"], "b.a.org", false],
    [["*.a.org"], "b.a.org", true],
    [["*.a.org"], "a.org", false],
    [["*.a.org"], "evila.org", false],
    [[], "a.org", false],
  ])("%j and %s: %s", (hosts, host, expected) => {
    expect(mayReach(hosts, host)).toBe(expected);
  });

  it("are read from what a person writes", () => {
    expect(readHosts("https://a.org/x, *.b.org c.org:8080")).toEqual({
      hosts: ["a.org", "*.b.org", "c.org:8080"],
      wrong: [],
    });
    expect(readHosts("a.org; script-src * 'none'").wrong).toEqual(["*", "'none'"]);
  });
});
