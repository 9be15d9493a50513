/** The sample images of the workbench: every one that is listed opens, and together they are small. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Sample } from "../model";
import { readImage } from "./read-image";

const ROOT = join(import.meta.dirname, "../../../..");
const samples = JSON.parse(readFileSync(join(ROOT, "samples/samples.json"), "utf-8")) as Sample[];

const AXES: Record<string, string> = { nuclei: "YX", cells: "ZCYX", coins: "YX", pattern: "YXS" };

it.each(samples)("opens $path", async ({ id, path }) => {
  const { image } = await readImage(new File([readFileSync(join(ROOT, path))], path));
  expect(image.axes).toBe(AXES[id]);
  expect(image.array.size).toBeGreaterThan(100_000);
});

it("lists every image of the folder, in less than 1.5 MB", () => {
  const files = readdirSync(join(ROOT, "samples")).filter((name) => /\.(tif|png)$/.test(name));
  expect(samples.map(({ path }) => path).sort()).toEqual(
    files.map((name) => `samples/${name}`).sort(),
  );
  const bytes = files.reduce((sum, name) => sum + statSync(join(ROOT, "samples", name)).size, 0);
  expect(bytes).toBeLessThan(1.5e6);
});
