/** The large frames of a session that are arriving in pieces. */
import { RpcError } from "../errors";
import { type Frame, malformed } from "./frame";
import { checkHeader, LIMITS } from "./messages";
import { answerError } from "./outbox";
import { type AnyFrame, type AnyHeader, Assembly } from "./pieces";

/** So many frames that are refused may be under way beside those that are taken. */
const MOST_REFUSED = 65_536;

export interface PieceProgress {
  readonly header: AnyHeader;
  readonly received: number;
  readonly total: number;
}

/** Puts pieces together. Going over a limit fails that one frame and nothing else. */
export class Inbox {
  /** How far the frame has come that the last piece belonged to. */
  progress: PieceProgress | undefined;
  private bytes = 0;
  private taken = 0;
  /** Each is a frame in pieces, or the reason why it is not taken. */
  private readonly arriving = new Map<number, Assembly | RpcError>();

  /**
   * Takes a piece, or the frame that ends them, which it gives with its parts. A call that cannot be
   * taken is answered.
   * @throws RpcError protocol.malformed
   */
  take(frame: AnyFrame, answer: (frame: Frame) => void): AnyFrame | undefined {
    const { type, of } = frame.header;
    this.progress = undefined;
    if (type === "piece") this.add(of, frame);
    else if (type === "drop") this.forget(of);
    else return this.end(frame, answer);
    return undefined;
  }

  private add(number: unknown, frame: AnyFrame): void {
    if (!Number.isSafeInteger(number)) throw malformed("a piece belongs to no message");
    let arriving = this.arriving.get(number as number);
    if (arriving === undefined) {
      if (this.arriving.size >= MOST_REFUSED) throw malformed("too many messages are in pieces");
      arriving = this.begin(frame.header);
      this.arriving.set(number as number, arriving);
    }
    if (arriving instanceof RpcError) return;
    arriving.add(frame.buffers);
    const { header, received, total } = arriving;
    this.progress = { header, received, total };
  }

  private begin({ sizes, frame }: AnyHeader): Assembly | RpcError {
    try {
      if (this.taken >= LIMITS.large_frames) {
        return new RpcError("protocol.too_large", "Too many other large messages are under way.");
      }
      const assembly = new Assembly(sizes, isObject(frame) ? frame : {});
      if (this.bytes + assembly.total > LIMITS.large_bytes) {
        return new RpcError("protocol.too_large", "Other large messages are under way.");
      }
      this.bytes += assembly.total;
      this.taken += 1;
      return assembly;
    } catch (error) {
      return error as RpcError;
    }
  }

  private forget(number: unknown): Assembly | RpcError | undefined {
    const arriving = this.arriving.get(number as number);
    this.arriving.delete(number as number);
    if (arriving instanceof Assembly) {
      this.bytes -= arriving.total;
      this.taken -= 1;
    }
    return arriving;
  }

  private end(frame: AnyFrame, answer: (frame: Frame) => void): AnyFrame | undefined {
    const { pieces, ...header } = frame.header;
    const arriving = this.forget(pieces);
    if (arriving === undefined) throw malformed("its pieces have not arrived");
    if (arriving instanceof Assembly && arriving.isWhole) {
      return { header, body: frame.body, buffers: [...arriving.buffers, ...frame.buffers] };
    }
    const refusal =
      arriving instanceof RpcError ? arriving : malformed("its pieces are not complete");
    const checked = checkHeader(header);
    if (checked.type === "call") {
      answer(answerError(checked, refusal));
      return undefined;
    }
    if (checked.type !== "result") return undefined;
    return { ...answerError(checked, refusal), header: { ...checked, type: "error" } };
  }
}

function isObject(value: unknown): value is AnyHeader {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
