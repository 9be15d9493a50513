/** What can be had: the plugins that come with the app, and those of the repositories that the user added. */
import { type RepositoryEntry, Store } from "../model";
import { readRepository, readRepositoryAt, repositoryRoot } from "./repository";

type Kept = Pick<Storage, "getItem" | "setItem">;

const KEY = "imjoy.repositories";

export class Library {
  readonly entries = new Store<RepositoryEntry[]>([]);
  /** Repositories that the user added, as they were written. */
  readonly repositories: Store<string[]>;
  private builtIn: RepositoryEntry[] = [];
  private readonly added = new Map<string, RepositoryEntry[]>();

  constructor(
    private readonly base: URL,
    private readonly storage: Kept | null = browserStorage(),
  ) {
    this.repositories = new Store(kept(storage));
  }

  /** Reads all lists. A repository that cannot be reached is as if it were empty. */
  async read(): Promise<void> {
    const own = readRepository(this.base).then((entries) => {
      this.builtIn = entries;
      this.show();
    });
    const others = this.repositories.get().map(async (address) => {
      this.added.set(address, await readRepositoryAt(address).catch(() => []));
      this.show();
    });
    await own;
    // The page need not wait for servers elsewhere.
    void Promise.all(others);
  }

  /** @throws RpcError when there is no repository at that address */
  async add(address: string): Promise<void> {
    repositoryRoot(address);
    this.added.set(address, await readRepositoryAt(address));
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
    const others = this.repositories.get().flatMap((address) => this.added.get(address) ?? []);
    this.entries.set([...this.builtIn, ...others]);
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
