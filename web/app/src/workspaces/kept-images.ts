/** Keeps the bytes of images, each under the name of what is in it. */
import type { DataItem, ImageData_, SavedItem } from "../model";
import type { Blobs } from "./blobs";
import { hashOf, imageFromBytes, imageToBytes } from "./image-bytes";

/** Images above this are only named; a browser gives a page no more room than some gigabytes. */
export const LARGEST = 1_000_000_000;

export class KeptImages {
  private readonly names = new WeakMap<ImageData_, string>();
  /** Those that `begin` has tried: what it could not keep, `keep` tries again and tells. */
  private readonly begun = new WeakSet<ImageData_>();
  private under: { blobs: Blobs; way: Promise<void> } | null = null;

  /** Keeps an image if it is not kept yet. */
  async keep(item: DataItem, blobs: Blobs): Promise<SavedItem> {
    const { bytes, image } = item;
    let blob: string | null = this.names.get(image) ?? null;
    if (bytes <= LARGEST && (blob === null || !(await blobs.has(blob)))) {
      const packed = imageToBytes(image);
      blob = await hashOf(packed);
      if (!(await blobs.has(blob))) await blobs.put(blob, packed);
      this.names.set(image, blob);
    }
    return savedItem(item, blob);
  }

  /** Begins to keep new images, as a page that is left has no time for them. */
  begin(items: readonly DataItem[], blobs: Blobs): void {
    const isNew = ({ image, bytes }: DataItem) =>
      bytes <= LARGEST && !this.names.has(image) && !this.begun.has(image);
    const fresh = items.filter(isNew);
    if (fresh.length === 0) return;
    for (const { image } of fresh) this.begun.add(image);
    const before = this.settled(blobs);
    const way = before.then(async () => {
      for (const item of fresh) await this.keep(item, blobs).catch(() => undefined);
    });
    this.under = { blobs, way };
  }

  /** Ends when what was begun is kept there; elsewhere, as in an engine that is away, does not matter. */
  async settled(blobs: Blobs): Promise<void> {
    if (this.under?.blobs === blobs) await this.under.way;
  }

  /** The image as it can be named at once; undefined when its bytes are not kept yet. */
  now(item: DataItem): SavedItem | undefined {
    const blob = this.names.get(item.image) ?? (item.bytes > LARGEST ? null : undefined);
    return blob === undefined ? undefined : savedItem(item, blob);
  }

  async read({ blob }: SavedItem, blobs: Blobs): Promise<ImageData_ | null> {
    const bytes = blob === null ? null : await blobs.get(blob);
    if (!bytes) return null;
    const image = imageFromBytes(bytes);
    this.names.set(image, blob as string);
    return image;
  }
}

export function savedItem({ id, name, origin, bytes }: DataItem, blob: string | null): SavedItem {
  return { id, name, origin, blob, bytes };
}
