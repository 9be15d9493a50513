/** What can be had: the plugins that come with the app, and those of the repositories that the user added. */
import { type RepositoryEntry, Store } from "../model";
import { mirrorFirst } from "./mirrored";
import { readRepository, readRepositoryAt, repositoryRoot } from "./repository";
import type { Fetch } from "./source";

type Kept = Pick<Storage, "getItem" | "setItem">;
/** Calls the engine; null when there is none. */
type AskEngine = (target: string, args: readonly unknown[]) => Promise<unknown>;

const KEY = "imjoy.repositories";

export class Library {
  readonly entries = new Store<RepositoryEntry[]>([]);
  /** Repositories that the user added, as they were written. */
  readonly repositories: Store<string[]>;
  private builtIn: RepositoryEntry[] = [];
  private readonly added = new Map<string, RepositoryEntry[]>();
  /** Those that the engine has copies of, which are listed though nobody added them. */
  private copies: string[] = [];
  /** Reads an address of the web: from the engine's copies, then from the network. */
  readonly get: Fetch;

  constructor(
    private readonly base: URL,
    private readonly askEngine: AskEngine,
    private readonly storage: Kept | null = browserStorage(),
  ) {
    this.repositories = new Store(kept(storage));
    this.get = mirrorFirst(
      async (address) => (await askEngine("engine.mirrored", [address])) as string | null,
    );
  }

  /** Reads all lists. A repository that cannot be reached is as if it were empty. */
  async read(): Promise<void> {
    const own = readRepository(this.base).then((entries) => {
      this.builtIn = entries;
      this.show();
    });
    // The page need not wait for servers elsewhere.
    void this.readElsewhere();
    await own;
  }

  /** Reads the lists of other people, again when there is an engine that may have copies of them. */
  async readElsewhere(): Promise<void> {
    const copies = await this.askEngine("engine.repositories", []).catch(() => null);
    this.copies = Array.isArray(copies) ? copies.map(String) : [];
    const read = async (address: string): Promise<void> => {
      const before = this.added.get(address) ?? [];
      this.added.set(address, await readRepositoryAt(address, this.get).catch(() => before));
      this.show();
    };
    await Promise.all(this.addresses().map(read));
  }

  /** @throws RpcError when there is no repository at that address */
  async add(address: string): Promise<void> {
    repositoryRoot(address);
    this.added.set(address, await readRepositoryAt(address, this.get));
    if (!this.repositories.get().includes(address))
      this.keep([...this.repositories.get(), address]);
    this.show();
  }

  remove(address: string): void {
    this.added.delete(address);
    this.keep(this.repositories.get().filter((known) => known !== address));
    this.show();
  }

  private show(): void {
    const others = this.addresses().flatMap((address) => this.added.get(address) ?? []);
    this.entries.set([...this.builtIn, ...others]);
  }

  private addresses(): string[] {
    return [...new Set([...this.repositories.get(), ...this.copies])];
  }

  private keep(addresses: string[]): void {
    this.repositories.set(addresses);
    try {
      this.storage?.setItem(KEY, JSON.stringify(addresses));
    } catch {
      // Without storage they last as long as the page.
    }
  }
}

function kept(storage: Kept | null): string[] {
  try {
    const list: unknown = JSON.parse(storage?.getItem(KEY) ?? "[]");
    return Array.isArray(list) ? list.filter((text) => typeof text === "string") : [];
  } catch {
    return [];
  }
}

function browserStorage(): Kept | null {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}
