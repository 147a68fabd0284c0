// Goals announced for a year, each with who said so, through a client whose types are generated
// from the contract:
//
//   npm ci && npm run generate && npm run build
//   npm start -- http://127.0.0.1:8000 2024

import createClient from "openapi-fetch";
import type { components, paths } from "./contract.js";

type Claim = components["schemas"]["Claim"];
type Query = NonNullable<paths["/v1/claims"]["get"]["parameters"]["query"]>;

const [, , baseUrl = "http://127.0.0.1:8000", year = "2024"] = process.argv;

const api = createClient<paths>({ baseUrl });

/** Every claim that announces a goal for the year, restatements left out, page by page. */
async function* goals(): AsyncGenerator<Claim> {
  const query: Query = {
    goals_only: true,
    distinct: true,
    horizon: [year],
    kind: ["goal", "directive"],
    limit: 1,
  };
  for (;;) {
    const { data, error } = await api.GET("/v1/claims", { params: { query } });
    if (error) throw new Error(`${error.title}: ${error.detail}`);
    yield* data.data;
    if (data.meta.next_cursor === null) return;
    query.cursor = data.meta.next_cursor;
  }
}

for await (const claim of goals()) {
  const chain = claim.sources.map((link) => link.agent.name).join(" → ");
  const when = claim.dates.announced?.edtf ?? "unknown";
  const { attribution, content } = claim.confidence;
  console.log(JSON.stringify({
    id: claim.id,
    statement: claim.statement,
    specificity: claim.goal?.specificity,
    chain,
    announced: when,
    attribution: attribution.score,
    content: content.score,
  }));
}

// What is wrong with a request is typed, too: every fault, and what was probably meant.
const refused = await api.GET("/v1/counts", {
  // @ts-expect-error: the compiler knows every dimension
  params: { query: { by: ["topics"] } },
});
if (refused.response.status === 400 && refused.error && "errors" in refused.error) {
  for (const fault of refused.error.errors) {
    console.log(JSON.stringify({ refused: fault.parameter, meant: fault.did_you_mean ?? null }));
  }
}
