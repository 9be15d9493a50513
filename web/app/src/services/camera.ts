/** The camera for plugins, whose frames may not use it: the page opens it and hands pictures out. */
import { codedError } from "../plugins/failure";
import type { Services } from "./desk";

/** Milliseconds after which a camera is closed of which nobody takes pictures any more. */
const IDLE = 3000;

type OpenCamera = (wanted: MediaTrackConstraints | true) => Promise<MediaStream>;

const openWithBrowser: OpenCamera = (video) => navigator.mediaDevices.getUserMedia({ video });

export function cameraServices(openCamera: OpenCamera = openWithBrowser): Services {
  return {
    "camera.open": async (_, wanted) => {
      const given = typeof wanted === "object" && wanted !== null ? wanted : true;
      const stream = await openCamera(given as MediaTrackConstraints | true).catch(refused);
      const video = document.createElement("video");
      video.muted = true;
      video.srcObject = stream;
      await video.play();
      return new Camera(video, stream).remote();
    },
  };
}

class Camera {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly drawing: CanvasRenderingContext2D;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly stream: MediaStream,
  ) {
    const canvas = document.createElement("canvas");
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    this.drawing = canvas.getContext("2d", {
      willReadFrequently: true,
    }) as CanvasRenderingContext2D;
    this.wait();
  }

  remote(): Record<string, unknown> {
    const { width, height } = this.drawing.canvas;
    return { width, height, next: () => this.picture(), close: () => this.close() };
  }

  private picture(): { width: number; height: number; data: Uint8Array } {
    if (!this.stream.active) throw codedError("plugin.error", "The camera was closed.");
    this.wait();
    const { width, height } = this.drawing.canvas;
    this.drawing.drawImage(this.video, 0, 0);
    const { data } = this.drawing.getImageData(0, 0, width, height);
    return { width, height, data: new Uint8Array(data.buffer) };
  }

  private wait(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.close(), IDLE);
  }

  private close(): void {
    clearTimeout(this.timer);
    for (const track of this.stream.getTracks()) track.stop();
  }
}

function refused(error: unknown): never {
  const why = error instanceof Error ? error.message : String(error);
  const cause = `The browser does not give the camera: ${why.replace(/\.?$/, ".")}`;
  const remedy = "Allow the camera for this page in the browser, and check that one is connected.";
  throw codedError("plugin.permission", `${cause} ${remedy}`, { cause, remedy });
}
