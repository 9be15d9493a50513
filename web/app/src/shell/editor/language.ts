/** The languages of a plugin file: blocks of HTML with JavaScript, Python and JSON in them, or a plain module. */

import { closeBrackets } from "@codemirror/autocomplete";
import { html } from "@codemirror/lang-html";
import { javascript, javascriptLanguage } from "@codemirror/lang-javascript";
import { json, jsonLanguage } from "@codemirror/lang-json";
import { python, pythonLanguage } from "@codemirror/lang-python";
import { indentUnit } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { apiCompletion, manifestCompletion } from "./completion";

const isPython = ({ lang = "" }: Record<string, string>): boolean => /^py(thon)?3?$/i.test(lang);

/** What the editor knows of the file's language, with completion of the api in each. */
export function languageOf(file: string, text: string): Extension {
  const own = [
    javascriptLanguage.data.of({ autocomplete: apiCompletion("camel") }),
    pythonLanguage.data.of({ autocomplete: apiCompletion("snake") }),
    jsonLanguage.data.of({ autocomplete: manifestCompletion }),
    closeBrackets(),
  ];
  const four = indentUnit.of("    ");
  if (/\.py$/i.test(file)) return [python(), own, four];
  if (/\.m?js$/i.test(file)) return [javascript(), own];
  return [plugin(), own, /lang=["']?py/i.test(text) ? four : []];
}

function plugin(): Extension {
  return [
    html({
      selfClosingTags: true,
      nestedLanguages: [
        { tag: "script", attrs: isPython, parser: pythonLanguage.parser },
        {
          tag: "config",
          attrs: ({ lang = "json" }) => lang === "json",
          parser: jsonLanguage.parser,
        },
      ],
    }),
    javascript().support,
    python().support,
    json().support,
  ];
}
