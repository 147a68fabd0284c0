// Swagger UI on our contract. It fills every field of its form with the parameter's example, and
// all filters together match nothing: examples of optional parameters become text instead.
function withExamplesAsText(contract) {
  for (const parameter of Object.values(contract.components.parameters)) {
    if (!parameter.required && parameter.example !== undefined) {
      parameter.description += ` For example \`${String(parameter.example)}\`.`;
      delete parameter.example;
      delete parameter.schema.default;
    }
  }
  return contract;
}

// The operations come first: of what holds for all of them the first paragraph is shown, and the rest
// opens on demand. Requests go to the host that shows the page, whatever address the contract names.
function withOperationsFirst(contract) {
  const [first, ...rest] = contract.info.description.split("\n\n");
  contract.info.description =
    `${first}\n\n<details><summary>Requests, answers, caching, errors: what holds for all</summary>\n\n` +
    `${rest.join("\n\n")}\n\n</details>`;
  contract.servers = [{ url: "/" }];
  return contract;
}

// Its dark scheme is switched on by a class, not by the media query.
const dark = matchMedia("(prefers-color-scheme: dark)");
function setScheme() {
  document.documentElement.classList.toggle("dark-mode", dark.matches);
}

// Accessibility faults of Swagger UI: parts and fields without a label, and a link inside each button
// that opens an operation.
function repair() {
  label(".information-container", "About the API", "region");
  label("#operations", "Operations");
  label("#servers", "Server");
  for (const link of document.querySelectorAll(".opblock-summary-control a[href]")) {
    link.removeAttribute("href");
  }
}

function label(selector, words, role) {
  const part = document.querySelector(selector);
  if (!part || part.hasAttribute("aria-label")) return;
  part.setAttribute("aria-label", words);
  if (role) part.setAttribute("role", role);
}

// The remote validator is off: it would send this address to a third party.
async function show() {
  setScheme();
  dark.addEventListener("change", setScheme);
  const response = await fetch("/openapi.json");
  const place = document.getElementById("swagger");
  new MutationObserver(repair).observe(place, { childList: true, subtree: true });
  SwaggerUIBundle({
    spec: withOperationsFirst(withExamplesAsText(await response.json())),
    dom_id: "#swagger",
    deepLinking: true,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    supportedSubmitMethods: ["get"],
    tryItOutEnabled: true,
    validatorUrl: null,
  });
}

show();
