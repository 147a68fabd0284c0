// A search within a facet that has more values than the page shows: it fetches the page of all its
// values and takes over the matching ones.

const PAUSE = 200; // ms

export function find(root) {
  for (const facet of root.querySelectorAll("details[data-facet]")) {
    const shown = facet.querySelectorAll(".choices li").length;
    if (Number(facet.dataset.size) > shown && !facet.querySelector(".find")) add(facet);
  }
}

function add(facet) {
  const name = facet.dataset.facet;
  const title = facet.querySelector("summary").firstChild.textContent.trim();
  const paragraph = document.createElement("p");
  paragraph.className = "find";
  paragraph.id = `find-${name}`;
  const field = document.createElement("input");
  field.type = "search";
  field.id = `find-${name}-text`;
  const size = Number(facet.dataset.size).toLocaleString("en");
  field.placeholder = "waiting" in facet.dataset ? "Find by name" : `Find among ${size}`;
  field.setAttribute("aria-label", `${title}: find a value`);
  field.autocomplete = "off";
  paragraph.append(field);
  facet.querySelector("fieldset").prepend(paragraph);
}

// In a very large data set the values are counted when the facet is opened.
document.addEventListener(
  "toggle",
  (event) => {
    const facet = event.target;
    if (facet.open && "waiting" in facet.dataset) load(facet, "");
  },
  true,
);

let timer = 0;
let request = null;

document.addEventListener("input", (event) => {
  const paragraph = event.target.closest(".find");
  if (!paragraph) return;
  clearTimeout(timer);
  timer = setTimeout(() => load(paragraph.closest("details"), event.target.value), PAUSE);
});

async function load(facet, text) {
  request?.abort();
  request = new AbortController();
  const address = new URL(facet.dataset.all, location.href);
  if (text.trim()) address.searchParams.set("find", text.trim());
  try {
    const response = await fetch(address, { signal: request.signal });
    if (!response.ok) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    replaceValues(facet, page.querySelector(".choices"));
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  }
}

const MAX_VALUES = 10;

// Chosen values stay, whatever the search text: they are part of the form's state.
function replaceValues(facet, matching) {
  const list = facet.querySelector(".choices");
  const chosen = [...list.querySelectorAll("li")].filter((item) => item.querySelector(":checked"));
  const values = new Set(chosen.map((item) => item.querySelector("input").value));
  const others = [...(matching?.querySelectorAll("li") ?? [])].filter(
    (item) => !values.has(item.querySelector("input").value),
  );
  list.replaceChildren(...chosen, ...others.slice(0, MAX_VALUES).map((item) => document.adoptNode(item)));
}
