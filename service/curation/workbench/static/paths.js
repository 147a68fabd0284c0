// Parts of records by their paths: keys joined by dots.

// What stands at a path; `undefined` where there is nothing.
export function read(record, path) {
  let value = record;
  for (const step of path.split(".")) {
    if (value === undefined || value === null) return undefined;
    value = value[step];
  }
  return value;
}

// Puts a value at a path, with what lies above it; what is open (`undefined`) is left out.
export function write(record, path, value) {
  if (value === undefined) return;
  const steps = path.split(".");
  const last = steps.pop();
  let holder = record;
  for (const step of steps) {
    if (typeof holder[step] !== "object" || holder[step] === null) holder[step] = {};
    holder = holder[step];
  }
  holder[last] = value;
}
