/** A MessagePort as a link: between the page, the frames of plugins and their workers. */
import { RpcError } from "./errors";
import { checkFrame, type Frame, type SendFrame } from "./protocol/frame";

export interface PortLink {
  send: SendFrame;
  close(): void;
}

/**
 * Sends and receives frames through a port. `onError` is called when a message was lost or was not a
 * frame, or when the other side has closed the port: the owner should then fail the calls that wait.
 */
export function connectPort(
  port: MessagePort,
  onFrame: (frame: Frame) => void,
  onError: (error: RpcError) => void,
): PortLink {
  let open = true;
  const onMessage = (event: MessageEvent) => {
    if (!open) return;
    let frame: Frame;
    try {
      frame = checkFrame(event.data);
    } catch (error) {
      onError(error as RpcError);
      return;
    }
    onFrame(frame);
  };
  const onLost = () => {
    if (open) onError(new RpcError("protocol.malformed", "A message arrived that cannot be read."));
  };
  const onClose = () => {
    if (open) onError(new RpcError("rpc.peer_gone", "The other side has closed the connection."));
    open = false;
  };
  port.addEventListener("message", onMessage);
  port.addEventListener("messageerror", onLost);
  port.addEventListener("close", onClose);
  port.start();
  return {
    send: (frame, transfer = []) => {
      if (!open) throw new RpcError("rpc.peer_gone", "The connection is closed.");
      port.postMessage(frame, transfer);
    },
    close: () => {
      open = false;
      port.close();
    },
  };
}
