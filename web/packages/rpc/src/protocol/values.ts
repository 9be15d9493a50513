/** Values on the wire: JavaScript values to JSON text and binary parts, and back. */
export {
  type AnyFunction,
  type Codec,
  CodecRegistry,
  type Ref,
  setOwn,
  type ValueContext,
} from "./context";
export { decode } from "./decode";
export { type Encoded, type EncodeOptions, encode } from "./encode";
