/** Iterators of one peer that another one consumes: a few items at a time, as it asks for them. */
import type { AnyIterator } from "./protocol/context";
import { malformed } from "./protocol/frame";
import type { RemoteFunction } from "./remote";

/** A batch is sent when it has this many bytes, however few items are in it. */
const BATCH_BYTES = 1 << 20;
const FIRST_CREDIT = 4;
const MOST_CREDIT = 256;

interface Batch {
  items: unknown[];
  done: boolean;
}

type Pull = (credit: number) => Promise<Batch>;

const sources = new WeakMap<object, Source>();

/** The function that a consumer calls with the number of items it can take; 0 ends the stream. */
export function pullFrom(iterator: AnyIterator): Pull {
  const source = new Source(iterator);
  const pull: Pull = (credit) => source.pull(credit);
  sources.set(pull, source);
  return pull;
}

/** Ends the iterator behind a function of `pullFrom` that nobody holds any more. */
export function closeStream(pull: object): void {
  void sources.get(pull)?.close();
}

/** The iterator behind a function of `pullFrom` that came back; undefined when somebody has read from it. */
export function takeBack(pull: object): AnyIterator | undefined {
  const source = sources.get(pull);
  if (source === undefined || source.isBegun) return undefined;
  sources.delete(pull); // it goes on here when nobody else holds it
  return source.iterator;
}

class Source {
  isBegun = false;
  private next: Promise<IteratorResult<unknown>> | null = null;

  constructor(readonly iterator: AnyIterator) {}

  async pull(credit: number): Promise<Batch> {
    this.isBegun = true;
    const items: unknown[] = [];
    if (!(credit > 0)) {
      await this.close();
      return { items, done: true };
    }
    let size = 0;
    const pause = new Promise<null>((resolve) => setTimeout(resolve, 0, null));
    while (items.length < credit && size < BATCH_BYTES) {
      this.next ??= step(this.iterator);
      // An item that is not there yet waits for the next batch; an error, until what came is sent.
      const ready = await (items.length === 0
        ? this.next
        : Promise.race([this.next, pause]).catch(() => null));
      if (ready === null) break;
      this.next = null;
      if (ready.done) return { items, done: true };
      items.push(ready.value);
      size += bytesOf(ready.value);
    }
    return { items, done: false };
  }

  /** An iterator that waits for something itself hears of its end only after that, so nobody waits for it then. */
  async close(): Promise<void> {
    const { next } = this;
    this.next = null;
    const closed = Promise.resolve(this.iterator.return?.(undefined));
    if (next === null) await closed;
    else for (const ended of [next, closed]) ended.catch(() => undefined);
  }
}

async function step(iterator: AnyIterator): Promise<IteratorResult<unknown>> {
  return iterator.next();
}

function bytesOf(item: unknown): number {
  if (typeof item === "string") return item.length;
  const { byteLength, size } = (item ?? {}) as { byteLength?: unknown; size?: unknown };
  if (typeof byteLength === "number") return byteLength;
  return typeof size === "number" ? size : 64;
}

/**
 * A stream of another peer, for `for await`. While a batch is consumed the next one is under way, and
 * no more than that.
 */
export class RemoteStream implements AsyncIterableIterator<unknown> {
  private items: unknown[] = [];
  private index = 0;
  private coming: Promise<Batch> | null = null;
  private credit = FIRST_CREDIT;
  private done = false;

  /** @param pull the function that gives the items; a stream that is passed on is this one */
  constructor(readonly pull: RemoteFunction) {}

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<unknown>> {
    while (this.index >= this.items.length) {
      if (this.done) return { value: undefined, done: true };
      await this.refill();
    }
    const value = this.items[this.index];
    this.items[this.index] = undefined;
    this.index += 1;
    return { value, done: false };
  }

  /** Tells the other side that nothing more is wanted. */
  async return(): Promise<IteratorResult<unknown>> {
    const ended = this.done;
    this.done = true;
    this.items = [];
    this.coming = null;
    if (!ended) await this.pull(0);
    return { value: undefined, done: true };
  }

  /** Takes the batch that is under way and asks for the next one; all who wait for an item wait for the same batch. */
  private async refill(): Promise<void> {
    const coming = this.coming ?? this.request();
    let batch: Batch;
    try {
      batch = await coming;
    } catch (error) {
      this.done = true;
      throw error;
    }
    if (coming !== this.coming) return; // another reader took it, or nothing more is wanted
    this.items = batch.items;
    this.index = 0;
    this.done = batch.done;
    this.coming = null;
    if (!this.done) this.request();
  }

  private request(): Promise<Batch> {
    const coming = this.pull(this.credit).then(checked);
    coming.catch(() => undefined); // told when it is asked for
    this.credit = Math.min(2 * this.credit, MOST_CREDIT);
    this.coming = coming;
    return coming;
  }
}

function checked(answer: unknown): Batch {
  const { items, done } = (answer ?? {}) as Partial<Batch>;
  if (!Array.isArray(items) || items.length > MOST_CREDIT) {
    throw malformed("a batch of a stream has no items");
  }
  return { items, done: Boolean(done) };
}
