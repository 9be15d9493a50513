/** Makes a plugin file out of a plain JavaScript module: its exported functions become forms. */
import { manifestError } from "./failure";
import { type JsFunction, type JsParameter, readJsFunctions, readTags } from "./js-functions";
import { titleOf } from "./title";

/**
 * The text of a plugin file for the module in `code`, which stands first and unchanged, so that
 * errors have the lines of the module.
 * @throws RpcError plugin.manifest
 */
export function pluginFromJsModule(code: string, fileName: string): string {
  const text = code
    .replace(/^\uFEFF/, "")
    .replace(/\r\n?/g, "\n")
    .trimEnd();
  const bad = text.search(/<\/script/i);
  if (bad >= 0) {
    throw manifestError(
      "The text </script> cannot stand in a module that becomes a plugin.",
      'Write it in two pieces: "</" + "script>".',
      { line: text.slice(0, bad).split("\n").length },
    );
  }
  const functions = readJsFunctions(text);
  const main = functions[0];
  if (!main) {
    throw manifestError(
      `There is no exported function in ${fileName}.`,
      "Begin one with `export function name(image)`.",
      { line: 1 },
    );
  }
  const config = makeConfig(text, main, titleOf(fileName.replace(/\.m?js$/i, "")));
  return [
    `<script lang="javascript" type="module">${text}\n${glue(functions)}</script>`,
    '<config lang="json">',
    JSON.stringify(config, null, 2).replaceAll("</", "<\\/"),
    "</config>",
    `<docs lang="markdown">\n${functions.map(docsOf).join("\n\n").replaceAll("</docs", "&lt;/docs")}\n</docs>`,
    "",
  ].join("\n");
}

function makeConfig(text: string, main: JsFunction, title: string): Record<string, unknown> {
  const header = /^\s*\/\*\*[\s\S]*?\*\/(?!\s*export)/.exec(text)?.[0] ?? "";
  const tags = readTags(header);
  const values = (name: string): string[] =>
    tags.tags.filter((tag) => tag.name === name).map((tag) => tag.text);
  const needsPage = /\bdocument\s*\./.test(text);
  return {
    name: values("name")[0] || title,
    type: values("type")[0] || (needsPage ? "iframe" : "web-worker"),
    version: values("version")[0] || "0.1.0",
    api_version: "0.1.8",
    description: (values("description")[0] || tags.about || main.about).slice(0, 250),
    requirements: values("requires"),
    ui: formOf(main),
  };
}

/** The form of a function as the field `ui`. */
export function formOf({ parameters }: JsFunction): Record<string, unknown>[] {
  return parameters.flatMap((parameter) => {
    const { name, kind, options, limits } = parameter;
    if (kind === "image" || kind === "labels" || kind === "axes") return [];
    const { min, max, unit } = limits;
    const { about } = parameter;
    const widget = {
      id: name,
      type: kind,
      ...(options.length > 0 ? { options } : {}),
      ...(min === undefined ? {} : { min }),
      ...(max === undefined ? {} : { max }),
      ...(unit ? { unit } : {}),
      ...(about ? { about } : {}),
      ...(isLeftOut(parameter) ? { optional: true, placeholder: null } : {}),
      ...(isLeftOut(parameter) ? {} : { placeholder: firstValue(parameter) }),
    };
    return [{ [titleOf(name)]: widget }];
  });
}

/** A number whose default no form can hold, such as Infinity: the function itself knows it. */
function isLeftOut({ kind, required, value }: JsParameter): boolean {
  return kind === "number" && !required && !Number.isFinite(value);
}

function firstValue({ kind, value, limits }: JsParameter): unknown {
  return value ?? (kind === "number" ? (limits.min ?? 0) : "");
}

function docsOf({ name, about, parameters }: JsFunction): string {
  const rows = parameters
    .filter((one) => one.about)
    .map((one) => `- **${one.name}**: ${one.about}`);
  return [`## ${titleOf(name)}`, about, rows.join("\n")].filter(Boolean).join("\n\n");
}

/**
 * The end of the module: what the workbench calls. It sees the module's functions by their names. An empty answer
 * is left out, so that the default of the function holds.
 */
function glue(functions: JsFunction[]): string {
  const table = Object.fromEntries(
    functions.map((one) => [
      one.name,
      {
        title: titleOf(one.name),
        gives: one.gives,
        inputs: one.parameters.map(inputOf),
        ui: formOf(one),
      },
    ]),
  );
  const names = functions.map(({ name }) => name).join(", ");
  return `;api.export((() => {
  const table = ${JSON.stringify(table).replaceAll("</", "<\\/")};
  const functions = { ${names} };
  const argument = (input, data, config) => {
    if (input.kind === "axes") return data?.axes ?? "";
    if (input.kind !== "image" && input.kind !== "labels") {
      const answer = config[input.name] ?? undefined;
      return answer === "" && !input.required && typeof input.value !== "string" ? undefined : answer;
    }
    const value = data?.[input.kind] ?? (input.kind === "image" && data?.shape ? data : undefined);
    if (value === undefined && input.required) {
      throw new Error("This needs " + (input.kind === "image" ? "an image" : "labels") + ": open it, click on its window and run again.");
    }
    return value;
  };
  const operation = (name) => async (ctx) => {
    const { title, gives, inputs } = table[name];
    const { data, config = {} } = ctx ?? {};
    const args = [];
    for (const input of inputs) {
      const value = argument(input, data, config ?? {});
      if (input.within === null) args.push(value);
      else (args[input.within] ??= {})[input.name] = value;
    }
    const result = await functions[name](...args);
    const called = [data?.name, title].filter(Boolean).join(", ");
    if (!result?.shape || result.shape.length < 2) return result;
    const same = data?.axes?.length === result.shape.length ? { axes: data.axes } : {};
    const shown = gives === "labels" && data?.image ? { image: data.image, axes: data.axes, labels: result } : { image: result, ...same };
    return { type: "imjoy/image", name: called, data: shown };
  };
  const main = ${JSON.stringify(functions[0]?.name)};
  const setup = async () => {
    for (const [name, { title, ui }] of Object.entries(table)) {
      if (name !== main) await api.register({ type: "operator", name: title, ui, run: operation(name) });
    }
  };
  return { ...functions, setup, run: operation(main) };
})());`;
}

function inputOf({ name, kind, required, value, within }: JsParameter) {
  return { name, kind, required, within, ...(value === undefined ? {} : { value }) };
}
