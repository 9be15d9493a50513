/** Runs JavaScript plugins: in a closed-off frame, or in a worker of such a frame. */
import { newId } from "@imjoy/rpc";
import { openFrame } from "../frame";
import { allowedDevices } from "../frame-rights";
import { loadIntoFrame } from "../loader";
import { framePolicy } from "../policy";
import { FrameConnection } from "./frame-connection";
import { fileAddresses, type House, type Instance, type Launch, type Runtime } from "./runtime";

export const runInWorker: Runtime = (house, launch) => run(house, launch, true);
export const runInFrame: Runtime = (house, launch) => run(house, launch, false);

async function run(house: House, launch: Launch, worker: boolean): Promise<Instance> {
  const { peer, permissions } = house;
  const { source, signal, job } = launch;
  const address = `${peer.address}/${newId()}`;
  launch.onAddress(address);
  const mirror = await house.libraries.mirrorFor(source);
  const granted = await permissions.of(launch);
  const allow = await allowedDevices(permissions, launch);
  const frame = await openFrame({
    container: launch.container ?? house.hidden(),
    title: source.manifest.name,
    policy: framePolicy(source, granted, [
      ...(mirror ? [mirror.prefix] : []),
      ...fileAddresses(house),
    ]),
    allow,
    downloads: granted.choices.downloads === "allow",
    limited: granted.choices.network !== "any",
    sdk: house.sdk,
    worker,
    warm: house.warm,
    mirror,
    address,
    host: peer.address,
    signal,
    onSaid: ({ text }) => launch.log("info", text),
  });
  const connection = new FrameConnection(house, launch, address, frame);
  try {
    const exported = await loadIntoFrame({
      peer,
      address,
      source,
      facts: {
        workspace: house.workspace(),
        services: house.services(),
        engineUrl: house.engine.address ? house.base.origin : "",
        storage: granted.choices.storage === "block" ? null : await house.storage(launch.id),
      },
      libraries: house.libraries,
      signal,
      onStep: (step, done, total) => job.update({ step, done, total, unit: "" }),
      log: (text) => launch.log("info", text),
    });
    return connection.instance(exported.methods, exported.values);
  } catch (error) {
    connection.close("The plugin could not be loaded.");
    throw connection.failure ?? error;
  }
}
