/** Installs what a plugin depends on: each after its own card, each once, and without stopping at one that is missing. */
import type { PluginSource } from "../model";
import type { Catalog, Installed } from "./catalog";
import { isCancelled, toFailure } from "./failure";
import { readRepositoryAddress, splitTag } from "./source";

export interface DependencyParts {
  catalog: Pick<Catalog, "byName">;
  /** Installs what an address names, in the place where `parent` came from; null: the user declined. */
  install(address: string, parent: PluginSource): Promise<string | null>;
  /** Tells in the log of a plugin. */
  log(plugin: string, text: string): void;
}

export class Dependencies {
  /** Addresses that are being installed; plugins may depend on each other. */
  private readonly open = new Set<string>();

  constructor(private readonly parts: DependencyParts) {}

  /** Installs what is not there yet; what cannot be had is told in the plugin's log. */
  async install({ id, source }: Installed): Promise<void> {
    const missing: string[] = [];
    for (const address of source.manifest.dependencies) {
      const key = nameOf(address).toLowerCase();
      const here = this.parts.catalog.byName(nameOf(address));
      if (here && isOther(address, here.source)) {
        const name = `${here.source.manifest.name} ${here.source.manifest.version}`.trim();
        this.parts.log(id, `It asks for ${address}; the installed ${name} is used.`);
      }
      if (here || this.open.has(key)) continue;
      this.open.add(key);
      const reason = await this.installOne(address, source);
      this.open.delete(key);
      if (reason !== null) missing.push(`${address} (${reason})`);
    }
    if (missing.length === 0) return;
    const list = missing.join(", ");
    this.parts.log(id, `It works together with plugins that are not installed: ${list}`);
  }

  /** Null when it is there afterwards, else the reason. */
  private async installOne(address: string, parent: PluginSource): Promise<string | null> {
    try {
      return (await this.parts.install(address, parent)) === null ? "you did not install it" : null;
    } catch (error) {
      return isCancelled(error) ? "cancelled" : toFailure(error, "").cause;
    }
  }
}

/** Whether an address names a revision of its repository that a plugin did not come from. */
function isOther(address: string, { origin }: PluginSource): boolean {
  const { repository, revision } = readRepositoryAddress(address) ?? {};
  return typeof revision === "string" && !origin.includes(`/${repository}/${revision}/`);
}

/** The name of the plugin that an address ends with. */
export function nameOf(address: string): string {
  const inRepository = readRepositoryAddress(address);
  if (inRepository) return inRepository.name;
  const plain = splitTag(address.trim()).address;
  const file = /([^/]+)\.imjoy\.html(?:\?.*)?$/.exec(plain)?.[1];
  if (file) return decodeURIComponent(file);
  return plain.replace(/@[^@]*$/, "").trim();
}
