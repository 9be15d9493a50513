/** Strips and tiles that are JPEG pictures, decoded by the browser. */
import { concatenated } from "@imjoy/rpc";
import { decodePixels, lookAt } from "../bitmap";
import { damaged, unsupported } from "../errors";
import type { Page } from "./directory";

export const JPEG = 7;
const YCBCR = 6;
const START = 0xd8;
const END = 0xd9;
const SCAN = 0xda;
const ADOBE = 0xee;

/** Raises data.unreadable for JPEG parts of which a browser does not give the samples themselves. */
export function checkJpeg({ bits, samples, planar, photometric }: Page): void {
  const grey = samples === 1 || (planar && photometric !== YCBCR);
  if (bits === 8 && (grey || (samples === 3 && !planar))) return;
  throw unsupported("TIFF", `JPEG compression with pixels of ${samples} x ${bits} bits`);
}

/** The samples of one part, next to each other. */
export async function unpackJpeg(
  page: Page,
  bytes: Uint8Array<ArrayBuffer>,
  rows: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const picture = wholeJpeg(bytes, page.jpegTables, page.photometric === YCBCR);
  const look = lookAt(picture, "JPEG");
  if (look?.width !== page.segmentWidth || look.height < rows) {
    throw damaged("TIFF", "a JPEG part has another size than its page says");
  }
  const { rgba } = await decodePixels(new Blob([picture]), "JPEG");
  const samples = page.planar ? 1 : page.samples;
  const out = new Uint8Array(page.segmentWidth * rows * samples);
  for (let pixel = 0, to = 0; to < out.length; pixel++) {
    for (let s = 0; s < samples; s++) out[to++] = rgba[4 * pixel + s] as number;
  }
  return out;
}

/**
 * A picture that stands for itself: with the tables that a TIFF keeps apart, and with the note that
 * decoders take the colours from, since in a TIFF it is the page that says what they are.
 */
export function wholeJpeg(
  bytes: Uint8Array,
  tables: readonly number[],
  ycbcr: boolean,
): Uint8Array<ArrayBuffer> {
  const shared = tables.length > 0 ? readSegments(Uint8Array.from(tables)).kept : [];
  const { kept, scan } = readSegments(bytes);
  const start = Uint8Array.of(0xff, START);
  return concatenated([start, colourNote(ycbcr), ...shared, ...kept, bytes.subarray(scan)]);
}

/** Adobe's segment; its last byte says whether three samples are YCbCr or RGB. */
function colourNote(ycbcr: boolean): Uint8Array {
  const name = [0x41, 0x64, 0x6f, 0x62, 0x65];
  return Uint8Array.of(0xff, ADOBE, 0, 14, ...name, 0, 100, 0, 0, 0, 0, ycbcr ? 1 : 0);
}

/** What stands before the scan, without notes on colours, and where the scan begins. */
function readSegments(bytes: Uint8Array): { kept: Uint8Array[]; scan: number } {
  const kept: Uint8Array[] = [];
  if (bytes[0] !== 0xff || bytes[1] !== START) throw damaged("TIFF", "a JPEG part has no start");
  let at = 2;
  while (at + 4 <= bytes.length) {
    const marker = bytes[at + 1] as number;
    if (bytes[at] !== 0xff) throw damaged("TIFF", "a JPEG part does not unpack");
    if (marker === SCAN || marker === END) break;
    const end = at + 2 + (((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number));
    if (marker !== ADOBE) kept.push(bytes.subarray(at, end));
    at = end;
  }
  return { kept, scan: at };
}
