// The panel beside the schedule: one step, and the state after it.

function inspect(view, i, sources, choose) {
  if (i < 0) return [el("p", { class: "dim" }, "There are no steps.")];
  return [stepCard(view, i, sources, choose), stateCard(view, i)];
}

function stepCard(view, i, sources, choose) {
  const m = view.m;
  const s = m.steps[i];
  return el("section", { class: "card", id: "detail", "aria-label": "Selected step" },
    el("p", { class: "dim" }, counted(m, s)),
    el("h3", {}, bdi(m.name(s.task)), ": ", el("code", {}, bdi(s.text))),
    s.about && el("p", { class: "note bad" }, "★ The finding is about this step."),
    !s.about && view.marked.has(i) && el("p", { class: "note good" },
      "★ In the schedule that fails the finding is about this operation."),
    s.preempts && switchNote(m, i),
    s.side && el("p", { class: "note" }, "No operation of its own: it came with another one."),
    excerpt(s, sources),
    facts(m, s),
    orders(m, i, choose));
}

function counted(m, s) {
  if (s.n < 1) return "Before the first operation";
  return `${s.side ? "With operation" : "Operation"} ${s.n} of ${m.steps[m.steps.length - 1].n}`;
}

function switchNote(m, i) {
  const left = m.left(i);
  if (left < 0) return null;
  return el("p", { class: "note warn" }, "⇄ Switched to here although ", el("b", {}, bdi(m.name(left))), " could go on.");
}

function facts(m, s) {
  const held = (s.held || []).map((o) => m.object(o)).join(", ");
  const clock = (s.clock || []).flatMap((n, t) => (n > 0 ? [`${m.name(t)}: ${n}`] : [])).join(", ");
  const rows = [
    ["Value", s.value && el("code", {}, bdi(s.value))],
    ["Locks held", el("span", { class: held ? "" : "dim" }, bdi(held || "none"))],
    ["Task", m.tasks[s.task].path && el("code", {}, bdi(m.tasks[s.task].path))],
    ["Virtual time", duration(s.time)],
    ["Vector clock", clock && bdi(clock)],
  ].filter((r) => r[1]);
  return el("dl", { class: "facts" }, rows.map(([k, v]) => [el("dt", {}, k), el("dd", {}, v)]));
}

// excerpt shows the source around a place.
function excerpt(at, sources) {
  if (!at.file) return null;
  const source = sources.find((s) => s.file === at.file && at.line >= s.first && at.line < s.first + s.lines.length);
  if (!source) return el("p", { class: "at" }, bdi(place(at)));
  const from = Math.max(source.first, at.line - 4);
  const to = Math.min(source.first + source.lines.length - 1, at.line + 4);
  const lines = source.lines.slice(from - source.first, to - source.first + 1);
  return el("figure", { class: "source" },
    el("figcaption", {}, bdi(`${source.path || source.file}:${at.line}`)),
    el("pre", { tabindex: "0", "aria-label": "Source" }, outdent(lines).map((text, k) => el("span", {
      class: from + k === at.line ? "line here" : "line", "aria-current": from + k === at.line && "true",
    }, el("span", { class: "n" }, String(from + k)), el("bdi", { dir: "ltr" }, text || " "), "\n"))));
}

// outdent cuts off what all lines begin with.
function outdent(lines) {
  const tabs = lines.filter((l) => l.trim()).map((l) => l.match(/^\t*/)[0].length);
  const cut = tabs.length ? Math.min(...tabs) : 0;
  return lines.map((l) => l.slice(cut));
}

const orderWords = {
  "happens-before": ["comes after, in every such schedule:", "comes before, in every such schedule:"],
  conflict: ["comes after, by the schedule only:", "comes before, by the schedule only:"],
};

const mostOrders = 8;

function orders(m, i, choose) {
  const edges = (m.edgesOf.get(i) || []).slice(0, mostOrders);
  if (!edges.length) return null;
  return el("ul", { class: "orders" }, edges.map((e) => {
    const other = e.from === i ? e.to : e.from;
    const s = m.steps[other];
    return el("li", { class: e.kind }, orderWords[e.kind][e.from === i ? 1 : 0], " ",
      el("button", { type: "button", class: "link", onclick: () => choose(other) }, bdi(`${m.name(s.task)}: ${s.text}`)));
  }));
}

function stateCard(view, i) {
  return el("section", { class: "card", id: "state", "aria-label": "State after the step" },
    el("h3", {}, "After this step"),
    taskTable(view, i), valueTable(view.m, i));
}

function taskTable(view, i) {
  const { m } = view;
  const task = m.steps[i].task;
  const tasks = view.lanes.includes(task) || m.tasks[task].timer ? view.lanes : [...view.lanes, task];
  return el("table", {},
    el("thead", {}, el("tr", {}, ["Task", "is about to", "holds"].map((h) => el("th", { scope: "col" }, h)))),
    el("tbody", {}, tasks.map((t) => taskRow(view, t, i))));
}

function taskRow(view, t, i) {
  const { m } = view;
  const plan = m.plan(t, i);
  const held = m.held(t, i).map((o) => m.object(o)).join(", ");
  return el("tr", { class: t === m.steps[i].task ? "current" : "" },
    el("th", { scope: "row", class: `hue${view.lane(t) % 8}` }, bdi(m.name(t))),
    el("td", { class: plan.bad ? "bad" : plan.dim ? "dim" : "" }, plan.dim ? plan.text : el("code", {}, bdi(plan.text))),
    el("td", { class: held ? "" : "dim" }, bdi(held || "—")));
}

const mostValues = 8;

function valueTable(m, i) {
  const values = m.values(i);
  if (!values.length) return null;
  const more = values.length - mostValues;
  return [el("table", {},
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Object"), el("th", { scope: "col" }, "last seen as"))),
    el("tbody", {}, values.slice(0, mostValues).map((v) => el("tr", { class: v.step === i ? "current" : "" },
      el("th", { scope: "row" }, bdi(v.name)), el("td", {}, el("code", {}, bdi(v.value))))))),
  more > 0 && el("p", { class: "dim" }, `and ${plural(more, "other object")}`)];
}
