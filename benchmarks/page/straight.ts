/** Messages between workers of two closed-off frames without anything of ours: the limit for plugins. */

const TAKER = `onmessage = ({ ports: [port] }) => {
  port.onmessage = ({ data }) => port.postMessage(data, data.buffer ? [data.buffer] : []);
};`;
const GIVER = `onmessage = async ({ ports: [port] }) => {
  const ask = (value) => new Promise((done) => { port.onmessage = done; port.postMessage(value); });
  for (let i = 0; i < 20; i += 1) await ask(1);
  let began = performance.now();
  for (let i = 0; i < 500; i += 1) await ask(1);
  const noop = (performance.now() - began) / 500;
  const times = [];
  for (let i = 0; i < 7; i += 1) {
    const array = new Uint8Array(16_000_000);
    began = performance.now();
    await ask(array);
    times.push(performance.now() - began);
  }
  postMessage({ noop, echo: Math.min(...times) });
};`;

/** Milliseconds of a message without content, and of 16 MB there (copied) and back (moved). */
export async function straight(): Promise<{ noop: number; echo: number }> {
  const { port1, port2 } = new MessageChannel();
  const answer = new Promise<{ noop: number; echo: number }>((resolve) => {
    addEventListener("message", ({ data }) => {
      if (typeof data?.echo === "number") resolve(data);
    });
  });
  await open(TAKER, port2);
  await open(GIVER, port1);
  return answer;
}

function open(worker: string, port: MessagePort): Promise<void> {
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "allow-scripts");
  frame.srcdoc = `<script>
    onmessage = ({ data, ports }) => {
      const worker = new Worker(URL.createObjectURL(new Blob([data])));
      worker.onmessage = (event) => parent.postMessage(event.data, "*");
      worker.postMessage(0, ports);
    };
  </script>`;
  return new Promise((resolve) => {
    frame.addEventListener("load", () => {
      frame.contentWindow?.postMessage(worker, "*", [port]);
      resolve();
    });
    document.body.append(frame);
  });
}
