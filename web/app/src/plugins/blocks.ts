/** Splits the text of a plugin file into its top-level blocks. */
import { manifestError } from "./failure";

export interface Block {
  type: string;
  attrs: Record<string, string | true>;
  content: string;
  /** Line and column of the file (from 1) on which `content` begins. */
  line: number;
  column: number;
  /** Line of the file on which the tag begins. */
  tagLine: number;
}

const RAW = new Set(["config", "script", "style", "attachment", "textarea"]);
const EMPTY = new Set(["link", "meta", "br", "hr", "img", "input", "base", "source", "wbr"]);
const OPEN = /<([A-Za-z][^\s/>]*)/y;
const ATTRIBUTE = /\s*([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/y;
const CLOSE_TAG = /\s*(\/?)>/y;
const ENTITIES: Record<string, string> = {
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
  "&#10;": "\n",
  "&#9;": "\t",
  "&amp;": "&",
};

/** Removes a byte order mark and turns every line end into one newline. */
export function normalizeText(text: string): string {
  return text.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n");
}

/** All blocks of depth 0 in document order; comments and loose text are skipped. */
export function splitBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  const lines = new LineCounter(text);
  let position = 0;
  while (position < text.length) {
    const start = text.indexOf("<", position);
    if (start < 0) break;
    const skipped = skipMarkup(text, start);
    if (skipped !== null) {
      position = skipped;
      continue;
    }
    const tag = readTag(text, start);
    if (!tag) {
      position = start + 1;
      continue;
    }
    const tagLine = lines.at(start);
    const column = tag.end - text.lastIndexOf("\n", tag.end - 1);
    const block = { type: tag.name, attrs: tag.attrs, line: lines.at(tag.end), column, tagLine };
    if (tag.closed || EMPTY.has(tag.name)) {
      blocks.push({ ...block, content: "" });
      position = tag.end;
      continue;
    }
    const end = findEnd(text, tag.end, tag.name);
    if (!end) {
      throw manifestError(
        `The <${tag.name}> block is never closed.`,
        `Add </${tag.name}> after its last line.`,
        { line: tagLine },
      );
    }
    blocks.push({ ...block, content: text.slice(tag.end, end.start) });
    position = end.end;
  }
  return blocks;
}

/** Removes the white space that all lines have in common, when the first line of text has any. */
export function deindent(text: string): string {
  const common = indentOf(text);
  if (common === 0) return text;
  const lines = text.split("\n");
  return lines.map((line) => line.slice(Math.min(common, line.search(/[^ \t]|$/)))).join("\n");
}

/** The length of the white space that all lines share, when the first line of text has any. */
export function indentOf(text: string): number {
  const used = text.split("\n").filter((line) => line.trim() !== "");
  if (used.length === 0 || !/^[ \t]/.test(used[0] as string)) return 0;
  return Math.min(...used.map((line) => /^[ \t]*/.exec(line)?.[0].length ?? 0));
}

/** Whether a `type` of a script element, text or none, says that it is JavaScript. */
export function isJavaScriptType(type: string | true | undefined): boolean {
  const kind = typeof type === "string" ? type : "";
  return /^(?:module|(?:text|application)\/(?:java|ecma)script)?$/i.test(kind);
}

function skipMarkup(text: string, start: number): number | null {
  if (text.startsWith("<!--", start)) {
    const end = text.indexOf("-->", start + 4);
    return end < 0 ? text.length : end + 3;
  }
  if (
    text.startsWith("<!", start) ||
    text.startsWith("<?", start) ||
    text.startsWith("</", start)
  ) {
    const end = text.indexOf(">", start);
    return end < 0 ? text.length : end + 1;
  }
  return null;
}

interface Tag {
  name: string;
  attrs: Record<string, string | true>;
  end: number;
  closed: boolean;
}

function readTag(text: string, start: number): Tag | null {
  OPEN.lastIndex = start;
  const open = OPEN.exec(text);
  if (!open) return null;
  const attrs: Record<string, string | true> = Object.create(null) as Record<string, string | true>;
  let position = OPEN.lastIndex;
  for (;;) {
    CLOSE_TAG.lastIndex = position;
    const close = CLOSE_TAG.exec(text);
    if (close) {
      const closed = close[1] === "/";
      return { name: open[1] as string, attrs: { ...attrs }, end: CLOSE_TAG.lastIndex, closed };
    }
    ATTRIBUTE.lastIndex = position;
    const attribute = ATTRIBUTE.exec(text);
    if (!attribute) return null;
    const value = attribute[2] ?? attribute[3] ?? attribute[4];
    attrs[attribute[1] as string] = value === undefined ? true : decodeEntities(value);
    position = ATTRIBUTE.lastIndex;
  }
}

function decodeEntities(value: string): string {
  return value.replace(/&(?:lt|gt|quot|amp|#39|#10|#9);/g, (entity) => ENTITIES[entity] as string);
}

function findEnd(text: string, from: number, name: string): { start: number; end: number } | null {
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const pattern = new RegExp(`<(/?)${escaped}(?=[\\s/>])[^>]*>`, "gi");
  pattern.lastIndex = from;
  let depth = 1;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    if (match[1] === "/") depth -= 1;
    else if (!RAW.has(name) && !match[0].endsWith("/>")) depth += 1;
    if (depth === 0) return { start: match.index, end: pattern.lastIndex };
  }
  return null;
}

/** Answers line numbers for positions that only grow, in linear time over the whole file. */
class LineCounter {
  private position = 0;
  private line = 1;
  constructor(private readonly text: string) {}

  at(position: number): number {
    if (position < this.position) {
      this.position = 0;
      this.line = 1;
    }
    for (;;) {
      const next = this.text.indexOf("\n", this.position);
      if (next < 0 || next >= position) return this.line;
      this.position = next + 1;
      this.line += 1;
    }
  }
}
