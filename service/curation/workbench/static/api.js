// Requests to the workbench. All addresses lie below that of the page, which holds the token.

const SHORT = 20_000; // UTF-16 units, at most 60,000 bytes; a browser lets 64 KiB outlive a page

export class Refused extends Error {
  constructor(answer, status) {
    super(answer.message);
    this.status = status;
    this.faults = answer.faults ?? [];
  }
}

export class Unreachable extends Error {}

// The answer of the workbench to a question, or to what is sent it. Throws `Unreachable` where there
// is none, and `Refused` with the workbench's own words.
export async function ask(path, body) {
  const options = body === undefined ? {} : post(body);
  let response;
  let answer;
  try {
    response = await fetch(path, options);
    answer = await response.json();
  } catch {
    throw new Unreachable(
      "The workbench does not answer. What stands here is still here: start `policy-claims curate` " +
        "again in its terminal, and go on.",
    );
  }
  if (!response.ok) throw new Refused(answer, response.status);
  return answer;
}

// What is sent while the page is closed arrives too, if it is short.
function post(body) {
  const headers = { "Content-Type": "application/json" };
  const text = JSON.stringify(body);
  return { method: "POST", headers, body: text, keepalive: text.length < SHORT };
}
