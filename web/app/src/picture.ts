/** A small picture of the windows as they are: images as they look, of other windows the title. */

const WIDTH = 320;
const HEIGHT = 200;
/** Letters in pixels, and what is between them and the edge of their window. */
const [LETTERS, EDGE] = [12, 8];

/** As a data address; null where there is nothing to draw. */
export function pictureOfWindows(root: ParentNode = document): string | null {
  const area = root.querySelector("#windows");
  const shown = root.querySelectorAll<HTMLElement>('#windows [data-testid="window"]');
  const windows = [...shown].filter((window) =>
    window.checkVisibility({ visibilityProperty: true }),
  );
  const context = document.createElement("canvas").getContext("2d");
  if (!area || !context || windows.length === 0) return null;
  const { canvas } = context;
  [canvas.width, canvas.height] = [WIDTH, HEIGHT];
  const paint = paintOf(area);
  // Where nothing is drawn, a JPEG would be black.
  context.fillStyle = paint("--bg-sunken");
  context.fillRect(0, 0, WIDTH, HEIGHT);
  const place = placer(area.getBoundingClientRect());
  for (const window of windows) drawWindow(context, window, place, paint);
  return canvas.toDataURL("image/jpeg", 0.7);
}

type Place = (element: Element) => [x: number, y: number, width: number, height: number];

/** Where the elements of the area are in the picture, in which it is in the middle. */
function placer(area: DOMRect): Place {
  const scale = Math.min(WIDTH / area.width, HEIGHT / area.height);
  const left = (WIDTH - area.width * scale) / 2;
  const top = (HEIGHT - area.height * scale) / 2;
  return (element) => {
    const box = element.getBoundingClientRect();
    const [x, y] = [left + (box.left - area.left) * scale, top + (box.top - area.top) * scale];
    return [x, y, box.width * scale, box.height * scale];
  };
}

function paintOf(element: Element): (name: string) => string {
  const style = getComputedStyle(element);
  return (name) => style.getPropertyValue(name);
}

function drawWindow(
  context: CanvasRenderingContext2D,
  window: HTMLElement,
  place: Place,
  paint: (name: string) => string,
): void {
  const [x, y, width, height] = place(window);
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.fillStyle = paint("--bg-raised");
  context.fill();
  const images = [...window.querySelectorAll<HTMLCanvasElement>(".stage canvas")];
  const drawn = images.filter((image) => image.width > 0);
  for (const image of drawn) context.drawImage(image, ...place(image));
  if (drawn.length === 0) {
    context.fillStyle = paint("--fg-muted");
    writeTitle(context, window.dataset.title ?? "", [x, y, width]);
  }
  context.restore();
  context.strokeStyle = paint("--border");
  context.strokeRect(x, y, width, height);
}

/** In as many lines as it needs; what does not fit is cut with the window. */
function writeTitle(
  context: CanvasRenderingContext2D,
  title: string,
  [x, y, width]: [number, number, number],
): void {
  context.font = `${LETTERS}px sans-serif`;
  let line = "";
  let at = y + EDGE + LETTERS;
  for (const letter of title) {
    if (line && context.measureText(line + letter).width > width - 2 * EDGE) {
      context.fillText(line, x + EDGE, at);
      [line, at] = ["", at + LETTERS * 1.3];
    }
    line += letter;
  }
  context.fillText(line, x + EDGE, at);
}
