/** Libraries that plugins ask for by address and that this app brings along, so that they work offline. */

interface VendorEntry {
  path: string;
  type: string;
}

export class Libraries {
  private manifest: Promise<Record<string, VendorEntry>> | null = null;
  private readonly texts = new Map<string, Promise<string | undefined>>();

  constructor(
    private readonly base: URL,
    private readonly get: (url: URL) => Promise<Response> = (url) => fetch(url),
  ) {}

  /** The text of the library at that address; undefined when the app does not bring it. */
  text(address: string): Promise<string | undefined> {
    const known = this.texts.get(address) ?? this.read(address);
    this.texts.set(address, known);
    return known;
  }

  private async read(address: string): Promise<string | undefined> {
    this.manifest ??= this.readManifest();
    const entries = await this.manifest;
    const entry = Object.hasOwn(entries, address) ? entries[address] : undefined;
    if (!entry) return undefined;
    try {
      const response = await this.get(new URL(entry.path, this.folderOf(entry.path)));
      if (response.ok) return await response.text();
    } catch {
      // Without its own copy the frame still may find the library on the network.
    }
    this.texts.delete(address);
    return undefined;
  }

  private async readManifest(): Promise<Record<string, VendorEntry>> {
    try {
      const response = await this.get(new URL("libraries/manifest.json", this.base));
      const manifest: unknown = response.ok ? await response.json() : {};
      if (typeof manifest === "object" && manifest !== null) {
        return manifest as Record<string, VendorEntry>;
      }
    } catch {
      this.manifest = null;
    }
    return {};
  }

  private folderOf(path: string): URL {
    return path.startsWith("libraries/") ? this.base : new URL("libraries/", this.base);
  }
}
