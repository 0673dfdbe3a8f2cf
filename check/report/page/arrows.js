// Arrows between steps: what orders them.

const mostArrows = 400;

// anchor says where arrows of an element begin and end.
function anchor(view, e) {
  const row = e.closest("li");
  const y = row.offsetTop + e.offsetTop + e.offsetHeight / 2;
  if (view.roomy) return { left: e.offsetLeft, right: e.offsetLeft + e.offsetWidth, y };
  const dot = e.querySelector(".dot");
  const x = e.offsetLeft + dot.offsetLeft + dot.offsetWidth / 2;
  return { left: x - 5, right: x + 5, y };
}

// drawArrows draws them when the layout is settled, once for all that has changed.
function drawArrows(view) {
  if (view.drawing) return;
  view.drawing = true;
  requestAnimationFrame(() => {
    view.drawing = false;
    draw(view);
  });
}

function draw(view) {
  if (!view.box.clientWidth || !view.rows) return;
  const lines = arrowsOf(view).map((a) => ({ ...a, d: curve(anchor(view, a.from), anchor(view, a.to)) }));
  view.arrows.replaceChildren(heads(view), ...lines.map((a) => line(view, a)));
}

// arrowsOf returns the arrows whose ends are shown, those of the selected step last.
function arrowsOf(view) {
  const { m, buttons, app } = view;
  const at = app.shown(view);
  const all = [];
  for (const e of m.edges) {
    if (!app.arrows[e.kind] || !buttons.has(e.from) || !buttons.has(e.to)) continue;
    const strong = e.from === at || e.to === at;
    all.push({ kind: e.kind, from: buttons.get(e.from), to: buttons.get(e.to), strong });
  }
  all.sort((a, b) => a.strong - b.strong);
  return [...all.slice(-mostArrows), ...waitArrows(view)];
}

// waitArrows lead from who waits for ever to where what it waits for was taken.
function waitArrows(view) {
  const all = [];
  for (const [i, chip] of view.waiting) {
    const w = view.m.waits[i];
    const holder = w.object && view.m.holder(w.object, w.task);
    if (holder && view.buttons.has(holder.step)) {
      all.push({ kind: "waits", from: chip, to: view.buttons.get(holder.step), strong: true });
    }
  }
  return all;
}

function curve(a, b) {
  if (Math.abs(a.left - b.left) < 2) { // in one lane
    return `M${a.right} ${a.y}C${a.right + 22} ${a.y} ${b.right + 24} ${b.y} ${b.right + 2} ${b.y}`;
  }
  const right = a.left + a.right <= b.left + b.right;
  const x1 = right ? a.right : a.left;
  const x2 = right ? b.left - 2 : b.right + 2;
  const bend = Math.max(14, Math.abs(x2 - x1) / 2) * (right ? 1 : -1);
  return `M${x1} ${a.y}C${x1 + bend} ${a.y} ${x2 - bend} ${b.y} ${x2} ${b.y}`;
}

function heads(view) {
  const defs = svg("defs");
  for (const kind of ["happens-before", "conflict", "waits"]) {
    const marker = svg("marker", {
      id: `${view.id}-${kind}`, class: `tip ${kind}`, viewBox: "0 0 8 8", refX: 7, refY: 4,
      markerWidth: 7, markerHeight: 7, markerUnits: "userSpaceOnUse", orient: "auto",
    });
    marker.append(svg("path", { d: "M0 0L8 4L0 8z" }));
    defs.append(marker);
  }
  return defs;
}

function line(view, a) {
  return svg("path", {
    class: `arrow ${a.kind}${a.strong ? " strong" : ""}`, d: a.d, "marker-end": `url(#${view.id}-${a.kind})`,
  });
}
