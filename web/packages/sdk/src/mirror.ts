/** Leads a plugin's requests for libraries to the engine's mirror, whatever way it makes them. */

export interface MirrorFacts {
  /** Absolute address; a copy of `https://HOST/PATH` is at `prefix + "HOST/PATH"`. */
  prefix: string;
  /** Hosts of which everything is looked for in the mirror first. */
  hosts: string[];
  /** Single addresses on other hosts that the plugin's file names. */
  addresses: string[];
}

type Setter = (this: unknown, value: unknown) => void;

/**
 * Changes the functions of this realm by which anything can be loaded.
 * The text of this function is also put before the plugin's own workers, so it uses nothing outside.
 * @returns the address in the mirror for one of the web, and any other address as it is
 */
export function installMirror(facts: MirrorFacts): (address: string) => string {
  const realm = globalThis as unknown as Record<string, unknown>;
  const hosts = new Set(facts.hosts);
  const addresses = new Set(facts.addresses);

  const mapped = (address: string): string => {
    const match = /^\s*(?:https?:)?\/\/([^/?#\s]+)(\/[^#]*)/i.exec(address);
    if (!match) return address;
    const host = (match[1] as string).toLowerCase();
    const plain = address.trim();
    if (!hosts.has(host) && !addresses.has(plain)) return address;
    return facts.prefix + host + (match[2] as string).trimEnd();
  };
  const mapAny = (value: unknown): unknown =>
    typeof value === "string" || value instanceof URL ? mapped(String(value)) : value;

  const wrapSetter = (owner: string, property: string): void => {
    const prototype = (realm[owner] as { prototype?: object } | undefined)?.prototype;
    const found = prototype && Object.getOwnPropertyDescriptor(prototype, property);
    if (!prototype || !found?.set) return;
    const set = found.set as Setter;
    Object.defineProperty(prototype, property, {
      ...found,
      set(value: unknown) {
        set.call(this, mapAny(value));
      },
    });
  };
  wrapSetter("HTMLScriptElement", "src");
  wrapSetter("HTMLLinkElement", "href");
  wrapSetter("HTMLImageElement", "src");
  wrapSetter("HTMLMediaElement", "src");

  if (typeof Element !== "undefined") {
    const set = Element.prototype.setAttribute;
    const names: Record<string, string> = {
      SCRIPT: "src",
      LINK: "href",
      IMG: "src",
      SOURCE: "src",
    };
    Element.prototype.setAttribute = function (name: string, value: string): void {
      const loads = names[this.tagName.toUpperCase()] === String(name).toLowerCase();
      set.call(this, name, loads ? (mapAny(value) as string) : value);
    };
  }

  const ownFetch = realm.fetch as typeof fetch;
  realm.fetch = (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    if (input instanceof Request) {
      const target = mapped(input.url);
      return ownFetch(target === input.url ? input : new Request(target, input), init);
    }
    return ownFetch(mapAny(input) as string, init);
  };
  if (typeof XMLHttpRequest !== "undefined") {
    const open = XMLHttpRequest.prototype.open as (...args: unknown[]) => void;
    XMLHttpRequest.prototype.open = function (...args: unknown[]): void {
      args[1] = mapAny(args[1]);
      open.apply(this, args);
    };
  }
  if (typeof realm.importScripts === "function") {
    const load = realm.importScripts as (...urls: unknown[]) => void;
    realm.importScripts = (...urls: unknown[]): void => load(...urls.map(mapAny));
  }

  // A classic worker gets the same program first; its own script follows. This also lets a plugin
  // start a worker from the address of a library, which browsers refuse.
  const OwnWorker = realm.Worker as typeof Worker | undefined;
  if (OwnWorker) {
    // The text itself, as libraries take an address away as soon as their worker was asked for.
    const blobs = new Map<string, Blob>();
    const { createObjectURL, revokeObjectURL } = URL;
    URL.createObjectURL = (object: Blob | MediaSource): string => {
      const url = createObjectURL.call(URL, object);
      if (object instanceof Blob && /script|^$|plain/.test(object.type)) blobs.set(url, object);
      return url;
    };
    URL.revokeObjectURL = (url: string): void => {
      blobs.delete(String(url));
      revokeObjectURL.call(URL, url);
    };
    realm.Worker = new Proxy(OwnWorker, {
      construct(target, [address, options]: [unknown, WorkerOptions | undefined]) {
        const text = String(address);
        const web = mapped(text);
        const ours = text.startsWith("blob:") || web !== text;
        if (!ours || options?.type === "module") return new target(text, options);
        const first = `(${installMirror})(${JSON.stringify(facts)});`;
        const program = blobs.get(text) ?? `importScripts(${JSON.stringify(web)});`;
        const type = "text/javascript";
        const url = createObjectURL.call(URL, new Blob([first, "\n", program], { type }));
        const worker = new target(url, options);
        revokeObjectURL.call(URL, url);
        return worker;
      },
    });
  }
  return mapped;
}

/** Lets `import` of the mirrored hosts find the mirror; must run before the first module. */
export function addImportMap(facts: MirrorFacts): void {
  const imports: Record<string, string> = {};
  for (const host of facts.hosts) imports[`https://${host}/`] = `${facts.prefix}${host}/`;
  for (const address of facts.addresses) {
    imports[address] = facts.prefix + address.replace(/^(?:https?:)?\/\//, "");
  }
  const element = document.createElement("script");
  element.type = "importmap";
  element.textContent = JSON.stringify({ imports });
  document.head.append(element);
}

/** A style sheet whose addresses of libraries lead to the mirror. */
export function mapStyle(text: string, map: (address: string) => string): string {
  return text.replace(/(?:https?:)?\/\/[^\s"'()<>]+/g, (address) => map(address));
}

/** Markup before it is shown: what it loads comes from the mirror. */
export function mapMarkup(content: DocumentFragment, map: (address: string) => string): void {
  const loads = {
    src: "img[src],script[src],source[src],video[src],audio[src]",
    href: "link[href]",
  };
  for (const [name, selector] of Object.entries(loads)) {
    for (const element of content.querySelectorAll(selector)) {
      element.setAttribute(name, map(element.getAttribute(name) ?? ""));
    }
  }
  for (const element of content.querySelectorAll("[style]")) {
    element.setAttribute("style", mapStyle(element.getAttribute("style") ?? "", map));
  }
  for (const element of content.querySelectorAll("style")) {
    element.textContent = mapStyle(element.textContent ?? "", map);
  }
}
