import vm from "node:vm";
import { describe, expect, it } from "vitest";
import { sdkBundle } from "../../vite-sdk";

/** The program of plugin frames as it is built. */
async function built(): Promise<string> {
  const load = sdkBundle().load as (id: string) => Promise<string>;
  const module = await load("\0virtual:imjoy-sdk");
  return JSON.parse(module.replace(/^export default |;$/g, "")) as string;
}

describe("the program of plugin frames", () => {
  it("works on when the plugin takes the names of built-in classes for itself", async () => {
    const heard: ((event: object) => void)[] = [];
    const context = vm.createContext({
      addEventListener: (name: string, run: (event: object) => void) => {
        if (name === "message") heard.push(run);
      },
      removeEventListener: () => undefined,
      ...{
        console,
        setTimeout,
        clearTimeout,
        queueMicrotask,
        structuredClone,
        crypto,
        performance,
      },
      ...{
        URL,
        Blob,
        File,
        TextEncoder,
        TextDecoder,
        MessageChannel,
        AbortController,
        AbortSignal,
      },
    });
    vm.runInContext("var globalThis = this;", context);
    vm.runInContext(await built(), context);
    vm.runInContext("const Map = class NoMap {}; const Set = null; const WeakMap = 1;", context);
    const { port1, port2 } = new MessageChannel();
    for (const run of heard) {
      const data = { imjoy: "connect", address: "p/f", host: "p", mirror: null };
      run({ data, ports: [port2] });
    }
    const exported = vm.runInContext("api.export({ run() {}, version: 1 })", context);
    await expect(exported).resolves.toBeUndefined();
    port1.close();
  });
});
