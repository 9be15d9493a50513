import { Peer, Router } from "@imjoy/rpc";
import { describe, expect, it } from "vitest";
import { scriptFileName } from "../plugins/file-name";
import { parsePlugin } from "../plugins/parser";
import { defaultPermissions } from "../plugins/permissions";
import { Entries } from "./entries";
import { frameText, workerFrameText } from "./frame-text";
import { refuseCall } from "./guard";
import { Libraries } from "./libraries";
import { loadIntoFrame, planSteps } from "./loader";
import { framePolicy } from "./policy";

const plugin = (config: object, blocks = "<script>0</script>") =>
  parsePlugin(
    `<config>${JSON.stringify({ name: "A", type: "iframe", ...config })}</config>${blocks}`,
  );
const id = (letter: string) => letter.repeat(32);

const policyOf = (config: object, network?: string, mirror?: string): string => {
  const permissions = defaultPermissions(plugin(config));
  if (network) permissions.choices.network = network;
  return framePolicy(plugin(config), permissions, mirror ? [mirror] : []);
};

describe("framePolicy", () => {
  const directive = (policy: string, name: string) =>
    policy.split("; ").find((entry) => entry.startsWith(`${name} `)) ?? "";

  it("lets older plugins reach any https and wss address and nothing else", () => {
    const policy = policyOf({});
    expect(policy).toContain("default-src 'none'");
    expect(directive(policy, "connect-src")).toBe("connect-src data: blob: https: wss:");
    expect(directive(policy, "script-src")).not.toContain(" http:");
    expect(directive(policy, "worker-src")).toBe("worker-src blob: data:");
  });

  it("limits plugins that say so to their hosts and libraries", () => {
    const config = {
      network: ["a.org", "evil; script-src *"],
      requirements: ["https://b.org/x.js"],
    };
    const policy = policyOf(config);
    expect(directive(policy, "connect-src")).toBe(
      "connect-src data: blob: https://a.org wss://a.org https://b.org",
    );
    expect(policy).not.toContain("*");
    expect(directive(policyOf({ network: "none" }), "connect-src")).toBe("connect-src data: blob:");
  });

  it("lets a server of this computer be reached only where it is listed", () => {
    expect(policyOf({})).not.toContain("http://");
    const policy = policyOf({ network: ["localhost:8080", "a.org"] });
    expect(directive(policy, "connect-src")).toContain(
      " http://localhost:8080 ws://localhost:8080 ",
    );
    expect(policy).not.toContain("http://a.org");
    expect(policyOf({ network: ["localhost"] })).not.toContain("http://");
  });

  it("leaves only the mirror when the user allows no network", () => {
    const policy = policyOf({ requirements: ["https://b.org/x.js"] }, "none", "https://m.org/v/");
    expect(directive(policy, "connect-src")).toBe("connect-src data: blob: https://m.org/v/");
    expect(policy).not.toContain("b.org");
  });
});

describe("frameText", () => {
  it("cannot be left by title, policy or program", () => {
    const text = frameText({
      policy: `x"><script>bad()</script>`,
      title: "</title><script>bad()</script>",
      sdk: "'</script><script>bad()'; '<!--'",
    });
    expect(text.match(/<script>/g)).toHaveLength(2);
    expect(text.match(/<\/script>/g)).toHaveLength(1);
    expect(text).not.toContain("<!--");
  });

  it("holds the program of a worker as text, and starts it behind the policy only", () => {
    const text = workerFrameText("'</script><script>bad()'");
    expect(text.match(/<\/script>/g)).toHaveLength(2);
    expect(text.indexOf("append(meta)")).toBeLessThan(text.indexOf("new Worker("));
    expect(text).toContain('<script type="text/plain" id="program">');
  });
});

describe("planSteps", () => {
  it("has libraries, styles, links, markup and scripts in this order", () => {
    const blocks =
      "<script>1</script><window><p>x</p></window><link href='https://a.org/c.css'>" +
      "<style>p{}</style><script src='https://a.org/s.js'></script>" +
      "<script lang='glsl' type='x-shader'>void</script><script type='module'>2</script>";
    const source = plugin({ requirements: ["https://a.org/a.js", "cache:x", "numpy"] }, blocks);
    const logged: string[] = [];
    const steps = planSteps(source, (text) => logged.push(text));
    expect(steps.map(({ step }) => step.kind)).toEqual([
      "require",
      "style",
      "link",
      "html",
      "script",
      "require",
      "data",
      "script",
    ]);
    expect(steps.at(-1)?.step).toMatchObject({ module: true, text: "2" });
    expect(logged[0]).toContain("numpy");
  });

  it("refuses Python in a worker with the line", () => {
    const source = plugin({ type: "web-worker" }, '\n<script lang="python">x</script>');
    expect(() => planSteps(source, () => undefined)).toThrow(/Line 2.*python/);
  });

  it("names the file without white space", () => {
    expect(scriptFileName(plugin({ name: "My Plugin" }))).toBe("My_Plugin.imjoy.html");
    const origin = "https://a.org/b/My%20File.imjoy.html?x=1";
    expect(scriptFileName({ ...plugin({}), origin })).toBe("My_File.imjoy.html");
    expect(scriptFileName({ ...plugin({}), origin: "file my_cells.py" })).toBe("my_cells.py");
  });
});

describe("loadIntoFrame", () => {
  const frame = (answers: Record<string, (...args: never[]) => unknown>, limit?: number) => {
    const router = new Router(id("a"));
    const host = new Peer({ address: id("a"), send: (f) => router.send(f) });
    router.local = host;
    const address = `${id("a")}/${id("b")}`;
    const peer = new Peer({ address, send: (f) => router.route(f, address) });
    router.attach(address, (f) => peer.receive(f));
    for (const [target, run] of Object.entries(answers)) peer.export(target, run);
    return loadIntoFrame({
      peer: host,
      address,
      source: plugin({ requirements: ["https://a.org/a.js"] }),
      facts: { workspace: "default", engineUrl: "", services: null, storage: null },
      libraries: new Libraries({ base: new URL("http://x/"), get: async () => new Response("{}") }),
      signal: new AbortController().signal,
      onStep: () => undefined,
      log: () => undefined,
      ...(limit === undefined ? {} : { limit }),
    });
  };
  const ok = () => null;

  it("resolves to what the plugin exported", async () => {
    const exported = { methods: ["run"], values: {} };
    const answers = { "sdk.configure": ok, "sdk.load": ok, "sdk.interface": () => exported };
    expect(await frame(answers)).toEqual(exported);
  });

  it("names the step that is not answered in time", async () => {
    const never = () => new Promise(() => undefined);
    const stuck = frame({ "sdk.configure": ok, "sdk.load": never }, 30);
    await expect(stuck).rejects.toThrow(/Loading https:\/\/a\.org\/a\.js: no answer/);
    const silent = frame({ "sdk.configure": ok, "sdk.load": ok, "sdk.interface": never }, 30);
    await expect(silent).rejects.toThrow(/did not call api\.export/);
  });
});

describe("refuseCall", () => {
  const call = (to: string, target = "engine.start") => ({
    header: { type: "call", id: id("1"), to, from: id("a"), target } as const,
    body: "[]",
    buffers: [],
  });
  const answer = (to: string, allowed: string[]): unknown => {
    const answers: unknown[] = [];
    const permissions = { allows: (_: string, name: string) => allowed.includes(name) };
    const facts = { plugin: "p", page: id("a"), engine: id("e"), permissions };
    const refused = refuseCall(call(to), facts, (frame) => answers.push(frame));
    expect(answers).toHaveLength(refused ? 1 : 0);
    return answers[0] ?? "passed on";
  };

  it("answers calls to the engine itself, and lets calls to its workers through", () => {
    const refusal = { header: { type: "error", to: id("a") } };
    expect(answer(id("e"), ["plugins", "engine"])).toMatchObject(refusal);
    expect(answer(`${id("e")}/${id("f")}`, ["plugins", "engine"])).toBe("passed on");
  });

  it("lets a plugin call nobody but the page when the user says so", () => {
    const refusal = { body: expect.stringContaining("plugin.permission") };
    expect(answer(`${id("e")}/${id("f")}`, ["plugins"])).toMatchObject(refusal);
    expect(answer(`${id("a")}/${id("f")}`, ["plugins"])).toBe("passed on");
    expect(answer(`${id("a")}/${id("f")}`, ["engine"])).toMatchObject(refusal);
    expect(answer(id("a"), [])).toBe("passed on");
  });
});

describe("Entries", () => {
  it("keeps the last lines of a plugin that prints without end", () => {
    const entries = new Entries();
    entries.set({ id: "x", source: plugin({}) });
    for (let i = 0; i < 10_000; i += 1) entries.log("x", "info", `${i} ${"y".repeat(20_000)}`);
    entries.flush();
    const log = entries.get("x")?.log ?? [];
    expect(log.length).toBe(2000);
    expect(log.at(-1)?.text.startsWith("9999 ")).toBe(true);
    expect(log.at(-1)?.text.length).toBeLessThan(11_000);
  });

  it("starts with kept answers and the defaults of the form", () => {
    const entries = new Entries();
    const ui = "{id:'a', type:'number', placeholder: 1} {id:'b', type:'number', placeholder: 2}";
    entries.set({ id: "x", source: plugin({ ui }) }, { b: 5, other: 1 });
    expect(entries.get("x")?.config).toEqual({ a: 1, b: 5 });
  });
});
