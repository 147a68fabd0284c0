// What has changed since this program ran last; it begins anew where the history did.
//
//   npm ci && npm run generate && npm run build
//   npm run changes -- http://127.0.0.1:8000 followed.txt

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import createClient from "openapi-fetch";
import type { paths } from "./contract.js";

const [, , baseUrl = "http://127.0.0.1:8000", state = "followed.txt"] = process.argv;

const api = createClient<paths>({ baseUrl });
let since = existsSync(state) ? readFileSync(state, "utf8") : "0";
let more = true;

while (more) {
  const { data, error, response } = await api.GET("/v1/changes", { params: { query: { since } } });
  if (response.status === 409 && since !== "0") {
    console.log("Another history: forget what you hold, all of it follows.");
    since = "0";
    continue;
  }
  if (error) throw new Error(`${error.title}: ${error.detail}`);
  for (const change of data.data) {
    console.log(change.recorded_at, change.change, change.subject.kind, change.subject.id);
  }
  since = data.meta.next ?? since;
  more = data.links.next !== null;
}
writeFileSync(state, since);
