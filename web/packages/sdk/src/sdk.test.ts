import { newId, Peer, Router } from "@imjoy/rpc";
import { describe, expect, it } from "vitest";
import { makeApi } from "./api-proxy";
import { Events } from "./events";
import { toCamel } from "./names";
import { Publisher } from "./publish";
import { thrownBy, trimLines } from "./stack";

describe("toCamel", () => {
  it.each([
    ["show_status", "showStatus"],
    ["create_window", "createWindow"],
    ["showStatus", "showStatus"],
    ["alert", "alert"],
    ["ENGINE_URL", "ENGINE_URL"],
    ["a_b_c2", "aBC2"],
  ])("%s", (given, camel) => {
    expect(toCamel(given)).toBe(camel);
  });
});

function pair() {
  const router = new Router(newId());
  const host = new Peer({ address: router.address, send: (f) => router.send(f) });
  router.local = host;
  const address = `${router.address}/${newId()}`;
  const peer = new Peer({ address, send: (f) => router.route(f, address) });
  router.attach(address, (f) => peer.receive(f));
  return { host, peer, address };
}

describe("Publisher", () => {
  const setUp = () => {
    const { host, peer, address } = pair();
    const publisher = new Publisher(peer);
    const call = (method: string, ...args: unknown[]) => host.call(address, method, args);
    return { publisher, call };
  };

  class Base {
    shared(): string {
      return `shared ${this.name}`;
    }
    name = "base";
  }
  class Plugin extends Base {
    override name = "plugin";
    size = 3;
    run = (): string => this.name;
    constructorCalled = true;
    get computed(): never {
      throw new Error("getters are not called");
    }
    hello(who: string): string {
      return `hello ${who} from ${this.name}`;
    }
    _hidden(): void {}
  }

  it.each([
    ["an instance", new Plugin()],
    ["a class", Plugin],
  ])("exports %s with the methods of its base classes", async (_, given) => {
    const { publisher, call } = setUp();
    publisher.publish(given);
    const { methods, values } = await publisher.interface();
    expect([...methods].sort()).toEqual(["hello", "run", "shared"]);
    expect(values).toMatchObject({ name: "plugin", size: 3 });
    expect(await call("hello", "you")).toBe("hello you from plugin");
    expect(await call("shared")).toBe("shared plugin");
    for (const hidden of ["_hidden", "constructor", "toString", "computed"]) {
      await expect(call(hidden)).rejects.toMatchObject({ code: "rpc.method_not_found" });
    }
  });

  it("exports objects, replaces what was exported before, and waits for an export", async () => {
    const { publisher, call } = setUp();
    const waiting = publisher.interface();
    publisher.publish({ one: () => 1, value: "v" });
    expect(await waiting).toEqual({ methods: ["one"], values: { value: "v" } });
    publisher.publish({ two: () => 2 });
    await expect(call("one")).rejects.toMatchObject({ code: "rpc.method_not_found" });
    expect(await call("two")).toBe(2);
    expect(() => publisher.publish(5)).toThrow(TypeError);
  });

  it("settles idle when no method runs", async () => {
    const { publisher, call } = setUp();
    let end: () => void = () => undefined;
    publisher.publish({ wait: () => new Promise<void>((resolve) => (end = resolve)) });
    await publisher.idle();
    const waiting = call("wait");
    let idle = false;
    await expect.poll(() => end.name).not.toBe("end");
    const settled = publisher.idle().then(() => {
      idle = true;
    });
    expect(idle).toBe(false);
    end();
    await Promise.all([waiting, settled]);
    expect(idle).toBe(true);
  });
});

describe("api", () => {
  const setUp = () => {
    const { host, peer, address } = pair();
    const publisher = new Publisher(peer);
    const facts = {
      name: "A",
      type: "iframe",
      tag: "GPU",
      workspace: "w",
      engineUrl: "http://e",
      services: null as string[] | null,
      storage: null,
      config: { name: "A" },
    };
    const api = makeApi({
      peer,
      host: host.address,
      events: new Events(),
      publisher,
      facts: () => facts,
      onPublished: () => undefined,
    }) as Record<string, (...args: unknown[]) => Promise<unknown>> & {
      utils: Record<string, (...args: unknown[]) => Promise<unknown>>;
    };
    return { api, host, address, facts };
  };

  it("calls the workbench by one name for both spellings", async () => {
    const { api, host } = setUp();
    const seen: unknown[] = [];
    host.export("api.showStatus", (...args: unknown[]) => seen.push(args));
    host.export("api.utils.openUrl", (...args: unknown[]) => seen.push(args));
    await api.showStatus?.("a", 1);
    await api.show_status?.("b");
    await api.utils.open_url?.("c");
    expect(seen).toEqual([["a", 1], ["b"], ["c"]]);
    await expect(api.fooBar?.()).rejects.toMatchObject({ code: "rpc.method_not_found" });
  });

  it("has no function that the workbench does not have, once that is known", () => {
    const { api, facts } = setUp();
    expect(api.whatever).toBeTypeOf("function");
    facts.services = ["showMessage", "utils.known"];
    expect(api.never).toBeUndefined();
    expect("never" in api).toBe(false);
    expect(api.show_message).toBeTypeOf("function");
    expect(api.utils.known).toBeTypeOf("function");
    expect(api.utils.never).toBeUndefined();
  });

  it("tells the running function when its caller cancels", async () => {
    const { api, host, address } = setUp();
    const signals: AbortSignal[] = [];
    await api.export?.({
      async wait() {
        const { signal } = api as unknown as { signal: AbortSignal };
        signals.push(signal);
        await new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
        });
      },
    });
    const abort = new AbortController();
    const stopped = host.call(address, "wait", [], { signal: abort.signal });
    const waits = host.call(address, "wait", []);
    await expect.poll(() => signals.length).toBe(2);
    abort.abort();
    await expect(stopped).rejects.toMatchObject({ code: "rpc.cancelled" });
    await expect.poll(() => signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    expect((api as unknown as { signal: AbortSignal }).signal.aborted).toBe(false);
    host.peerGone(address, "the test is over");
    await expect(waits).rejects.toThrow();
  });

  it("is no promise, and has its constants", async () => {
    const { api } = setUp();
    expect(await Promise.resolve(api)).toBe(api);
    expect(api.TAG).toBe("GPU");
    expect(api.ENGINE_URL).toBe("http://e");
    expect(api.config).toMatchObject({ name: "A", tag: "GPU", workspace: "w" });
  });

  it("calls its own handlers and the workbench for an event", async () => {
    const { api, host } = setUp();
    const seen: unknown[] = [];
    host.export("api.emit", (...args: unknown[]) => seen.push(args));
    api.on?.("news", (value: unknown) => seen.push(value));
    await api.emit?.("news", 5);
    expect(seen).toEqual([5, ["news", 5]]);
  });

  it("keeps `this` of methods that are registered", async () => {
    const { api, host } = setUp();
    let run: (() => unknown) | undefined;
    host.export("api.register", (given: { run: () => unknown }) => {
      run = given.run;
    });
    class Plugin {
      word = "mine";
      operation(): string {
        return this.word;
      }
      setup(): unknown {
        return api.register?.({ name: "op", run: this.operation });
      }
    }
    const plugin = new Plugin();
    await api.export?.(plugin);
    await plugin.setup();
    expect(await run?.()).toBe("mine");
  });
});

describe("trimLines", () => {
  it("keeps the lines of the plugin", () => {
    const stack =
      "Error: x\n    at A.run (A.imjoy.html:3:1)\n    at f (about:srcdoc:5:9)\n    at blob:null/1:2:3";
    expect(trimLines(stack)).toBe("Error: x\n    at A.run (A.imjoy.html:3:1)");
  });
});

describe("thrownBy", () => {
  const event = (error: unknown, message: string) => ({ error, message }) as ErrorEvent;

  it("is the error, or what the browser says of it", () => {
    const error = new TypeError("x");
    expect(thrownBy(event(error, "Uncaught TypeError: x"))).toBe(error);
    expect(thrownBy(event(null, "Uncaught SyntaxError: y"))).toBe("Uncaught SyntaxError: y");
  });

  it("says so where the browser hides it", () => {
    expect(thrownBy(event(null, "Script error."))).toContain("this browser hides what it was");
  });
});
