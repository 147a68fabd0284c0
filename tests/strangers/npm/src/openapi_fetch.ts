// openapi-typescript and openapi-fetch.

import createClient from "openapi-fetch";
import { claim, from, member, tell, to, today, tomorrow, unknown } from "./asked.js";
import type { paths } from "./openapi_typescript/contract.js";

const api = createClient<paths>({ baseUrl: today });
const found = await api.GET("/v1/claims", {
  params: { query: { kind: ["goal", "directive"], limit: 100 } },
});
if (found.error) throw new Error(found.error.title);
const refused = await api.GET("/v1/claims", {
  params: { query: { cursor: "none-such" } },
});
const faults = refused.error && "errors" in refused.error ? refused.error.errors : [];
tell(
  found.data.data.map((each) => each.id),
  refused.response.status,
  faults.map((fault) => fault.parameter),
);

const grown = createClient<paths>({ baseUrl: tomorrow });
const { data: claims } = await grown.GET("/v1/claims", { params: { query: { limit: 100 } } });
const { data: counts } = await grown.GET("/v1/counts", { params: { query: { by: ["topic"] } } });
const { data: changes } = await grown.GET("/v1/changes");
const { data: rows } = await grown.GET("/v1/compare", { params: { query: { from, to } } });
const { data: documents } = await grown.GET("/v1/documents");
const { data: agents } = await grown.GET("/v1/agents");
const { data: linked } = await grown.GET("/v1/claims/{id}.jsonld", {
  params: { path: { id: claim } },
});
const { error } = await grown.GET("/v1/counts", { params: { query: { by: [] } } });
unknown(
  claims?.data[0]?.kind === member,
  claims?.data.some((each) => each.relations[0]?.type === member),
  claims?.data.some((each) => each.dates.announced?.precision === member),
  counts?.meta.unit === member,
  counts?.meta.by[0] === member,
  changes?.data[0]?.subject.kind === member,
  rows?.data.some((row) => row.from.record === member),
  documents?.data[0]?.status === member,
  agents?.data[0]?.kind === member,
  JSON.stringify(linked).includes(member),
  error?.type === member,
);
