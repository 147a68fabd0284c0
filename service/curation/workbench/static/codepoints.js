// Offsets in code points, as readings count them; strings of JavaScript count UTF-16 units.

const PAIR = /[\ud800-\udbff][\udc00-\udfff]/g;

// How many code points a string has.
export function count(text) {
  let pairs = 0;
  PAIR.lastIndex = 0;
  while (PAIR.test(text)) pairs += 1;
  return text.length - pairs;
}

// The place in a string, in UTF-16 units, that lies so many code points behind its start.
export function place(text, points) {
  let at = 0;
  for (let n = 0; n < points && at < text.length; n += 1) {
    at += isPair(text, at) ? 2 : 1;
  }
  return at;
}

// A place in a string that does not lie inside a pair of surrogates.
export function whole(text, at) {
  return at > 0 && isPair(text, at - 1) ? at - 1 : at;
}

function isPair(text, at) {
  const high = text.charCodeAt(at);
  if (high < 0xd800 || high > 0xdbff) return false;
  const low = text.charCodeAt(at + 1);
  return low >= 0xdc00 && low <= 0xdfff;
}
