/** Colours of channels and of labels. */

export type Rgb = [number, number, number];

const BY_NAME: readonly (readonly [RegExp, string])[] = [
  [/dapi|hoechst|nucle|draq/i, "#4d7dff"],
  [/gfp|fitc|488|green|tubulin/i, "#00e000"],
  [/mcherry|rfp|tritc|texas|cy3|594|561|568|red|actin/i, "#ff3030"],
  [/cy5|647|far.?red|magenta/i, "#ff00ff"],
  [/yfp|yellow/i, "#ffe000"],
  [/cfp|cyan/i, "#00e5ff"],
  [/bright|phase|dic|trans|grey|gray/i, "#ffffff"],
];
const PALETTE = ["#00e5ff", "#ff00ff", "#ffe000", "#00e000", "#ff3030", "#4d7dff", "#ffffff"];

/** One colour for each channel: white for one, green and magenta for two, by name where the name says it. */
export function channelColors(count: number, names: readonly string[] = []): string[] {
  if (count === 1) return ["#ffffff"];
  const base = count === 2 ? ["#00e000", "#ff00ff"] : PALETTE;
  const used = new Set<string>();
  const named = Array.from({ length: count }, (_, index) => {
    const color = BY_NAME.find(([pattern]) => pattern.test(names[index] ?? ""))?.[1];
    if (color === undefined || used.has(color)) return undefined;
    used.add(color);
    return color;
  });
  return named.map((color, index) => {
    if (color !== undefined) return color;
    const free = base.find((candidate) => !used.has(candidate));
    const chosen = free ?? (PALETTE[index % PALETTE.length] as string);
    used.add(chosen);
    return chosen;
  });
}

/** "#ff8000" -> [255, 128, 0]; white for anything else. */
export function parseColor(text: string): Rgb {
  const digits = /^#([0-9a-f]{6})$/i.exec(text)?.[1];
  if (digits === undefined) return [255, 255, 255];
  const value = Number.parseInt(digits, 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

const GOLDEN = 0.618033988749895;
const LABEL_COLORS = 4096;
let labelTable: Uint32Array | null = null;

/** Colours of labels as 0xAABBGGRR, found by `label & (length - 1)`. Neighbouring numbers look different. */
export function labelColors(): Uint32Array {
  labelTable ??= Uint32Array.from({ length: LABEL_COLORS }, (_, index) => {
    const label = index === 0 ? LABEL_COLORS : index;
    const hue = (label * GOLDEN) % 1;
    const lightness = [0.55, 0.68, 0.45][label % 3] as number;
    const [r, g, b] = fromHsl(hue, 0.85, lightness);
    return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
  });
  return labelTable;
}

/** The colour of one label for texts and swatches; 0 is "transparent". */
export function labelColor(label: number): string {
  if (label === 0) return "transparent";
  const value = labelColors()[label & (LABEL_COLORS - 1)] as number;
  return `rgb(${value & 255}, ${(value >> 8) & 255}, ${(value >> 16) & 255})`;
}

function fromHsl(hue: number, saturation: number, lightness: number): Rgb {
  const amplitude = saturation * Math.min(lightness, 1 - lightness);
  const part = (offset: number): number => {
    const k = (offset + hue * 12) % 12;
    const value = lightness - amplitude * Math.max(-1, Math.min(k - 3, 9 - k, 1));
    return Math.round(value * 255);
  };
  return [part(0), part(8), part(4)];
}
