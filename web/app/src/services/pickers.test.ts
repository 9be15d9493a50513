import { expect, it } from "vitest";
import type { ServiceContext } from "./desk";
import { pickers } from "./pickers";

const context = {} as ServiceContext;
type Handle = Record<string, (...args: unknown[]) => unknown>;

it("gives handles of files that the user chose, and saves what is written as a whole", async () => {
  const saved: [string, string][] = [];
  const files = [new File(["a"], "a.txt"), new File(["b"], "b.txt")];
  const asked: unknown[] = [];
  const services = pickers(
    async (options) => {
      asked.push(options);
      return asked.length > 2 ? null : files;
    },
    (blob, name) => void blob.text().then((text) => saved.push([name, text])),
  );
  const handles = (await services["utils.showOpenFilePicker"]?.(context, {
    multiple: true,
  })) as Handle[];
  expect(handles.map((handle) => handle.getFile?.())).toEqual(files);
  const folder = (await services["utils.showDirectoryPicker"]?.(context)) as Handle;
  expect(folder.values?.()).toHaveLength(2);
  await expect(services["utils.showOpenFilePicker"]?.(context)).rejects.toMatchObject({
    code: "rpc.cancelled",
  });
  expect(asked).toEqual([
    { multiple: true, folder: false },
    { multiple: true, folder: true },
    { multiple: false, folder: false },
  ]);
  const handle = (await services["utils.showSaveFilePicker"]?.(context, {
    suggestedName: "x.txt",
  })) as Handle;
  const writable = handle.createWritable?.() as Handle;
  writable.write?.("one ");
  writable.write?.({ type: "write", data: new TextEncoder().encode("two") });
  writable.close?.();
  await expect.poll(() => saved).toEqual([["x.txt", "one two"]]);
});
