/** The public names of @imjoy/rpc. */
export { concatenated, type TypedArray, typedArrayName } from "./dtypes";
export { type ErrorRecord, fromErrorRecord, RpcError, toErrorRecord } from "./errors";
export type { CallContext, ExportOptions } from "./exports";
export { isAddress, isWithin, newId, rootOf } from "./ids";
export { NdArray } from "./nd-array";
export { PACKING, Packer, unpack } from "./packing";
export { DIRECT_FROM, Parcels } from "./parcels";
export { type CallOptions, type GoneOptions, Peer, type PeerOptions } from "./peer";
export type { OnTransfer } from "./pending";
export { connectPort, type PortEvents, type PortLink } from "./port";
export {
  answerTo,
  type Buffer_,
  bulkOf,
  checkFrame,
  type Frame,
  type Header,
  isBlob,
  type SendFrame,
  transferList,
  withBytes,
  withFixedBuffers,
} from "./protocol/frame";
export { ERRORS, LIMITS, PROTOCOL, SESSION } from "./protocol/messages";
export type { AnyFrame, AnyHeader } from "./protocol/pieces";
export { reconnectDelay, Session, type SessionOptions } from "./protocol/session";
export {
  type AnyFunction,
  type Codec,
  CodecRegistry,
  decode,
  type Encoded,
  type EncodeOptions,
  encode,
  type Ref,
  type ValueContext,
} from "./protocol/values";
export { type RemoteFunction, remoteAddress } from "./remote";
export { type LinkOptions, Router } from "./router";
export { RemoteStream } from "./streams";
