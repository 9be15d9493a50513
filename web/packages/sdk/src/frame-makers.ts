/**
 * Takes away every way to make a frame inside a frame, for plugins whose network is limited. A browser looks up the host of a
 * frame's address and connects to it as soon as the frame is in the page, before it asks any policy. What is called
 * here was taken before the plugin's code ran, because the plugin may replace what it can reach.
 */
const { apply, defineProperty, getOwnPropertyDescriptor } = Reflect;
const { charCodeAt, indexOf, slice, toLowerCase } = String.prototype;

type Method = (this: unknown, ...args: never[]) => unknown;

/** The name of what is put in place of a frame. */
const HARMLESS = "x-frame";
/** Those of the others that hold no frames, by what the standard says. */
const SAFE = ["innerHTML", "outerHTML", "insertAdjacentHTML", "getHTML", "setHTML", "parseHTML"];

export function refuseFrameMakers(): void {
  for (const of of [Element.prototype, ShadowRoot.prototype]) {
    for (const name of ["innerHTML", "outerHTML"]) readMarkup(of, name);
  }
  for (const [of, name, index] of readers()) {
    change(of, name, (reader) => withArgument(reader, index, withoutFrames));
  }
  for (const of of [
    Element,
    Element.prototype,
    ShadowRoot.prototype,
    Document,
    Document.prototype,
  ]) {
    for (const name of Object.getOwnPropertyNames(of)) {
      if (/HTML/.test(name) && !SAFE.includes(name)) define(of, name, undefined);
    }
  }
  for (const name of ["write", "writeln", "open"]) define(Document.prototype, name, undefined);
  refuseElements();
  refuseDocuments();
}

/** Functions that read markup, and which of their arguments it is. */
function readers(): [object, string, number][] {
  return [
    [Element.prototype, "insertAdjacentHTML", 1],
    [Range.prototype, "createContextualFragment", 0],
    [DOMParser.prototype, "parseFromString", 0],
    [Document.prototype, "execCommand", 2],
  ];
}

// ---- elements

function refuseElements(): void {
  const { createElement } = Document.prototype;
  const nameOf = getOwnPropertyDescriptor(Element.prototype, "localName")?.get as Method;
  const isFrame = (element: unknown): boolean =>
    element !== null && isFrameName(apply(nameOf, element, []) as string);
  for (const name of ["createElement", "createElementNS"]) {
    change(Document.prototype, name, (make) => {
      return function (this: unknown, ...args: never[]) {
        const made = apply(make, this, args);
        return isFrame(made) ? apply(createElement, this, [HARMLESS]) : made;
      };
    });
  }
  const rootOf = getOwnPropertyDescriptor(Document.prototype, "documentElement")?.get as Method;
  change(DOMImplementation.prototype, "createDocument", (make) => {
    return function (this: unknown, ...args: never[]) {
      const made = apply(make, this, args);
      if (isFrame(apply(rootOf, made, []))) throw refused();
      return made;
    };
  });
  change(CustomElementRegistry.prototype, "define", (register) => {
    return function (this: unknown, name: never, maker: never, options?: { extends?: unknown }) {
      const base = options?.extends;
      if (base === undefined) return apply(register, this, [name, maker]);
      const text = `${base}`;
      if (isFrameName(text)) throw refused();
      return apply(register, this, [name, maker, { extends: text } as never]);
    };
  });
}

/** Documents that are made of what was fetched, and not of a text that passes here. */
function refuseDocuments(): void {
  const kind = getOwnPropertyDescriptor(XMLHttpRequest.prototype, "responseType");
  defineProperty(XMLHttpRequest.prototype, "responseType", {
    get: kind?.get,
    set(value: unknown) {
      const text = `${value}`;
      if (text !== "document") apply(kind?.set as Method, this, [text]);
    },
    configurable: false,
    enumerable: true,
  });
  define(XMLHttpRequest.prototype, "responseXML", null);
  if ("XSLTProcessor" in globalThis) define(globalThis, "XSLTProcessor", undefined);
}

// ---- markup

/** The markup with the names of frames changed; entities could hold them too, so they are not read. */
export function withoutFrames(text: string): string {
  const low = apply(toLowerCase, text, []);
  const has = (word: string): boolean => apply(indexOf, low, [word]) >= 0;
  if (!has("frame") && !has("portal") && !has("<!entity")) return text;
  let clean = "";
  let from = 0;
  for (;;) {
    const at = apply(indexOf, text, ["<", from]);
    if (at < 0) return clean + apply(slice, text, [from]);
    clean += apply(slice, text, [from, at + 1]);
    from = at + 1;
    if (isFrameName(nameAt(text, from))) clean += "x-";
  }
}

/** The name of the tag that begins there, without the prefix that it may have in XML. */
function nameAt(text: string, from: number): string {
  let start = from;
  let end = from;
  for (; end < text.length; end += 1) {
    const code = apply(charCodeAt, text, [end]);
    if (code === 0x3a) start = end + 1;
    // White space, "/", ">" and the next "<".
    else if (code <= 0x20 || code === 0x2f || code === 0x3e || code === 0x3c) break;
  }
  return apply(slice, text, [start, end]);
}

function isFrameName(name: string): boolean {
  switch (apply(toLowerCase, name, [])) {
    case "iframe":
    case "frame":
    case "fencedframe":
    case "portal":
    case "!entity":
      return true;
    default:
      return false;
  }
}

// ---- changing functions

function readMarkup(of: object, name: string): void {
  const found = getOwnPropertyDescriptor(of, name);
  const set = found?.set;
  if (!set) return;
  defineProperty(of, name, {
    get: found.get,
    set(value: unknown) {
      apply(set, this, [withoutFrames(value === null ? "" : `${value}`)]);
    },
    configurable: false,
    enumerable: true,
  });
}

function withArgument(reader: Method, index: number, clean: (text: string) => string): Method {
  return function (this: unknown, ...args: unknown[]) {
    if (args.length > index) args[index] = clean(`${args[index]}`);
    return apply(reader, this, args);
  };
}

function change(of: object, name: string, by: (method: Method) => Method): void {
  const method = (of as Record<string, Method | undefined>)[name];
  if (method) define(of, name, by(method));
}

function define(of: object, name: string, value: unknown): void {
  defineProperty(of, name, { value, writable: false, configurable: false });
}

function refused(): DOMException {
  return new DOMException("A plugin with limited network has no frames.", "NotSupportedError");
}
