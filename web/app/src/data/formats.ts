/** Tells what kind of file it is from its first bytes; the name plays no part. */
import { DataError } from "./errors";

export type Format = "PNG" | "JPEG" | "GIF" | "BMP" | "WebP" | "AVIF" | "TIFF" | "NPY";

/** For file pickers: `accept` of an input element, and the types of showOpenFilePicker. */
export const IMAGE_ACCEPT =
  "image/png,image/jpeg,image/webp,image/gif,image/bmp,image/avif,image/tiff," +
  ".png,.jpg,.jpeg,.webp,.gif,.bmp,.avif,.tif,.tiff,.btf,.tf8,.npy";

export const IMAGE_TYPES = [
  {
    description: "Images",
    accept: {
      "image/png": [".png"],
      "image/jpeg": [".jpg", ".jpeg"],
      "image/webp": [".webp"],
      "image/gif": [".gif"],
      "image/bmp": [".bmp"],
      "image/avif": [".avif"],
      "image/tiff": [".tif", ".tiff", ".btf", ".tf8"],
      "application/octet-stream": [".npy"],
    },
  },
];

/** How many bytes `sniff` wants to see. */
export const HEAD_BYTES = 512;

const SIGNATURES: readonly (readonly [Format, number, string])[] = [
  ["PNG", 0, "\x89PNG\r\n\x1a\n"],
  ["JPEG", 0, "\xff\xd8\xff"],
  ["GIF", 0, "GIF87a"],
  ["GIF", 0, "GIF89a"],
  ["WebP", 8, "WEBP"],
  ["AVIF", 4, "ftypavif"],
  ["TIFF", 0, "II*\0"],
  ["TIFF", 0, "MM\0*"],
  ["TIFF", 0, "II+\0"],
  ["TIFF", 0, "MM\0+"],
  ["NPY", 0, "\x93NUMPY"],
];

/** Files that people of the field do have, and that are not read in the page. */
const OTHERS: readonly (readonly [string, number, string])[] = [
  ["a ZIP archive", 0, "PK\x03\x04"],
  ["a gzip archive", 0, "\x1f\x8b"],
  ["an HDF5 file", 0, "\x89HDF\r\n"],
  ["a Zeiss CZI file", 0, "ZISRAWFILE"],
  ["a Nikon ND2 file", 0, "\xda\xce\xbe\x0a"],
  ["a DICOM file", 128, "DICM"],
  ["a FITS file", 0, "SIMPLE  ="],
  ["a NRRD file", 0, "NRRD000"],
  ["an OLE file (such as Zeiss ZVI or Olympus OIB)", 0, "\xd0\xcf\x11\xe0"],
  ["a JPEG 2000 file", 0, "\0\0\0\x0cjP  "],
  ["a JPEG XL file", 0, "\0\0\0\x0cJXL "],
  ["a HEIC photograph", 4, "ftyphei"],
  ["a Photoshop file", 0, "8BPS"],
  ["a video", 4, "ftyp"],
  ["a PDF document", 0, "%PDF"],
];

/** Raises data.unreadable for an empty file and for every kind that is not an image we read. */
export function sniff(head: Uint8Array, size: number): Format {
  if (size === 0) {
    throw new DataError("Opening the file", "The file is empty (0 bytes).", "Open another file.");
  }
  const text = String.fromCharCode(...head.subarray(0, HEAD_BYTES));
  for (const [format, at, magic] of SIGNATURES) {
    if (text.startsWith(magic, at)) return format;
  }
  if (isBitmap(head, text)) return "BMP";
  const other = OTHERS.find(([, at, magic]) => text.startsWith(magic, at));
  const cause = other
    ? `This is ${other[0]}, not an image file that can be opened here.`
    : /^\s*<(\?xml|svg|!doctype|html)/i.test(text)
      ? "This is a text file (XML, SVG or HTML), not an image made of pixels."
      : "Its first bytes are not those of any known image type.";
  throw new DataError(
    "Opening the file",
    cause,
    "Open a PNG, JPEG, WebP, GIF, BMP, TIFF or NPY file; other images can be saved as TIFF first.",
  );
}

// "BM" alone is two letters; the size of the header that follows makes it certain.
function isBitmap(head: Uint8Array, text: string): boolean {
  const headerSize = (head[14] ?? 0) | ((head[15] ?? 0) << 8);
  return text.startsWith("BM") && [12, 40, 52, 56, 64, 108, 124].includes(headerSize);
}
