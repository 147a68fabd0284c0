// What every generated client is asked, and how it tells what it got. See test_generated.py.

export const [, , today = "", tomorrow = "", claim = "", from = "", to = ""] = process.argv;

/** A member of an open list that was unknown when the client was generated. */
export const member = "of-tomorrow";

/** Ends unless a text is the unknown member: to compare the two, a compiler must allow it. */
export function unknown(...truths: (boolean | undefined)[]): void {
  truths.forEach((is, number) => {
    if (!is) throw new Error(`list ${number} has no unknown member`);
  });
}

/** The ids of the claims that a filter with two values found, and a refusal, as it was read. */
export function tell(ids: string[], status: number, parameters: string[]): void {
  console.log(JSON.stringify({ ids, status, parameters }));
}
