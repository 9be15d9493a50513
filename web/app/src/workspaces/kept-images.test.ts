import { NdArray } from "@imjoy/rpc";
import { expect, it, vi } from "vitest";
import type { DataItem } from "../model";
import { type Blobs, tableBlobs } from "./blobs";
import { memoryDatabase } from "./database";
import { KeptImages, LARGEST } from "./kept-images";

const place = (): Blobs => tableBlobs(memoryDatabase().table("blobs"));

function item(bytes = 4): DataItem {
  const image = { array: new NdArray(new Uint8Array(4), [2, 2]), axes: "YX" };
  return { id: "1", name: "cells", origin: "test", bytes, image };
}

it("keeps new images at once, and waits for them where they are kept only", async () => {
  const images = new KeptImages();
  const away = { ...place(), put: () => new Promise<void>(() => undefined) };
  const one = item();
  images.begin([one], away);
  const here = place();
  await images.settled(here);
  const { blob } = await images.keep(one, here);
  expect(await images.read({ ...item(), blob }, here)).toMatchObject({ axes: "YX" });

  const other = item();
  images.begin([other], here);
  expect(images.now(other)).toBeUndefined();
  await images.settled(here);
  expect(images.now(other)?.blob).toBe(blob);
});

it("tries once by itself what cannot be kept, and tells whoever asks for it", async () => {
  const images = new KeptImages();
  const put = vi.fn(() => Promise.reject(new Error("The disk is full.")));
  const full = { ...place(), put };
  const one = item();
  for (let times = 0; times < 3; times += 1) {
    images.begin([one], full);
    await images.settled(full);
  }
  expect(put).toHaveBeenCalledTimes(1);
  await expect(images.keep(one, full)).rejects.toThrow("full");
});

it("only names images that are too large", async () => {
  const images = new KeptImages();
  const put = vi.fn();
  const huge = item(LARGEST + 1);
  images.begin([huge], { ...place(), put });
  expect(images.now(huge)).toMatchObject({ name: "cells", blob: null });
  expect(await images.keep(huge, { ...place(), put })).toMatchObject({ blob: null });
  expect(put).not.toHaveBeenCalled();
});
