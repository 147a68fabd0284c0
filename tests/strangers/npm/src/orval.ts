// orval with axios, as it makes them by default.

import axios from "axios";
import { claim, from, member, tell, to, today, tomorrow, unknown } from "./asked.js";
import {
  compareOccasions, countClaims, getClaimJsonLd, listAgents, listChanges, listClaims, listDocuments,
} from "./orval/api.js";
import type { InvalidRequestProblem, Problem } from "./orval/api.js";

axios.defaults.baseURL = today;
const found = await listClaims({ kind: ["goal", "directive"], limit: 100 });
const refused = await listClaims({ cursor: "none-such" }).catch((e) => {
  if (axios.isAxiosError<InvalidRequestProblem>(e)) return e.response;
  throw e;
});
const faults = refused && "errors" in refused.data ? refused.data.errors : [];
tell(
  found.data.data.map((each) => each.id),
  refused?.status ?? 0,
  faults.map((fault) => fault.parameter),
);

axios.defaults.baseURL = tomorrow;
const { data: claims } = await listClaims({ limit: 100 });
const { data: counts } = await countClaims({ by: ["topic"] });
const { data: changes } = await listChanges();
const { data: rows } = await compareOccasions({ from, to });
const { data: documents } = await listDocuments();
const { data: agents } = await listAgents();
const { data: linked } = await getClaimJsonLd(claim);
const error = await countClaims({ by: [] }).catch((e) => {
  if (axios.isAxiosError<Problem>(e)) return e.response?.data;
  throw e;
});
unknown(
  claims.data[0]?.kind === member,
  claims.data.some((each) => each.relations[0]?.type === member),
  claims.data.some((each) => each.dates.announced?.precision === member),
  counts.meta.unit === member,
  counts.meta.by[0] === member,
  changes.data[0]?.subject.kind === member,
  rows.data.some((row) => row.from.record === member),
  documents.data[0]?.status === member,
  agents.data[0]?.kind === member,
  JSON.stringify(linked).includes(member),
  error !== undefined && "type" in error && error.type === member,
);
