/** Views that are forms: `imjoy/joy`, `imjoy/panel` and `imjoy/schema-io`. */
import { newId } from "@imjoy/rpc";
import type { Form } from "../model";
import { answersOf, readForm } from "../plugins/form";
import { givenAnswers } from "../plugins/form-values";
import { fieldsOfGenerator } from "../plugins/generator-form";
import { isSchema } from "../plugins/schema-form";
import type { Desk } from "./desk";
import { asRecord } from "./record";
import { show } from "./text";
import type { OpenedView, Tell, View, ViewRequest } from "./view";

type Answers = Record<string, unknown>;

export const openForm: View = async (desk, request, tell) => {
  const { data, config } = request;
  const ui = request.ui ?? asRecord(config).ui ?? asRecord(data).ui ?? data;
  const shown = new FormView(desk, request, readForm(ui), asRecord(config), tell);
  return {
    ...shown.view(),
    change: (given) => shown.answer(asRecord(given)),
  };
};

/** Forms and points of measurements one below the other, added and taken away while it is open. */
export const openPanels: View = async (desk, request, tell) => {
  const given = { ...asRecord(request.config), ...asRecord(request.data) };
  const panels = new Map<string, Panel>();
  const shown = new FormView(desk, request, { fields: [], html: "" }, {}, tell);
  const redraw = (): void => shown.setForm(formOf([...panels.values()]));
  const append = (panel: unknown): string => {
    const { id, name, schema, model, data } = asRecord(panel);
    const key = String(id ?? newId());
    const points = Array.isArray(data) ? data : [];
    panels.set(key, { name: show(name), form: readPanel(schema, asRecord(model)), points });
    redraw();
    return key;
  };
  const first = given.schema ? append(given) : "";
  for (const panel of Array.isArray(given.panels) ? given.panels : []) append(panel);
  return {
    ...shown.view({
      append,
      remove: (id: unknown) => {
        panels.delete(String(id));
        redraw();
      },
      appendDataPoint: (point: unknown, id: unknown = first) => {
        panels.get(String(asRecord(id).id ?? id))?.points.push(point);
        redraw();
      },
      getData: () => shown.answers(),
    }),
    change: (data) => void append(data),
  };
};

interface Panel {
  name: string;
  form: Form;
  points: unknown[];
}

/** Points that are shown of one panel; all of them are kept. */
const POINTS = 5;

class FormView {
  private readonly id: string;
  private values: Answers;

  constructor(
    private readonly desk: Desk,
    { name, beside }: ViewRequest,
    private form: Form,
    answers: Answers,
    private readonly tell: Tell,
  ) {
    this.values = answersOf(form.fields, answers);
    this.id = desk.windows.open({ title: name, content: this.content(), beside }).id;
  }

  view(methods: OpenedView["methods"] = {}): OpenedView {
    const own = {
      getConfig: () => this.answers(),
      setConfig: (given: Answers) => this.answer(given),
    };
    return { id: this.id, methods: { ...own, ...methods } };
  }

  answers(): Answers {
    return givenAnswers(this.form.fields, this.values);
  }

  answer(given: Answers): void {
    this.values = answersOf(this.form.fields, { ...this.values, ...given });
    this.redraw();
  }

  setForm(form: Form): void {
    this.form = form;
    this.answer({});
  }

  private redraw(): void {
    this.desk.windows.change(this.id, { content: this.content() });
  }

  private content() {
    return {
      kind: "form",
      form: this.form,
      answers: this.values,
      onChange: (field: string, value: unknown) => {
        this.answer({ [field]: value });
        this.tell("change", { id: field, value, config: this.answers() });
      },
      onPress: (field: string) => this.tell(field, this.answers()),
    } as const;
  }
}

function readPanel(schema: unknown, model: Answers): Form {
  const { fields, html } = isSchema(schema)
    ? readForm(schema)
    : { fields: fieldsOfGenerator(schema), html: "" };
  const values = answersOf(fields, model);
  return { fields: fields.map((field) => ({ ...field, value: values[field.id] })), html };
}

function formOf(panels: Panel[]): Form {
  const texts = panels.flatMap(({ name, points }) => {
    const last = points.slice(-POINTS).map((point) => show(point));
    return [name, ...last].filter(Boolean).map(escaped);
  });
  return { fields: panels.flatMap(({ form }) => form.fields), html: texts.join("<br>") };
}

function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
}
