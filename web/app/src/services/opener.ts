/** Opens images from files, addresses and plugins in windows. */
import type { Failure, ImageData_, WorkspaceName } from "../model";
import { toFailure } from "../plugins/failure";
import type { ImageReaders } from "../workspaces/image-value";
import type { Items } from "../workspaces/items";
import type { Jobs } from "../workspaces/jobs";
import { fetchFile } from "../workspaces/readers";
import type { Windows } from "../workspaces/windows";

interface Opened {
  name: string;
  image: ImageData_;
  origin: string;
}

export interface OpenerParts {
  items: Items;
  windows: Windows;
  jobs: Jobs;
  readers: ImageReaders;
  fail(failure: Failure): void;
}

export class ImageOpener {
  /** Opens images in the workspace in which reading them began; false where they have to open here. */
  sendThere: (workspace: WorkspaceName, step: string, images: Opened[]) => Promise<boolean> =
    async () => false;

  constructor(private readonly parts: OpenerParts) {}

  /** Opens a window for an image. @returns the id of the window */
  show(name: string, image: ImageData_, origin: string, beside?: string): string {
    const item = this.parts.items.add(name, image, origin);
    return this.showItem({ title: name, beside }, item.id);
  }

  /** Opens a window for an item that is there; the item goes when its last window does. */
  showItem(
    window: { title: string; beside?: string | undefined; id?: string | undefined },
    item: string,
  ): string {
    const { items, windows } = this.parts;
    const content = { kind: "image", item } as const;
    const closed = (): void => {
      const others = windows.store.get();
      if (others.some((other) => other.content.kind === "image" && other.content.item === item)) {
        return;
      }
      items.remove(item);
    };
    return windows.open({ ...window, content }, { closed }).id;
  }

  /** Opens the images of a file; a file that cannot be read becomes a notice. */
  openFile(file: File, origin = file.name): Promise<void> {
    return this.open(file.name, origin, () => this.parts.readers.readImage(file));
  }

  /** Opens the images at an address under a name. */
  openUrl(url: string, name: string, origin: string): Promise<void> {
    return this.open(name, origin, async () => {
      const images = await this.parts.readers.readImageUrl(url);
      return images.map(({ image }) => ({ name, image }));
    });
  }

  /** Fetches a file, as a job, and passes it on; one that cannot be had becomes a notice. */
  async download(address: string, then: (file: File) => Promise<void>): Promise<void> {
    const step = `Fetching ${address}`;
    const job = this.parts.jobs.start("", step, "Fetching");
    try {
      const file = await fetchFile(address);
      job.finish("done");
      await then(file);
    } catch (error) {
      const failure = { ...toFailure(error, step), step };
      job.fail(failure);
      this.parts.fail(failure);
    }
  }

  private async open(
    what: string,
    origin: string,
    read: () => Promise<{ name: string; image: ImageData_ }[]>,
  ): Promise<void> {
    const step = `Opening ${what}`;
    const job = this.parts.jobs.start("", step, "Reading");
    try {
      const images = (await read()).map((one) => ({ ...one, origin }));
      const { workspace } = job;
      const isThere =
        this.parts.jobs.isElsewhere(workspace) && (await this.sendThere(workspace, step, images));
      if (!isThere) for (const { name, image } of images) this.show(name, image, origin);
      job.finish("done");
    } catch (error) {
      // The step of the reader does not know the name of the file.
      const failure = { ...toFailure(error, step), step };
      job.fail(failure);
      this.parts.fail(failure);
    }
  }
}
