// Requests to the workbench. All addresses lie below that of the page, which holds the token.

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

function post(body) {
  const headers = { "Content-Type": "application/json" };
  return { method: "POST", headers, body: JSON.stringify(body) };
}
