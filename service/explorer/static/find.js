// A search within a filter that has more values than stand on the page: it asks the page of all its
// values, and takes over the ones found.

const PAUSE = 200; // ms

export function find(root, asked) {
  for (const facet of root.querySelectorAll("details[data-facet]")) {
    const shown = facet.querySelectorAll(".choices li").length;
    if (Number(facet.dataset.size) > shown && !facet.querySelector(".find")) add(facet, asked);
  }
}

function add(facet, asked) {
  const name = facet.dataset.facet;
  const title = facet.querySelector("summary").firstChild.textContent.trim();
  const paragraph = document.createElement("p");
  paragraph.className = "find";
  paragraph.id = `find-${name}`;
  const field = document.createElement("input");
  field.type = "search";
  field.id = `find-${name}-text`;
  field.placeholder = `Find among ${Number(facet.dataset.size).toLocaleString("en")}`;
  field.setAttribute("aria-label", `${title}: find a value`);
  field.autocomplete = "off";
  paragraph.append(field);
  facet.querySelector("fieldset").prepend(paragraph);
}

// Of a very large data set the values are counted when they are asked for.
document.addEventListener(
  "toggle",
  (event) => {
    const facet = event.target;
    if (facet.open && "waiting" in facet.dataset) look(facet, "");
  },
  true,
);

let waiting = 0;
let underway = null;

document.addEventListener("input", (event) => {
  const paragraph = event.target.closest(".find");
  if (!paragraph) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => look(paragraph.closest("details"), event.target.value), PAUSE);
});

async function look(facet, text) {
  underway?.abort();
  underway = new AbortController();
  const address = new URL(facet.dataset.all, location.href);
  if (text.trim()) address.searchParams.set("find", text.trim());
  try {
    const answer = await fetch(address, { signal: underway.signal });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    take(facet, page.querySelector(".choices"));
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  }
}

const MOST = 10;

// Chosen values stay, whatever is looked for: they are part of what is asked.
function take(facet, found) {
  const list = facet.querySelector(".choices");
  const kept = [...list.querySelectorAll("li")].filter((item) => item.querySelector(":checked"));
  const known = new Set(kept.map((item) => item.querySelector("input").value));
  const others = [...(found?.querySelectorAll("li") ?? [])].filter(
    (item) => !known.has(item.querySelector("input").value),
  );
  list.replaceChildren(...kept, ...others.slice(0, MOST).map((item) => document.adoptNode(item)));
}
