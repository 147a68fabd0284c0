// Makes one tree like another in place, so that focus, open sections and the caret stay where they
// are. What has a name is found again by it; all else by its place. What has the focus is never
// moved, since moving it would take the focus away: the others are moved around it.

export function morph(old, made) {
  copyAttributes(old, made);
  const ours = named(old);
  const theirs = named(made);
  let here = old.firstChild;
  for (const wanted of [...made.childNodes]) {
    const known = ours.get(key(wanted));
    while (here && here !== known && leaves(here, theirs, known)) {
      const next = here.nextSibling;
      if (theirs.has(key(here))) old.append(here);
      else here.remove();
      here = next;
    }
    const match = known ?? (here && alike(here, wanted) ? here : undefined);
    if (match === undefined) {
      old.insertBefore(wanted, here);
      continue;
    }
    if (match === here) here = here.nextSibling;
    else old.insertBefore(match, here);
    if (match.nodeType === Node.ELEMENT_NODE) morph(match, wanted);
    else if (match.nodeValue !== wanted.nodeValue) match.nodeValue = wanted.nodeValue;
  }
  while (here) {
    const next = here.nextSibling;
    here.remove();
    here = next;
  }
}

// Its id, or that of the one field that a list item is about. The property `id` of a form with a
// field of that name would be the field.
function key(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return "";
  const field = node.nodeName === "LI" ? node.querySelector("input[id]") : null;
  return field ? `item-${field.id}` : (node.getAttribute("id") ?? "");
}

function named(parent) {
  const found = new Map([...parent.children].map((child) => [key(child), child]));
  found.delete("");
  return found;
}

// Whether a node makes room: it is wanted no more, or it stands before the one that has the focus.
function leaves(node, theirs, known) {
  if (key(node) !== "" && !theirs.has(key(node))) return true;
  return known !== undefined && known.contains(document.activeElement);
}

function alike(ours, wanted) {
  return ours.nodeName === wanted.nodeName && key(ours) === key(wanted);
}

// What the reader opened stays open, and what is being typed stays as typed.
function copyAttributes(ours, wanted) {
  const kept = ours.nodeName === "DETAILS" ? "open" : null;
  for (const { name } of [...ours.attributes]) {
    if (name !== kept && !wanted.hasAttribute(name)) ours.removeAttribute(name);
  }
  for (const { name, value } of wanted.attributes) {
    if (ours.getAttribute(name) !== value) ours.setAttribute(name, value);
  }
  if (ours.nodeName === "INPUT") {
    ours.checked = wanted.hasAttribute("checked");
    if (ours !== document.activeElement) ours.value = wanted.getAttribute("value") ?? "";
  }
  if (ours.nodeName === "OPTION") ours.selected = wanted.hasAttribute("selected");
}
