/** A small picture of the windows as they are, made of the images in them. */

const WIDTH = 320;
const HEIGHT = 200;

/** As a data address; null where there is nothing to draw. */
export function pictureOfWindows(root: ParentNode = document): string | null {
  const area = root.querySelector("#windows")?.getBoundingClientRect();
  const images = [...root.querySelectorAll<HTMLCanvasElement>("#windows .stage canvas")];
  if (!area || area.width === 0 || images.length === 0) return null;
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const context = canvas.getContext("2d");
  if (!context) return null;
  const scale = Math.min(WIDTH / area.width, HEIGHT / area.height);
  for (const image of images) {
    const box = image.getBoundingClientRect();
    if (box.width === 0 || image.width === 0) continue;
    const [left, top] = [(box.left - area.left) * scale, (box.top - area.top) * scale];
    context.drawImage(image, left, top, box.width * scale, box.height * scale);
  }
  return canvas.toDataURL("image/jpeg", 0.6);
}
