/** Knows what each plugin may do, asks the user where that is open, and keeps the answers. */
import {
  CAPABILITIES,
  type Capability,
  type PermissionActions,
  type PermissionChange,
  type Permissions,
  Store,
} from "../model";
import type { Installed } from "../plugins/catalog";
import { codedError } from "../plugins/failure";
import { carriedOver, declares, defaultPermissions, isChoice } from "../plugins/permissions";
import type { Settings } from "../workspaces/settings";

export interface PermissionParts {
  settings(): Settings;
  plugin(id: string): Installed | undefined;
  ask(question: { title: string; text: string; confirm: string; cancel: string }): Promise<boolean>;
  show(plugin: string): void;
  /** What the plugin may do has changed while it may be running. */
  onChanged(plugin: Installed): Promise<void>;
}

const KEY = "permissions";

export class PluginPermissions implements PermissionActions {
  readonly known = new Store<Record<string, Permissions>>({});
  private readonly asking = new Map<string, Promise<boolean>>();

  constructor(private readonly parts: PermissionParts) {}

  /** What holds for a plugin now. */
  async of({ id, source }: Installed): Promise<Permissions> {
    const known = this.known.get()[id];
    if (known?.hash === source.hash) return known;
    const kept = await this.parts.settings().get(id, "agreed", KEY);
    const permissions = isPermissions(kept)
      ? carriedOver(kept, source)
      : defaultPermissions(source);
    this.set(id, permissions);
    return permissions;
  }

  /** True when a plugin was allowed this; nothing is asked. */
  allows(id: string, capability: Capability): boolean {
    const choice = this.known.get()[id]?.choices[capability];
    return choice === undefined || choice === "allow";
  }

  /**
   * Lets a plugin go on that may do this, after asking where the user has not decided.
   * @throws RpcError plugin.permission
   */
  async require(plugin: Installed, capability: Capability): Promise<void> {
    const choice = (await this.of(plugin)).choices[capability];
    if (choice === undefined || choice === "allow") return;
    if (choice === "ask" && (await this.askOnce(plugin, capability))) return;
    const { name } = plugin.source.manifest;
    const cause = `You do not let ${name} use this: ${CAPABILITIES[capability].title}.`;
    const remedy = `Change it under "Permissions of ${name}".`;
    throw codedError("plugin.permission", `${cause} ${remedy}`, { cause, remedy });
  }

  /** For what must be known before a plugin starts: asks when its file says that it needs it. */
  async settle(plugin: Installed, capability: Capability): Promise<boolean> {
    const { choices } = await this.of(plugin);
    if (choices[capability] !== "ask") return choices[capability] === "allow";
    return declares(plugin.source, capability) && this.askOnce(plugin, capability);
  }

  async show(id: string): Promise<void> {
    const plugin = this.parts.plugin(id);
    if (!plugin) return;
    await this.of(plugin);
    this.parts.show(id);
  }

  async choose(id: string, change: PermissionChange): Promise<void> {
    const plugin = this.parts.plugin(id);
    if (!plugin) return;
    const { capability, choice, hosts } = change;
    const before = await this.of(plugin);
    if (!isChoice(capability, choice) || before.choices[capability] === undefined) return;
    const choices = { ...before.choices, [capability]: choice };
    await this.keep(plugin, { ...before, choices, hosts: hosts ?? before.hosts });
    await this.parts.onChanged(plugin);
  }

  async reset(id: string): Promise<void> {
    const plugin = this.parts.plugin(id);
    if (!plugin) return;
    await this.keep(plugin, defaultPermissions(plugin.source));
    await this.parts.onChanged(plugin);
  }

  /** Keeps decisions for the code that the plugin has now. */
  async keep({ id, source }: Installed, permissions: Permissions): Promise<void> {
    const kept = { ...permissions, hash: source.hash };
    this.set(id, kept);
    await this.parts.settings().set(id, "agreed", KEY, kept);
  }

  private set(id: string, permissions: Permissions): void {
    this.known.update((known) => ({ ...known, [id]: permissions }));
  }

  /** Many calls that come while the user thinks are one question. */
  private askOnce(plugin: Installed, capability: Capability): Promise<boolean> {
    const key = `${plugin.id} ${capability}`;
    const asking =
      this.asking.get(key) ?? this.ask(plugin, capability).finally(() => this.asking.delete(key));
    this.asking.set(key, asking);
    return asking;
  }

  private async ask(plugin: Installed, capability: Capability): Promise<boolean> {
    const { name } = plugin.source.manifest;
    const { title, choices } = CAPABILITIES[capability];
    const agreed = await this.parts.ask({
      title: `Let ${name} use this: ${title}?`,
      text: `${(choices as Record<string, string>).allow}\n\nThe answer is kept until the plugin is replaced by another version. You can change it under "Permissions of ${name}".`,
      confirm: "Allow",
      cancel: "Block",
    });
    const before = await this.of(plugin);
    const choice = agreed ? "allow" : "block";
    await this.keep(plugin, { ...before, choices: { ...before.choices, [capability]: choice } });
    return agreed;
  }
}

function isPermissions(value: unknown): value is Permissions {
  const { hash, choices, hosts } = (value ?? {}) as Partial<Permissions>;
  return typeof hash === "string" && typeof choices === "object" && Array.isArray(hosts);
}
