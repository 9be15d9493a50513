/** A Python peer in a process of its own, for tests: tests/rpc/echo_peer.py behind the stream framing. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { newId } from "./ids";
import { Peer } from "./peer";
import { byteLength, type Frame, withBytes } from "./protocol/frame";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const MAGIC = "IMJ1";

export class PythonPeer {
  readonly address = newId();
  readonly peer: Peer;
  private readonly process: ChildProcess;
  private readonly ended: Promise<void>;
  private errors = "";
  private sent: Promise<void> = Promise.resolve();

  constructor(options: readonly string[] = []) {
    const script = `${ROOT}tests/rpc/echo_peer.py`;
    this.process = spawn(findPython(), ["-u", script, this.address, ...options], {
      env: { ...process.env, PYTHONPATH: `${ROOT}src` },
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.peer = new Peer({ address: newId(), send: (frame) => this.send(frame) });
    const decoder = new FrameReader((frame) => this.peer.receive(frame));
    this.process.stdout?.on("data", (data: Buffer) => decoder.feed(data));
    this.process.stderr?.on("data", (data: Buffer) => {
      this.errors += data.toString();
    });
    // Writing to a process that has ended fails, but that it ended is told below.
    this.process.stdin?.on("error", () => undefined);
    this.ended = new Promise((resolve) => {
      const end = (reason: string) => {
        this.peer.close(reason);
        resolve();
      };
      this.process.on("error", (error) => end(String(error)));
      this.process.on("close", () => end(`The Python peer ended.\n${this.errors}`));
    });
  }

  call(target: string, ...args: unknown[]): Promise<unknown> {
    return this.peer.call(this.address, target, args);
  }

  /** Ends the process by closing its input, and waits for it. */
  async close(): Promise<void> {
    this.process.stdin?.end();
    await this.ended;
  }

  private send(frame: Frame): void {
    this.sent = this.sent.then(async () => {
      this.process.stdin?.write(packFrame(await withBytes(frame)));
    });
  }
}

function findPython(): string {
  const local = `${ROOT}.venv/bin/python`;
  return process.env.PYTHON ?? (existsSync(local) ? local : "python3");
}

/** One frame as the stream socket between engine and worker carries it. */
export function packFrame(frame: Frame): Buffer {
  const header = Buffer.from(JSON.stringify(frame.header));
  const body = Buffer.from(frame.body);
  const head = Buffer.alloc(16 + 8 * frame.buffers.length);
  head.write(MAGIC, "latin1");
  head.writeUInt32LE(header.length, 4);
  head.writeUInt32LE(body.length, 8);
  head.writeUInt32LE(frame.buffers.length, 12);
  const buffers = frame.buffers.map((buffer, index) => {
    head.writeBigUInt64LE(BigInt(byteLength(buffer)), 16 + 8 * index);
    return new Uint8Array(buffer as ArrayBuffer);
  });
  return Buffer.concat([head, header, body, ...buffers]);
}

/** Cuts a stream of bytes into frames. */
export class FrameReader {
  private rest = Buffer.alloc(0);

  constructor(private readonly onFrame: (frame: Frame) => void) {}

  feed(data: Buffer): void {
    this.rest = Buffer.concat([this.rest, data]);
    for (let frame = this.next(); frame !== undefined; frame = this.next()) this.onFrame(frame);
  }

  private next(): Frame | undefined {
    const { rest } = this;
    if (rest.length < 16) return undefined;
    if (rest.toString("latin1", 0, 4) !== MAGIC) throw new Error("This is not a stream of frames.");
    const count = rest.readUInt32LE(12);
    if (rest.length < 16 + 8 * count) return undefined;
    const sizes = [rest.readUInt32LE(4), rest.readUInt32LE(8)];
    for (let i = 0; i < count; i += 1) sizes.push(Number(rest.readBigUInt64LE(16 + 8 * i)));
    const ends: number[] = [];
    for (const size of sizes) ends.push((ends.at(-1) ?? 16 + 8 * count) + size);
    const end = ends.at(-1) as number;
    if (rest.length < end) return undefined;
    const parts = ends.map((stop, index) => rest.subarray(stop - (sizes[index] ?? 0), stop));
    this.rest = rest.subarray(end);
    const [header, body, ...buffers] = parts as [Buffer, Buffer, ...Buffer[]];
    return {
      header: JSON.parse(header.toString()) as Frame["header"],
      body: body.toString(),
      buffers,
    };
  }
}
