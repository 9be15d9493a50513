/** The images of the workspace. */
import { newId } from "@imjoy/rpc";
import { type DataItem, type ImageData_, Store } from "../model";

export class Items {
  readonly store = new Store<DataItem[]>([]);

  add(name: string, image: ImageData_, origin: string): DataItem {
    const bytes = image.array.data.byteLength + (image.labels?.data.byteLength ?? 0);
    const item: DataItem = { id: newId(), name, image, origin, bytes };
    this.store.update((items) => [...items, item]);
    return item;
  }

  get(id: string): DataItem | undefined {
    return this.store.get().find((item) => item.id === id);
  }

  remove(id: string): void {
    this.store.update((items) => items.filter((item) => item.id !== id));
  }
}
