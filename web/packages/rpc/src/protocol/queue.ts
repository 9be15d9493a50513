/** First in, first out; taking the first costs the same however many there are. */
export class Queue<T> {
  private items: T[] = [];
  private start = 0;

  get first(): T | undefined {
    return this.items[this.start];
  }

  push(item: T): void {
    this.items.push(item);
  }

  shift(): T | undefined {
    if (this.start >= this.items.length) return undefined;
    const item = this.items[this.start];
    this.items[this.start] = undefined as T;
    this.start += 1;
    if (this.start > 1024 && this.start * 2 > this.items.length) {
      this.items = this.items.slice(this.start);
      this.start = 0;
    }
    return item;
  }

  /** Takes the first item out that matches. */
  take(matches: (item: T) => boolean): T | undefined {
    for (let index = this.start; index < this.items.length; index += 1) {
      const item = this.items[index] as T;
      if (!matches(item)) continue;
      this.items.splice(index, 1);
      return item;
    }
    return undefined;
  }

  drain(): T[] {
    const items = this.items.slice(this.start);
    this.items = [];
    this.start = 0;
    return items;
  }
}
