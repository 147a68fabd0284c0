// The dialog for a new record: what a person has to say of it. A program makes its id.

import { Refused, ask } from "./api.js";
import { button, element, say } from "./dom.js";

const words = (value) => String(value).replaceAll("_", " ");

const FORMS = {
  agents: (choices) => [
    text("name", "Name"),
    select("kind", "Kind", choices.agent_kind),
    text("other_names", "Another name, as printed", { list: true }),
    select("reliability.grade", "Reliability, if it is quoted", choices.grade),
    text("reliability.rationale", "Reason of the grade"),
  ],
  topics: () => [text("label", "Label"), text("definition", "Definition")],
  occasions: (choices) => [
    text("name", "Name"),
    text("dates.edtf", "Date (EDTF)"),
    select("dates.basis", "How the date is known", choices.basis),
    text("dates.note", "Note on the date"),
  ],
  places: () => [text("name", "Name"), text("country", "Country (two letters)")],
};

// Lets a person describe a new record, which `name` begins (one with an `id` was drafted); gives its
// id, or null.
export function makeRecord(dialog, vocabulary, name, id, choices) {
  const form = dialog.querySelector("form");
  const fields = FORMS[vocabulary.name](choices);
  const problem = element("p", { class: "fault", role: "alert" });
  const title = element("h2", { id: "record-title" }, [`New ${vocabulary.singular}`]);
  const save = element("button", { value: "save" }, ["Add"]);
  const cancel = button("Cancel", () => dialog.close(""), { class: "plain" });
  form.replaceChildren(title, ...fields.map((field) => field.element), problem, element("p", {}, [save, cancel]));
  fields[0].input.value = name;
  return new Promise((resolve) => {
    let made = null;
    form.onsubmit = async (event) => {
      event.preventDefault();
      try {
        const record = await ask(`records/${vocabulary.name}`, { ...said(fields), id });
        vocabulary.add(record);
        made = record.id;
        say(`Added: ${record.name}`);
        dialog.close("");
      } catch (error) {
        problem.textContent = error instanceof Refused ? told(error, fields) : error.message;
      }
    };
    dialog.onclose = () => resolve(made);
    dialog.showModal();
    (fields.find((field) => !field.input.value) ?? fields[0]).input.focus();
  });
}

function said(fields) {
  const record = {};
  for (const { path, input, list } of fields) {
    const value = input.value.replace(/\s+/g, " ").trim();
    const [key, inner] = path.split(".");
    if (!value) continue;
    if (inner) record[key] = { ...record[key], [inner]: value };
    else record[key] = list ? [value] : value;
  }
  return record;
}

function told(error, fields) {
  const lines = error.faults.map(({ steps, found, allowed }) => {
    const field = fields.find(({ path }) => path === steps.join(".")) ?? fields.find(({ path }) => path.startsWith(steps[0]));
    return `${field?.label ?? steps.join(" ")}: found ${found}; allowed: ${allowed}`;
  });
  return lines.join("\n") || error.message;
}

function text(path, label, { list = false } = {}) {
  const input = element("input", { type: "text", dir: "auto" });
  return { path, label, input, list, element: element("label", {}, [label, input]) };
}

function select(path, label, values) {
  const options = ["", ...values].map((value) => element("option", { value }, [words(value) || "–"]));
  const input = element("select", {}, options);
  return { path, label, input, element: element("label", {}, [label, input]) };
}
