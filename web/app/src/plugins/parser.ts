/** Reads a `.imjoy.html` file: blocks, manifest and code, with every error at its line. */
import type { Manifest, PluginSource } from "../model";
import { type Block, deindent, normalizeText, splitBlocks } from "./blocks";
import { lineOfKey, parseConfigText } from "./config-text";
import { manifestError } from "./failure";
import { readManifest } from "./manifest";
import { sha256 } from "./sha256";

export interface ParseOptions {
  /** Where the file came from: an address or a file name. */
  origin?: string;
  /** The tag to install; the first one of the plugin when null. */
  tag?: string | null;
}

/** Types whose code runs, so that a file without a script is a mistake. */
const PYTHON_TYPES = ["native-python", "web-python", "web-python-window"];
const NEEDS_SCRIPT = new Set(["web-worker", "iframe", "window", ...PYTHON_TYPES]);

/**
 * Parses the text of a plugin file.
 * @throws RpcError plugin.manifest with `data` {line, column, cause, remedy}
 */
export function parsePlugin(text: string, options: ParseOptions = {}): PluginSource {
  const code = normalizeText(text);
  const blocks = splitBlocks(checkText(code));
  const config = findConfig(blocks);
  const lang = typeof config.attrs.lang === "string" ? config.attrs.lang.toLowerCase() : "json";
  const lineOf = (field: string): number =>
    field ? lineOfKey(config.content, field, config.line) : config.tagLine;
  const { manifest, tag } = readManifest(
    parseConfigText(config.content, lang, config.line, config.column),
    options.tag ?? null,
    lineOf,
  );
  const scripts = readScripts(blocks, tag, manifest);
  const styles = of(blocks, "style").map((block) => block.content);
  return {
    manifest,
    tag,
    code,
    hash: sha256(code),
    origin: options.origin ?? "",
    scripts,
    windows: of(blocks, "window").map((block) => deindent(block.content).trim()),
    styles,
    links: of(blocks, "link").map((block) => block.attrs),
    docs: readDocs(blocks, manifest),
    attachments: readAttachments(blocks),
  };
}

function checkText(code: string): string {
  if (code.includes("\u0000")) {
    throw manifestError(
      "This is not a text file.",
      "Choose a plugin file; its name ends in .imjoy.html.",
    );
  }
  return code;
}

function of(blocks: Block[], type: string): Block[] {
  return blocks.filter((block) => block.type === type);
}

function findConfig(blocks: Block[]): Block {
  const config = of(blocks, "config")[0];
  if (config) return config;
  throw manifestError(
    "There is no <config> block.",
    "A plugin file begins with a <config> block that gives its name and type.",
    { line: 1 },
  );
}

function readScripts(
  blocks: Block[],
  tag: string | null,
  manifest: Manifest,
): PluginSource["scripts"] {
  const wanted = of(blocks, "script").filter(
    ({ attrs }) => attrs.tag === undefined || attrs.tag === tag,
  );
  if (wanted.length === 0 && NEEDS_SCRIPT.has(manifest.type) && !manifest.base_frame) {
    throw manifestError(
      `A plugin of type ${manifest.type} needs a <script> block, and there is none${
        tag ? ` for the tag "${tag}"` : ""
      }.`,
      'Add <script lang="javascript"> or <script lang="python"> with the code.',
      { line: 1 },
    );
  }
  const usual = PYTHON_TYPES.includes(manifest.type) ? "python" : "javascript";
  return wanted.map(({ content, attrs, line }) => {
    return { content: deindent(content), lang: languageOf(attrs, usual), attrs, line };
  });
}

function languageOf(attrs: Record<string, string | true>, usual: string): string {
  if (typeof attrs.lang === "string") return attrs.lang.toLowerCase();
  // Only scripts for the page have these attributes.
  return "src" in attrs || "type" in attrs ? "javascript" : usual;
}

function readDocs(blocks: Block[], manifest: Manifest): string {
  const block = of(blocks, "docs")[0];
  if (block) return deindent(block.content).trim();
  return typeof manifest.docs === "string" ? manifest.docs : "";
}

function readAttachments(blocks: Block[]): Record<string, string> {
  const entries = of(blocks, "attachment").flatMap(({ attrs, content }): [string, string][] =>
    typeof attrs.name === "string" ? [[attrs.name, content]] : [],
  );
  return Object.fromEntries(entries);
}
