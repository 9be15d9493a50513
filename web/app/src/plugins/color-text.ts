/** Colours as text: what browsers choose is "#rrggbb", what plugins are used to is "rgb(r, g, b)". */

const STANDARD = "rgb(0, 120, 212)";

/** The colour of a form as plugins give it: text, or a list of hue, saturation and value. */
export function rgbOf(given: unknown): string {
  if (typeof given === "string" && given.trim()) return given.trim();
  if (!Array.isArray(given) || given.length !== 3) return STANDARD;
  const [hue, saturation, value] = given.map(Number) as [number, number, number];
  if (![hue, saturation, value].every(Number.isFinite)) return STANDARD;
  const part = (n: number): number => {
    const k = (n + hue / 60) % 6;
    return Math.round(255 * (value - value * saturation * Math.max(0, Math.min(k, 4 - k, 1))));
  };
  return `rgb(${part(5)}, ${part(3)}, ${part(1)})`;
}

/** "#rrggbb" of a colour in either spelling; black when it is neither. */
export function hexOf(color: unknown): string {
  const text = String(color ?? "").trim();
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(text);
  if (short)
    return `#${short
      .slice(1)
      .map((digit) => digit + digit)
      .join("")}`.toLowerCase();
  if (/^#[0-9a-f]{6}/i.test(text)) return text.slice(0, 7).toLowerCase();
  const parts = /^rgba?\(\s*(\d+)[\s,]+(\d+)[\s,]+(\d+)/i.exec(text);
  if (!parts) return "#000000";
  const digits = parts.slice(1).map((part) => Math.min(255, Number(part)).toString(16));
  return `#${digits.map((digit) => digit.padStart(2, "0")).join("")}`;
}

/** What was chosen, spelled as the colour that the form began with. */
export function spelledAs(like: unknown, hex: string): string {
  if (String(like ?? "").startsWith("#")) return hex;
  const parts = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  return `rgb(${parts.join(", ")})`;
}
