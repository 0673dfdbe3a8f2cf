// Helpers that know nothing of reports.

// el makes an element. What begins with "on" is a listener, other properties
// are attributes, and children that are strings become text, never markup.
function el(tag, props, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(props || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) e.addEventListener(name.slice(2), value);
    else e.setAttribute(name, value === true ? "" : value);
  }
  e.append(...children.flat(Infinity).filter(isChild));
  return e;
}

function isChild(c) {
  return c !== undefined && c !== null && c !== false && c !== "";
}

// svg makes an SVG element.
function svg(tag, props) {
  const e = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(props || {})) e.setAttribute(name, value);
  return e;
}

// bdi makes text of users, which may be written from right to left.
function bdi(text, cls) {
  return el("bdi", { class: cls }, text);
}

function plural(n, noun) {
  return n === 1 ? `1 ${noun}` : `${n} ${noun}s`;
}

// duration writes nanoseconds as Go does, a little shorter.
function duration(ns) {
  if (ns < 1e3) return `${ns}ns`;
  if (ns < 1e6) return `${trim(ns / 1e3)}µs`;
  if (ns < 1e9) return `${trim(ns / 1e6)}ms`;
  const seconds = ns / 1e9;
  if (seconds < 60) return `${trim(seconds)}s`;
  const minutes = Math.floor(seconds / 60);
  const rest = `${trim(seconds - 60 * minutes)}s`;
  if (minutes < 60) return `${minutes}m${rest}`;
  return `${Math.floor(minutes / 60)}h${minutes % 60}m${rest}`;
}

function trim(x) {
  return String(Math.round(x * 1000) / 1000);
}

// place says where in the source something is.
function place(at) {
  if (!at.file) return "";
  return at.line ? `${at.file}:${at.line}` : at.file;
}

// say tells a screen reader what has changed.
function say(text) {
  document.getElementById("said").textContent = text;
}

// copy puts text on the clipboard, also where a page may not ask for it.
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

function copyBySelection(text) {
  const area = el("textarea", { class: "unseen", readonly: true });
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}
