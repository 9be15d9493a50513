/** Reads what is needed of OME-XML: sizes, order, channels, pixel size. No DOM, so that it runs in a worker. */

export interface OmeImage {
  /** "XYZCT" and the like: the axis after XY changes fastest. */
  order: string;
  sizeZ: number;
  sizeC: number;
  sizeT: number;
  channelNames: string[];
  /** Samples of the first channel: 3 for RGB. */
  samplesPerPixel: number;
  pixelSize: { x: string; y: string; z: string; t: string };
  blocks: OmeBlock[];
  /** Images in the file besides this one. */
  others: number;
}

/** Which planes of the image are in which pages; a part of another file has `elsewhere`. */
export interface OmeBlock {
  z: number;
  c: number;
  t: number;
  page: number;
  count: number | null;
  elsewhere: boolean;
}

interface Tag {
  name: string;
  attributes: Record<string, string>;
  /** What stands between this tag and the next. */
  text: string;
}

const ATTRIBUTE = /\s*([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/y;
const ENTITIES: Record<string, string> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

export function isOme(text: string): boolean {
  return /^\s*(<\?xml[^>]*>)?\s*(<!--[\s\S]{0,20000}?-->)?\s*<(\w+:)?OME[\s>]/.test(text);
}

/** The first image; null when the text does not describe one. */
export function parseOme(text: string): OmeImage | null {
  let image: OmeImage | null = null;
  let images = 0;
  let own = "";
  for (const { name, attributes, text: inside } of tags(text)) {
    if (name === "OME") own = attributes.UUID ?? "";
    if (name === "Image") images += 1;
    if (images !== 1) continue;
    if (name === "Pixels") image = startImage(attributes);
    if (image === null) continue;
    if (name === "Channel") {
      image.channelNames.push(attributes.Name ?? "");
      if (image.channelNames.length === 1) {
        image.samplesPerPixel = whole(attributes.SamplesPerPixel, 1);
      }
    } else if (name === "TiffData") {
      image.blocks.push(startBlock(attributes));
    } else if (name === "UUID") {
      const block = image.blocks.at(-1);
      if (block && own && inside.trim()) block.elsewhere = inside.trim() !== own;
    }
  }
  if (image) image.others = images - 1;
  return image;
}

function startImage(attributes: Record<string, string>): OmeImage {
  const unit = (axis: string, missing: string): string => attributes[`${axis}Unit`] ?? missing;
  const size = (axis: string, missing: string): string =>
    Number(attributes[axis]) > 0 ? `${Number(attributes[axis])} ${unit(axis, missing)}` : "";
  return {
    order: /^XY[ZCT]{3}$/.test(attributes.DimensionOrder ?? "")
      ? (attributes.DimensionOrder as string)
      : "XYZCT",
    sizeZ: whole(attributes.SizeZ, 1),
    sizeC: whole(attributes.SizeC, 1),
    sizeT: whole(attributes.SizeT, 1),
    channelNames: [],
    samplesPerPixel: 1,
    pixelSize: {
      x: size("PhysicalSizeX", "µm"),
      y: size("PhysicalSizeY", "µm"),
      z: size("PhysicalSizeZ", "µm"),
      t: size("TimeIncrement", "s"),
    },
    blocks: [],
    others: 0,
  };
}

function startBlock(attributes: Record<string, string>): OmeBlock {
  return {
    z: whole(attributes.FirstZ, 0),
    c: whole(attributes.FirstC, 0),
    t: whole(attributes.FirstT, 0),
    page: whole(attributes.IFD, 0),
    // Without a count it is one plane when a page is named, else all of them.
    count:
      attributes.PlaneCount === undefined
        ? attributes.IFD === undefined
          ? null
          : 1
        : whole(attributes.PlaneCount, 1),
    elsewhere: false,
  };
}

function whole(text: string | undefined, missing: number): number {
  const value = Number(text);
  return text !== undefined && Number.isInteger(value) && value >= 0 && value < 2 ** 31
    ? value
    : missing;
}

/** The opening tags of the text, in order; comments and CDATA are passed over. */
function* tags(text: string): Generator<Tag> {
  let at = text.indexOf("<");
  while (at >= 0) {
    if (text.startsWith("<!--", at)) at = skip(text, at, "-->");
    else if (text.startsWith("<![CDATA[", at)) at = skip(text, at, "]]>");
    else {
      const name = /<(?:[\w.-]+:)?([\w.-]+)/y;
      name.lastIndex = at;
      const found = name.exec(text);
      at = found ? name.lastIndex : at + 1;
      if (found) {
        const attributes: Record<string, string> = Object.create(null);
        ATTRIBUTE.lastIndex = at;
        for (let pair = ATTRIBUTE.exec(text); pair; pair = ATTRIBUTE.exec(text)) {
          attributes[pair[1] as string] = decodeEntities(pair[2] ?? pair[3] ?? "");
          at = ATTRIBUTE.lastIndex;
        }
        const open = text.indexOf(">", at);
        const close = open < 0 ? -1 : text.indexOf("<", open);
        const inside = close < 0 ? "" : text.slice(open + 1, close);
        yield { name: found[1] as string, attributes, text: inside };
      }
    }
    at = at < 0 ? at : text.indexOf("<", at);
  }
}

function skip(text: string, at: number, end: string): number {
  const found = text.indexOf(end, at);
  return found < 0 ? -1 : found + end.length;
}

function decodeEntities(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w{2,4}));/gi,
    (whole, hex, digits, name) => {
      if (name !== undefined) return ENTITIES[name] ?? whole;
      const code = hex === undefined ? Number(digits) : Number.parseInt(hex, 16);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}
