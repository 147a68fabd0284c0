// Copy buttons: the API request of a page as an address, for curl and for Python; a citation.

const CITATION = "citation";

export function snippets(request) {
  const absolute = (address) => new URL(address, location.href).href;
  const url = absolute(request.dataset.path);
  return {
    url,
    csv: request.dataset.csv ? absolute(request.dataset.csv) : "",
    curl: `curl --silent --show-error --fail ${quoted(url)}`,
    python: python(url),
  };
}

// No address of ours has an apostrophe: the service percent-encodes it.
function quoted(text) {
  return `'${text.replaceAll("'", "%27")}'`;
}

function python(url) {
  const { origin, pathname, searchParams } = new URL(url);
  const pairs = [...searchParams].map(([name, value]) => `    ${literal(name)}: ${literal(value)},\n`);
  const params = pairs.length ? `\nparams = {\n${pairs.join("")}}` : "\nparams = {}";
  const ask = (address, given) => `requests.get(${address}, params=${given}, timeout=30)\n`;
  const address = literal(origin + pathname);
  if (!pathname.endsWith("/v1/claims")) {
    return (
      `import requests\n${params}\nanswer = ${ask(address, "params")}` +
      'answer.raise_for_status()\ndata = answer.json()["data"]\n'
    );
  }
  return (
    "from urllib.parse import urljoin\n\nimport requests\n" +
    `${params}\nclaims, url = [], ${address}\nwhile url:  # a page after the other\n` +
    `    answer = ${ask("url", "params")}` +
    "    answer.raise_for_status()\n    page = answer.json()\n" +
    '    claims += page["data"]\n    following, params = page["links"]["next"], None\n' +
    "    url = following and urljoin(url, following)\n"
  );
}

// A JSON string is a Python string too.
function literal(text) {
  return JSON.stringify(text);
}

// navigator.clipboard exists in secure contexts only; elsewhere a selection is copied.
export async function copy(text) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "sr";
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  if (!copied) throw new Error("the browser did not copy");
}

// By delegation, since the buttons are replaced when the page changes.
export function listen(say) {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-copy]");
    if (!button) return;
    const what = button.dataset.copy;
    const text =
      what === CITATION
        ? document.getElementById("citation").innerText.trim()
        : snippets(button.closest("[data-path]"))[what];
    try {
      await copy(text);
      say(`Copied: ${button.textContent.replace("Copy ", "")}`, button);
    } catch {
      say("The browser did not let it be copied", button);
    }
  });
}

export function showButtons(root) {
  for (const list of root.querySelectorAll(".copies")) list.hidden = false;
}
