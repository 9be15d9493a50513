/** Installs plugins: reads the file, shows the card, keeps what the user agreed to. */
import type {
  EnvironmentPreview,
  Permissions,
  PluginCard,
  PluginSource,
  RepositoryEntry,
  TextProblem,
} from "../model";
import { makeCard } from "./card";
import type { Catalog, Installed } from "./catalog";
import { Dependencies } from "./dependencies";
import { codedError, manifestError, placeInWords } from "./failure";
import { isPageAddress, pagePlugin } from "./page-plugin";
import { parsePlugin } from "./parser";
import {
  type Download,
  downloadByName,
  downloadPlugin,
  type Fetch,
  isBareName,
  isPluginText,
  readRepositoryAddress,
} from "./source";

export interface InstallerParts {
  catalog: Catalog;
  /** Address of the app, below which the built-in repository lies. */
  base: URL;
  repository(): RepositoryEntry[];
  /** True when there is an engine for Python plugins. */
  hasEngine(): boolean;
  /** What the first start of a Python plugin will fetch. */
  preview(source: PluginSource): Promise<EnvironmentPreview>;
  /** The plugin file that a plain Python module becomes. */
  fromPythonModule(text: string, name: string): Promise<string>;
  /** Mistakes in the scripts of a plugin, which nothing of it is run to find. */
  mistakesIn(source: PluginSource): Promise<TextProblem[]>;
  /** Reads what is at an address of the web. */
  get: Fetch;
  /** Tells in the log of a plugin. */
  log(plugin: string, text: string): void;
  /** Shows the card; gives the chosen tag, null for a plugin without tags, or false. */
  ask(card: PluginCard): Promise<string | null | false>;
  /** Called before a plugin of the same name is replaced. */
  beforeReplace(id: string): Promise<void>;
  /** What a plugin may do that is about to be installed, after what was decided for `known`. */
  permissionsOf(source: PluginSource, known: Installed | undefined): Promise<Permissions>;
  keepPermissions(installed: Installed, permissions: Permissions): Promise<void>;
  onInstalled(installed: Installed): Promise<void>;
}

/** Larger files are none that a person wrote. */
const LIMIT = 16 * 1024 * 1024;

export class Installer {
  private readonly dependencies: Dependencies;

  constructor(private readonly parts: InstallerParts) {
    const { catalog, log } = parts;
    const install = (address: string, parent: PluginSource): Promise<string | null> =>
      this.fromSource(address, null, parent);
    this.dependencies = new Dependencies({ catalog, log, install });
  }

  async fromFile(file: File): Promise<string | null> {
    if (file.size > LIMIT) {
      const cause = `${file.name} is larger than 16 MB, so it cannot be a plugin.`;
      const remedy = "Choose a plugin file; its name ends in .imjoy.html.";
      throw codedError("plugin.manifest", `${cause} ${remedy}`, { cause, remedy });
    }
    return this.fromText(await this.pluginText(await file.text(), file.name), file.name, null);
  }

  /**
   * Installs a plugin that is being written. The user is asked the first time only.
   * @param of name of the plugin that the text is a later version of, null when it is of none; without it
   *   that is judged by the name of the file
   * @returns its id, or null when the user declines
   */
  async fromDevelopment(content: string, name: string, of?: string | null): Promise<string | null> {
    const origin = `file ${name}`;
    const text = await this.pluginText(content, name);
    const source = parsePlugin(text, { origin, tag: null });
    const before = this.parts.catalog.byName(source.manifest.name)?.source;
    const same = of === undefined ? before?.origin === origin : of === source.manifest.name;
    if (!before || !same) return this.fromText(text, origin, null);
    return this.put(await this.withoutMistakes(parsePlugin(text, { origin, tag: before.tag })));
  }

  /** What works now goes on while its next version has a mistake. Throws plugin.manifest. */
  private async withoutMistakes(source: PluginSource): Promise<PluginSource> {
    const mistakes = await this.parts.mistakesIn(source);
    const found = mistakes.find(({ severity }) => severity === "error");
    if (!found) return source;
    throw manifestError(found.cause, found.remedy, found);
  }

  /** The text of the plugin file that a file is, or becomes when it is a plain module. */
  private async pluginText(content: string, name: string): Promise<string> {
    if (/\.py$/i.test(name)) return this.parts.fromPythonModule(content, name);
    if (!/\.m?js$/i.test(name)) return content;
    const { pluginFromJsModule } = await import("./js-module");
    return pluginFromJsModule(content, name);
  }

  /**
   * From an address, `user/repo:Name`, the name of a built-in plugin, or the text of a plugin file.
   * @param parent the plugin that names it, beside which a bare name is looked for
   */
  async fromSource(
    source: string,
    tag: string | null,
    parent?: PluginSource,
  ): Promise<string | null> {
    if (isPluginText(source)) return this.fromText(source, "", tag);
    const bare = isBareName(source) ? /^(.+?)(?:@([^@]+))?$/.exec(source.trim()) : null;
    const name = readRepositoryAddress(source)?.name ?? bare?.[1] ?? source;
    const builtIn = this.parts.repository().find((entry) => entry.name === name);
    if (builtIn) return this.fromRepository(builtIn, tag ?? bare?.[2] ?? null);
    if (isPageAddress(source.trim())) return this.fromPage(source.trim(), tag);
    const { get } = this.parts;
    const download = bare
      ? await downloadByName(source, parent?.origin ?? "", get)
      : await downloadPlugin(source, get);
    return this.fromText(download.text, download.origin, tag ?? download.tag);
  }

  /** From an address without the ending of plugin files: it may have one all the same, or is a page to show. */
  private async fromPage(address: string, tag: string | null): Promise<string | null> {
    const text = await this.parts
      .get(address)
      .then((answer) => (answer.ok ? answer.text() : ""))
      .catch(() => ""); // most pages let nobody else read them
    const isPlugin = /<config[\s>]/.test(text);
    return this.fromText(isPlugin ? text : pagePlugin(address, {}).code, address, tag);
  }

  async fromRepository(entry: RepositoryEntry, tag: string | null = null): Promise<string | null> {
    const download = await this.download(entry);
    return this.fromText(download.text, download.origin, tag);
  }

  /** The card of a plugin of the library; nothing is installed. */
  async inspect(entry: RepositoryEntry): Promise<PluginCard> {
    const { text, origin } = await this.download(entry);
    return this.cardOf(text, origin, null);
  }

  /** A version that was here before: the user has agreed to it then. */
  goBack(text: string, origin: string, tag: string | null): Promise<string> {
    return this.put(parsePlugin(text, { origin, tag }));
  }

  /** The file of a plugin as it is now at the place where it came from. */
  async newest(origin: string): Promise<PluginSource> {
    const { text } = await downloadPlugin(origin, this.parts.get);
    return parsePlugin(text, { origin, tag: null });
  }

  private download(entry: RepositoryEntry): Promise<Download> {
    return entry.repository ? downloadPlugin(entry.path, this.parts.get) : this.readBuiltIn(entry);
  }

  /** The text of a plugin that was kept with a workspace; the user is asked as for any other. */
  fromKept(text: string, origin: string, tag: string | null): Promise<string | null> {
    return this.fromText(text, origin, tag);
  }

  private async readBuiltIn({ name, path }: RepositoryEntry): Promise<Download> {
    const url = new URL(path, this.parts.base).href;
    const response = await fetch(url).catch(() => null);
    if (response?.ok) return { text: await response.text(), origin: url, tag: null };
    const cause = response
      ? `The app's own server answered ${response.status} for it.`
      : "The app's own server cannot be reached, and the plugin was not kept for offline use.";
    const remedy = "Connect to the server and try again.";
    throw codedError("plugin.load_failed", `${name}: ${cause} ${remedy}`, { cause, remedy });
  }

  private async fromText(text: string, origin: string, tag: string | null): Promise<string | null> {
    const card = await this.cardOf(text, origin, tag);
    const { source } = card;
    const answer = await this.parts.ask(card);
    if (answer === false) return null;
    const chosen =
      answer === null || answer === source.tag
        ? source
        : parsePlugin(text, { origin, tag: answer });
    return this.put(chosen, card.permissions.get());
  }

  private async cardOf(text: string, origin: string, tag: string | null): Promise<PluginCard> {
    const source = parsePlugin(text, { origin, tag });
    const [card, mistakes] = await Promise.all([this.card(source), this.parts.mistakesIn(source)]);
    for (const mistake of mistakes) {
      card.problems.push(`${placeInWords(mistake)}${mistake.cause} ${mistake.remedy}`);
    }
    if (source.manifest.type === "native-python" && this.parts.hasEngine()) {
      card.preview = (chosen) => this.parts.preview(parsePlugin(text, { origin, tag: chosen }));
    }
    return card;
  }

  private async put(source: PluginSource, permissions?: Permissions): Promise<string> {
    const { catalog, keepPermissions } = this.parts;
    const replaced = catalog.byName(source.manifest.name);
    if (replaced) await this.parts.beforeReplace(replaced.id);
    const installed = await catalog.install(source);
    if (permissions) await keepPermissions(installed, permissions);
    await this.parts.onInstalled(installed);
    // They have cards of their own; nobody waits for them to use this plugin.
    void this.dependencies.install(installed);
    return installed.id;
  }

  private async card(source: PluginSource): Promise<PluginCard> {
    const known = this.parts.catalog.byName(source.manifest.name);
    const engine = this.parts.hasEngine();
    const permissions = await this.parts.permissionsOf(source, known);
    if (!known) return makeCard(source, { engine, permissions });
    const replaces = { version: known.source.manifest.version };
    return makeCard(source, { engine, permissions, replaces });
  }
}
