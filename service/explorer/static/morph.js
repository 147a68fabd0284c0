// Changes one tree into another in place, so that focus, open sections and the caret stay. Nodes
// with a key are matched by it, all others by position. The node with the focus is never moved, since
// moving a node takes the focus away: the others are moved around it.

export function morph(old, target) {
  copyAttributes(old, target);
  const oldByKey = byKey(old);
  const targetByKey = byKey(target);
  let here = old.firstChild;
  for (const wanted of [...target.childNodes]) {
    const keyed = oldByKey.get(key(wanted));
    while (here && here !== keyed && mustMove(here, targetByKey, keyed)) {
      const next = here.nextSibling;
      if (targetByKey.has(key(here))) old.append(here);
      else here.remove();
      here = next;
    }
    const match = keyed ?? (here && alike(here, wanted) ? here : undefined);
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

// The id of an element, or that of the field in a list item. Read as an attribute, since `form.id`
// is a field of that name where the form has one.
function key(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return "";
  const field = node.nodeName === "LI" ? node.querySelector("input[id]") : null;
  return field ? `item-${field.id}` : (node.getAttribute("id") ?? "");
}

function byKey(parent) {
  const children = new Map([...parent.children].map((child) => [key(child), child]));
  children.delete("");
  return children;
}

// Whether a node is not in the target, or stands before the matching node, which has the focus.
function mustMove(node, targetByKey, keyed) {
  if (key(node) !== "" && !targetByKey.has(key(node))) return true;
  return keyed !== undefined && keyed.contains(document.activeElement);
}

function alike(old, wanted) {
  return old.nodeName === wanted.nodeName && key(old) === key(wanted);
}

// Sections stay open or closed, and the text in the focused field stays.
function copyAttributes(old, wanted) {
  const unchanged = old.nodeName === "DETAILS" ? "open" : null;
  for (const { name } of [...old.attributes]) {
    if (name !== unchanged && !wanted.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of wanted.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  if (old.nodeName === "INPUT") {
    old.checked = wanted.hasAttribute("checked");
    if (old !== document.activeElement) old.value = wanted.getAttribute("value") ?? "";
  }
  if (old.nodeName === "OPTION") old.selected = wanted.hasAttribute("selected");
}
