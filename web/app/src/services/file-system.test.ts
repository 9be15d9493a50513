import { expect, it } from "vitest";
import { memoryDatabase } from "../workspaces/database";
import { Settings } from "../workspaces/settings";
import { FileSystem } from "./file-system";

it("keeps what is below /home, and nothing else", async () => {
  const settings = new Settings(memoryDatabase());
  const files = new FileSystem(settings);
  await files.makeFolder("/home/a");
  await files.write("/home/a/../a//b.txt", "text");
  await files.write("/tmp/c", new Uint8Array([1, 2]).buffer);
  const later = new FileSystem(settings);
  expect(await later.read("/home/a/b.txt")).toBe("text");
  expect(await later.list("/home")).toEqual(["a"]);
  expect(await later.exists("/tmp/c")).toBe(false);
  expect(await files.stat("/tmp/c")).toMatchObject({ type: "file", size: 2 });
});

it("refuses what makes no sense, by the codes that plugins look for", async () => {
  const files = new FileSystem(new Settings(memoryDatabase()));
  await files.makeFolder("/tmp/a");
  await files.write("/tmp/a/b", "x");
  await expect(files.read("/tmp")).rejects.toThrow("EISDIR");
  await expect(files.read("/none")).rejects.toThrow("ENOENT");
  await expect(files.write("/none/x", "")).rejects.toThrow("ENOENT");
  await expect(files.makeFolder("/tmp")).rejects.toThrow("EEXIST");
  await expect(files.remove("/tmp/a", true)).rejects.toThrow("ENOTEMPTY");
  await expect(files.list("/tmp/a/b")).rejects.toThrow("ENOTDIR");
  await files.rename("/tmp/a/b", "/tmp/c");
  await files.remove("/tmp/a", true);
  expect(await files.list("/../tmp")).toEqual(["c"]);
});
