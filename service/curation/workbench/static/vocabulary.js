// The records that claims refer to, found by what is typed of their names.

const MAX_FOUND = 8;

export function folded(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").replace(/[’‘]/g, "'").toLowerCase();
}

export class Vocabulary {
  constructor(name, singular, records) {
    this.name = name;
    this.singular = singular;
    this.records = new Map();
    for (const record of records) this.add(record);
  }

  add(record) {
    const names = [record.name, ...(record.other_names ?? [])].map(folded);
    this.records.set(record.id, { ...record, names });
  }

  // What a record is called; of an unknown one its id.
  title(id) {
    return this.records.get(id)?.name ?? id;
  }

  // Records whose names have words that begin with all that is typed, the likeliest first.
  // `ranked` are ids that the draft proposes; they are all there is before anything is typed.
  find(typed, ranked, taken) {
    const words = folded(typed).split(/\s+/).filter(Boolean);
    const free = (id) => !taken.includes(id) && this.records.has(id);
    const proposed = ranked.filter(free);
    if (!words.length) return proposed.map((id) => this.#option(id, true)).slice(0, MAX_FOUND);
    const found = [];
    for (const [id, { names }] of this.records) {
      const score = Math.max(...names.map((name) => likeness(name, words)));
      if (score > 0 && free(id)) found.push([score + (proposed.includes(id) ? 4 : 0), id]);
    }
    found.sort((a, b) => b[0] - a[0]);
    return found.slice(0, MAX_FOUND).map(([, id]) => this.#option(id, proposed.includes(id)));
  }

  #option(id, proposed) {
    const { name, note, open } = this.records.get(id);
    return { id, name, note, open, proposed };
  }
}

function likeness(name, words) {
  if (name === words.join(" ")) return 4;
  if (name.startsWith(words.join(" "))) return 3;
  const parts = name.split(/[\s'\-/().,]+/);
  if (words.every((word) => parts.some((part) => part.startsWith(word)))) return 2;
  return words.every((word) => name.includes(word)) ? 1 : 0;
}
