// Makes one tree like another in place, so that focus, open sections and the caret stay where they
// are. Elements with an id are found again by it; all others by their place.

export function morph(old, made) {
  copyAttributes(old, made);
  const ours = new Map();
  for (const child of old.children) {
    if (child.id) ours.set(child.id, child);
  }
  let here = old.firstChild;
  for (const wanted of [...made.childNodes]) {
    const known = wanted.id ? ours.get(wanted.id) : undefined;
    const match = known ?? (here && alike(here, wanted) ? here : undefined);
    if (match === undefined) {
      old.insertBefore(wanted, here);
    } else {
      if (match === here) here = here.nextSibling;
      else old.insertBefore(match, here);
      update(match, wanted);
    }
  }
  while (here) {
    const next = here.nextSibling;
    here.remove();
    here = next;
  }
}

function alike(ours, wanted) {
  return ours.nodeName === wanted.nodeName && (ours.id ?? "") === (wanted.id ?? "");
}

function update(ours, wanted) {
  if (ours.nodeType === Node.ELEMENT_NODE) morph(ours, wanted);
  else if (ours.nodeValue !== wanted.nodeValue) ours.nodeValue = wanted.nodeValue;
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
