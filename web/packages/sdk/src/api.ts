/** The `api` of a plugin: every function, what it takes and what it gives. */
import type { NdArray } from "@imjoy/rpc";

/** What `run` is called with. */
export interface RunContext {
  /** Answers of the plugin's form. */
  config: Record<string, unknown>;
  /** The open image `{type, name, image, axes, labels}`, or what the caller passed; an empty object without either. */
  data: unknown;
  name: string;
  type: string;
}

/** What a plugin exports: an instance of a class, or an object. Every method can be called by others. */
export interface PluginObject {
  setup?(): unknown;
  run?(context: RunContext): unknown;
  exit?(): unknown;
  [method: string]: unknown;
}

export interface WindowConfig {
  /** A built-in view such as `imjoy/image` or `imjoy/tree`, or the name of a window plugin. */
  type?: string;
  name?: string;
  data?: unknown;
  config?: Record<string, unknown>;
  /** Address or text of a plugin file to open instead of an installed plugin. */
  src?: string;
  [option: string]: unknown;
}

/** An open window: the methods of its plugin and these. After `close` every call fails. */
export interface WindowApi {
  config: { id: string; name: string; type: string; window_id: string };
  run(context?: Partial<RunContext>): Promise<unknown>;
  close(): Promise<void>;
  focus(): Promise<void>;
  show(): Promise<void>;
  hide(): Promise<void>;
  refresh(): Promise<void>;
  /** `w` and `h` in cells of 30 pixels, `width` and `height` in pixels. */
  resize(size?: { w?: number; h?: number; width?: number; height?: number }): Promise<void>;
  on(event: string, handler: (value: unknown) => void): Promise<void>;
  off(event: string, handler?: (value: unknown) => void): Promise<void>;
  emit(event: string, value?: unknown): Promise<void>;
  [method: string]: unknown;
}

export interface ImJoyApi {
  // ---- in the plugin itself
  /** Says what the plugin can do; the last line of every plugin. */
  export(plugin: PluginObject | object | (new () => object)): Promise<void>;
  /** The same as `export` for a plugin that offers nothing. */
  init(config?: Record<string, unknown>): Promise<void>;
  /** Called for an event of the plugin's window: `close`, `resize`, or one that was emitted to it. */
  on(event: string, handler: (value: unknown) => void): Promise<void>;
  off(event: string, handler?: (value: unknown) => void): Promise<void>;
  /** Calls the handlers of this plugin and those of whoever opened its window. */
  emit(event: string, value?: unknown): Promise<void>;
  /** Teaches the plugin to send and receive objects of a class. */
  registerCodec(codec: {
    name: string;
    type?: abstract new (...args: never[]) => object;
    encoder?: (value: never) => unknown;
    decoder?: (value: never) => unknown;
  }): Promise<void>;
  /** Gives back an object received from another plugin. */
  disposeObject(object: unknown): Promise<void>;
  /** Called when the plugin has been loaded. */
  onLoad(handler: () => void): Promise<void>;
  /** An array with a shape, from numbers in C order. */
  ndarray(data: readonly unknown[] | ArrayBufferView, shape?: number[], dtype?: string): NdArray;
  /**
   * Aborted when whoever called the function that runs cancels the call, or goes away. Take it before
   * the first `await`, as in `const { signal } = api`, and give it to `fetch` and others that take one.
   */
  readonly signal: AbortSignal;
  readonly config: Record<string, unknown>;
  readonly TAG: string | null;
  readonly WORKSPACE: string;
  readonly ENGINE_URL: string;
  readonly FILE_MANAGER_URL: string;

  // ---- telling the user
  alert(message: string | { title?: string; content: string }): Promise<void>;
  /** True when the user agrees. */
  confirm(question: string | { title?: string; content: string }): Promise<boolean>;
  /** The answer; fails with rpc.cancelled when the user gives none. */
  prompt(question: string | { title?: string; content: string }, text?: string): Promise<string>;
  /** Adds a line to the log of the plugin. */
  log(...values: unknown[]): Promise<void>;
  /** Adds a line to the log of the plugin, marked as an error. */
  error(...values: unknown[]): Promise<void>;
  /** Progress of the plugin, 0 to 1 or 0 to 100. */
  progress(value: number): Promise<void>;
  /** Progress in the status line, 0 to 1 or 0 to 100. */
  showProgress(value: number): Promise<void>;
  showStatus(text: string): Promise<void>;
  showMessage(text: string, seconds?: number): Promise<void>;
  showSnackbar(text: string, seconds?: number): Promise<void>;

  // ---- windows and files
  /** Shows a form (`ui`) and gives the answers, or opens a window plugin or an `imjoy/…` view as a dialog. */
  showDialog(
    config: string | (WindowConfig & { ui?: unknown }),
    extra?: WindowConfig,
  ): Promise<unknown>;
  /** Files that the user chose. The form of the answer depends on the plugin's api_version. */
  showFileDialog(options?: Record<string, unknown>): Promise<unknown>;
  createWindow(config: string | WindowConfig, extra?: WindowConfig): Promise<WindowApi>;
  /** A window that is open, or null. */
  getWindow(
    query: string | { name?: string; type?: string; window_id?: string; plugin_id?: string },
  ): Promise<WindowApi | null>;
  /** Saves a file with the browser. */
  exportFile(file: Blob | string | ArrayBuffer | ArrayBufferView, name?: string): Promise<void>;
  getFileUrl(options: string | Record<string, unknown>): Promise<string>;
  requestUploadUrl(options: string | Record<string, unknown>): Promise<string>;
  /** The path behind an address that `getFileUrl` gave. */
  getFilePath(address: string | { url: string }): Promise<string>;
  /** The path and size of what was sent to an address of `requestUploadUrl`, once it is there. */
  waitForUpload(address: string | { url: string }): Promise<{ path: string; size: number }>;
  /** Reads an address from the frame of the plugin. */
  downloadFileFromUrl(transfer: Record<string, unknown>): Promise<unknown>;
  /** Sends a file to an address from the frame of the plugin. */
  uploadFileToUrl(transfer: Record<string, unknown>): Promise<unknown>;

  // ---- other plugins
  /** The methods of a plugin; it is started when it is not running. */
  getPlugin(name: string | Record<string, unknown>): Promise<Record<string, unknown>>;
  /** The same as `getPlugin`. */
  loadPlugin(name: string | Record<string, unknown>): Promise<Record<string, unknown>>;
  /** Calls one method of a plugin. */
  call(plugin: string, method: string, ...args: unknown[]): Promise<unknown>;
  /** Runs a plugin and gives what its `run` returned. */
  run(plugin: string, context?: Partial<RunContext>): Promise<unknown>;
  /** Asks the user to install a plugin; gives its name. */
  installPlugin(config: string | { src?: string; uri?: string; tag?: string }): Promise<unknown>;
  register(config: Record<string, unknown>): Promise<unknown>;
  unregister(config: string | Record<string, unknown>): Promise<boolean>;
  registerService(service: Record<string, unknown>): Promise<string>;
  unregisterService(query: Record<string, unknown>): Promise<boolean>;
  getServices(query: Record<string, unknown>): Promise<Record<string, unknown>[]>;

  /** Ends a plugin, starts it again and gives its methods. */
  reloadPlugin(plugin: string | { name: string }): Promise<Record<string, unknown>>;
  uninstallPlugin(plugin: string | { name: string }): Promise<boolean>;
  getEngine(address?: string): Promise<Record<string, unknown>>;
  getEngineFactory(name: string): Promise<Record<string, unknown>>;
  getFileManager(address?: string): Promise<Record<string, unknown>>;

  // ---- what is kept
  /** A setting of this plugin; a name that begins with `_` reads a field of its manifest. */
  getConfig(name: string): Promise<unknown>;
  setConfig(name: string, value: unknown): Promise<void>;
  /** The text of an `<attachment>`. */
  getAttachment(name: string): Promise<string | null>;

  /** Files that plugins share, by the functions of Node; a function as last argument is called back. */
  readonly fs: Record<string, (path: string, ...rest: unknown[]) => Promise<unknown>>;
  echo<T>(value: T): Promise<T>;
  readonly utils: {
    /** Opens an address in a new tab, after asking the user. */
    openUrl(url: string): Promise<void>;
    sleep(seconds: number): Promise<void>;
  };
}
