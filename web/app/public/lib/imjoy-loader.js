/* Brings the ImJoy libraries to pages that are shown in a window of ImJoy: load this file with <script src>. */
(() => {
  const here = document.currentScript ? document.currentScript.src : location.href;
  const local = new URL("./", here).href;

  const addScript = (address) =>
    new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = address;
      script.onload = resolve;
      script.onerror = () => reject(new Error(`The script ${address} could not be loaded.`));
      document.head.append(script);
    });

  const loadLibrary = async (name, file, base, config) => {
    const { debug, base_url, version } = config || {};
    const folder = base_url || (version ? base(version) : local);
    await addScript(`${folder.replace(/\/?$/, "/")}${file}${debug ? "" : ".min"}.js`);
    const library = window[name];
    delete window[name];
    if (!library) throw new Error(`The script of ${name} has run, but did not offer it.`);
    return library;
  };

  let rpc = null;
  /** The library by which a page takes part: its `setupRPC` gives the api. */
  window.loadImJoyRPC = (config) => {
    const base = (version) => `https://cdn.jsdelivr.net/npm/imjoy-rpc@${version}/dist`;
    rpc = rpc || loadLibrary("imjoyRPC", "imjoy-rpc", base, config);
    return rpc;
  };
  /** The library by which a page of its own starts the earlier ImJoy; it comes from a network. */
  window.loadImJoyCore = (config) => {
    const base = (version) => `https://cdn.jsdelivr.net/npm/imjoy-core@${version}/dist`;
    return loadLibrary("imjoyCore", "imjoy-core", base, { version: "latest", ...config });
  };
  /** In one step: loads the library and connects; gives the api of the workbench. */
  window.setupRPC = async (config) => (await window.loadImJoyRPC()).setupRPC(config);
  window.imjoyLoader = {
    loadImJoyRPC: window.loadImJoyRPC,
    loadImJoyCore: window.loadImJoyCore,
    setupRPC: window.setupRPC,
  };
})();
