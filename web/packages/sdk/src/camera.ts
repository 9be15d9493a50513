/** `navigator.mediaDevices` of a frame, which may use no camera: its pictures come from the workbench. */
import { RpcError } from "@imjoy/rpc";

type Call = (name: string, ...args: unknown[]) => Promise<unknown>;

interface Picture {
  width: number;
  height: number;
  /** Four bytes for each pixel. */
  data: Uint8Array;
}

/** What the workbench gives for an open camera. */
interface RemoteCamera {
  width: number;
  height: number;
  next(): Promise<Picture>;
  close(): Promise<void>;
}

const RATE = 30;

export function installCamera(call: Call): void {
  if (typeof navigator === "undefined" || typeof document === "undefined") return;
  const devices = {
    getUserMedia: (wanted?: MediaStreamConstraints) => openStream(call, wanted),
    enumerateDevices: async () => [
      { kind: "videoinput", deviceId: "camera", groupId: "", label: "Camera of the workbench" },
    ],
    getSupportedConstraints: () => ({ width: true, height: true, facingMode: true }),
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  };
  Object.defineProperty(navigator, "mediaDevices", { value: devices, configurable: true });
}

async function openStream(call: Call, wanted: MediaStreamConstraints = {}): Promise<MediaStream> {
  if (wanted.audio || !wanted.video) {
    const text = "A closed-off plugin gets pictures of the camera only, and no sound.";
    throw new DOMException(text, "NotFoundError");
  }
  const camera = await open(call, wanted.video);
  const canvas = document.createElement("canvas");
  canvas.width = camera.width;
  canvas.height = camera.height;
  const drawing = canvas.getContext("2d") as CanvasRenderingContext2D;
  const stream = canvas.captureStream(RATE);
  const track = stream.getVideoTracks()[0] as MediaStreamTrack;
  draw(await camera.next(), drawing);
  void follow(camera, track, drawing);
  return stream;
}

async function open(call: Call, video: boolean | MediaTrackConstraints): Promise<RemoteCamera> {
  try {
    // Only plain values go to the workbench: constraints may hold anything.
    const given = JSON.parse(JSON.stringify(video)) as unknown;
    return (await call("camera.open", given)) as RemoteCamera;
  } catch (error) {
    const refused = error instanceof RpcError && error.code === "plugin.permission";
    const text = error instanceof Error ? error.message : String(error);
    throw new DOMException(text, refused ? "NotAllowedError" : "NotReadableError");
  }
}

async function follow(
  camera: RemoteCamera,
  track: MediaStreamTrack,
  drawing: CanvasRenderingContext2D,
): Promise<void> {
  const ended = (): boolean => track.readyState === "ended";
  while (!ended()) {
    await new Promise((resolve) => setTimeout(resolve, 1000 / RATE));
    const picture = ended() ? null : await camera.next().catch(() => null);
    if (picture === null) break;
    draw(picture, drawing);
  }
  track.stop();
  await camera.close().catch(() => undefined);
}

function draw({ width, height, data }: Picture, drawing: CanvasRenderingContext2D): void {
  const pixels = new Uint8ClampedArray(data);
  drawing.putImageData(new ImageData(pixels, width, height), 0, 0);
}
