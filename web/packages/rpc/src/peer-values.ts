/** How functions travel between one peer and one other: as references that are counted. */
import type { ExportTable } from "./exports";
import type {
  AnyFunction,
  AnyIterator,
  CodecRegistry,
  Ref,
  ValueContext,
} from "./protocol/context";
import { decode } from "./protocol/decode";
import { type Encoded, type EncodeOptions, encode } from "./protocol/encode";
import { type Frame, malformed } from "./protocol/frame";
import { type ProxyTable, pinRemote, remoteAddress } from "./remote";
import { pullFrom, RemoteStream, takeBack } from "./streams";

export class PeerValues implements ValueContext {
  private retained: string[] = [];

  constructor(
    private readonly address: string,
    private readonly other: string,
    private readonly exports: ExportTable,
    private readonly proxies: ProxyTable,
    readonly codecs: CodecRegistry,
  ) {}

  encode(value: unknown, options?: EncodeOptions): Encoded {
    try {
      return encode(value, this, options);
    } catch (error) {
      this.undo();
      throw error;
    }
  }

  decode(frame: Frame): unknown {
    return decode(frame.body, frame.buffers, this);
  }

  encodeStream(iterator: AnyIterator): Ref {
    if (iterator instanceof RemoteStream) return this.encodeFunction(iterator.pull);
    return this.encodeFunction(pullFrom(iterator));
  }

  decodeStream(peer: string, target: string): unknown {
    if (peer !== this.address) return new RemoteStream(this.proxies.get(peer, target, true));
    const iterator = takeBack(this.exports.find(target)?.fn ?? this);
    if (iterator === undefined) throw malformed("a stream came back that somebody has read from");
    return iterator;
  }

  /** Takes back the references that were counted for a frame which did not go out. */
  undo(): void {
    for (const target of this.retained) this.exports.release(target, this.other, 1);
    this.retained = [];
  }

  encodeFunction(fn: AnyFunction, self?: object): Ref {
    const remote = remoteAddress(fn);
    if (remote !== undefined) {
      if (remote.peer !== this.other) pinRemote(fn);
      return { p: remote.peer, t: remote.target };
    }
    const target = this.exports.retain(fn, self, this.other);
    this.retained.push(target);
    return { p: this.address, t: target };
  }

  decodeRef(peer: string, target: string): unknown {
    if (peer !== this.address) return this.proxies.get(peer, target, true);
    const exported = this.exports.find(target);
    if (exported === undefined) throw malformed("a function came back that is no longer here");
    return exported.fn;
  }
}
