/** The images of the workspace. */
import { newId } from "@imjoy/rpc";
import { type DataItem, type ImageData_, Store } from "../model";

export class Items {
  readonly store = new Store<DataItem[]>([]);

  /** `id`: given when an item comes back that was open before. */
  add(name: string, image: ImageData_, origin: string, id: string = newId()): DataItem {
    const bytes = image.array.data.byteLength + (image.labels?.data.byteLength ?? 0);
    const item: DataItem = { id, name, image, origin, bytes };
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
