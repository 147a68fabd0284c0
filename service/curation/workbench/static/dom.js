// Elements made by script. Texts are set as texts, never parsed as markup.

export function element(name, attributes = {}, children = []) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

export function button(label, press, attributes = {}) {
  const made = element("button", { type: "button", ...attributes }, [label]);
  made.addEventListener("click", press);
  return made;
}

// Whether keys that are pressed in an element are written into it.
export function isTyped(target) {
  return target.matches("textarea, select, input:not([type=radio], [type=checkbox])");
}

const status = document.getElementById("status");

const SHOWN = 5000; // ms
let timer = 0;

// Says something to those who do not look at the page, and shows it for a while to those who do,
// unless they see it anyhow.
export function say(message, { seen = false } = {}) {
  status.textContent = "";
  status.textContent = message;
  status.classList.toggle("sr", seen);
  clearTimeout(timer);
  timer = setTimeout(() => status.classList.add("sr"), SHOWN);
}
