/** The plugins that run, and who speaks from which address. */
import type { Instance } from "./runtimes";

/** Whom calls from an address are made by; `window` is null for what has none of its own. */
export interface Speaker {
  id: string;
  window: string | null;
}

export class Instances {
  private readonly running = new Map<string, Instance>();
  /** Plugins whose `setup` failed, kept for others that use what works all the same. */
  private readonly halfway = new Map<string, Instance>();
  private readonly speakers = new Map<string, Speaker>();

  get(id: string): Instance | undefined {
    return this.running.get(id);
  }

  has(id: string): boolean {
    return this.running.has(id);
  }

  add(id: string, instance: Instance): void {
    this.running.set(id, instance);
  }

  /** A copy, so that it can be gone through while some are taken away. */
  all(): [string, Instance][] {
    return [...this.running];
  }

  /** It runs no longer, and speaks until it is dismissed: its `exit` may call the workbench. */
  release(id: string): Instance | undefined {
    const instance = this.running.get(id);
    this.running.delete(id);
    return instance;
  }

  /** It runs no longer, and nobody speaks from its address. */
  take(id: string): Instance | undefined {
    return this.takeFrom(this.running, id);
  }

  getHalfway(id: string): Instance | undefined {
    return this.halfway.get(id);
  }

  addHalfway(id: string, instance: Instance): void {
    this.halfway.set(id, instance);
  }

  takeHalfway(id: string): Instance | undefined {
    return this.takeFrom(this.halfway, id);
  }

  /** Takes away what lives in a frame of the page, started to its end or not. */
  takeFrames(): [string, Instance][] {
    const maps = [this.running, this.halfway];
    return maps.flatMap((map) => {
      const framed = [...map].filter(([, { element }]) => element);
      for (const [id] of framed) this.takeFrom(map, id);
      return framed;
    });
  }

  speaker(address: string): Speaker | undefined {
    return this.speakers.get(address);
  }

  introduce(address: string, speaker: Speaker): void {
    this.speakers.set(address, speaker);
  }

  dismiss(address: string): void {
    this.speakers.delete(address);
  }

  dismissAll(matches: (speaker: Speaker) => boolean): void {
    for (const [address, speaker] of this.speakers) {
      if (matches(speaker)) this.speakers.delete(address);
    }
  }

  private takeFrom(map: Map<string, Instance>, id: string): Instance | undefined {
    const instance = map.get(id);
    map.delete(id);
    if (instance) this.speakers.delete(instance.address);
    return instance;
  }
}
