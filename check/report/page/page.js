// The page: what is where, and what clicks and keys do.

class App {
  constructor(report) {
    this.report = report;
    this.arrows = { "happens-before": true, conflict: true };
    this.hovered = null;
    this.sources = (report.sources || []).map((s) => ({ ...s, lines: s.lines || [] }));
    this.views = this.buildViews();
    this.current = this.views[0];
    this.panel = el("aside", { class: "panel", id: "panel", "aria-label": "Selected step and state" });
  }

  buildViews() {
    const { failing, passing, parts } = this.report;
    const m = new Model(failing, passing ? parts : 0);
    const fails = new View(this, "failing", "The schedule that fails", m);
    const lanes = lanesOf(m);
    fails.marked = new Map([...m.about].map((i) => [i, i]));
    fails.visible = shown(m, lanes, m.about);
    fails.lanes = lanes;
    return passing ? [fails, this.passingView(fails)] : [fails];
  }

  // passingView shows before the first difference what the other one does.
  passingView(fails) {
    const m = new Model(this.report.passing, this.report.parts);
    const view = new View(this, "passing", "The nearest one that passes", m);
    view.lanes = sameLanes(m, fails.m, fails.lanes);
    view.marked = counterparts(fails.m, fails.m.about, m);
    view.visible = shown(m, view.lanes, view.marked.keys());
    if (m.parts === fails.m.parts) {
      for (let i = 0; i < m.parts; i++) view.visible[i] = fails.visible[i];
    }
    return view;
  }

  start() {
    const r = this.report;
    document.getElementById("top").append(...[header(r)].flat());
    document.getElementById("story").append(...story(r).filter(isChild));
    document.getElementById("more").append(...more(r).filter(isChild));
    document.getElementById("help").append(...help());
    this.buildSchedule(document.getElementById("schedule"));
    this.views.forEach((v) => v.render());
    this.choose(this.current, this.current.at, false);
    document.addEventListener("keydown", (e) => this.key(e));
    this.print();
  }

  buildSchedule(section) {
    this.board = el("div", { class: "board" }, this.views.map((v) => v.root), this.panel);
    section.append(el("div", { class: "bar" },
      el("h2", { id: "schedule-title" }, "The schedule"),
      this.views.length > 1 && this.modes(), this.toggles(),
      el("button", { type: "button", class: "quiet", id: "open-help", onclick: () => this.help() }, "? Keys")),
    el("p", { class: "legend" }, legend(this)),
    this.board);
    const wide = matchMedia("(min-width: 1100px)");
    const fit = () => this.show(this.views.length > 1 && wide.matches ? "both" : "failing");
    wide.addEventListener("change", fit);
    fit();
  }

  modes() {
    const button = (mode, text) => el("button", {
      type: "button", "data-mode": mode, "aria-pressed": "false", onclick: () => this.show(mode),
    }, text);
    return el("div", { class: "modes", role: "group", "aria-label": "Which schedule" },
      button("failing", "Fails"), button("passing", "Passes"), button("both", "Side by side"));
  }

  show(mode) {
    this.board.dataset.mode = mode;
    for (const b of document.querySelectorAll("[data-mode][aria-pressed]")) {
      b.setAttribute("aria-pressed", String(b.dataset.mode === mode));
    }
    const view = this.views.find((v) => v.id === mode);
    if (view && view.rows) this.choose(view, view.at, false);
  }

  toggles() {
    const kinds = new Set(this.views.flatMap((v) => v.m.edges.map((e) => e.kind)));
    const names = { "happens-before": "Happens before", conflict: "Conflict" };
    return el("div", { class: "toggles", role: "group", "aria-label": "Arrows" },
      Object.keys(names).filter((k) => kinds.has(k)).map((k) => el("button", {
        type: "button", "data-arrow": k, "aria-pressed": "true", onclick: () => this.toggle(k),
      }, sample(k), names[k])));
  }

  toggle(kind) {
    const button = document.querySelector(`[data-arrow="${kind}"]`);
    if (!button) return;
    this.arrows[kind] = !this.arrows[kind];
    button.setAttribute("aria-pressed", String(this.arrows[kind]));
    this.views.forEach(drawArrows);
  }

  // choose selects a step.
  choose(view, i, focus) {
    this.hovered = null;
    this.current = view;
    view.select(i, focus);
    this.views.forEach((v) => v.root.classList.toggle("current", v === view));
    this.inspect(view, view.at);
  }

  // preview shows a step for as long as the pointer is over it.
  preview(view, i) {
    const before = this.hovered;
    if (i === null && !before || before && before.view === view && before.step === i) return;
    this.hovered = i === null ? null : { view, step: i };
    drawArrows(view);
    this.inspect(this.hovered ? view : this.current, this.hovered ? i : this.current.at);
  }

  // shown returns the step of a view whose arrows are emphasised.
  shown(view) {
    return this.hovered && this.hovered.view === view ? this.hovered.step : view.at;
  }

  inspect(view, i) {
    this.panel.replaceChildren(...inspect(view, i, this.sources, (j) => this.reveal(view, j)), this.unfold());
  }

  // unfold returns the button that shows all of the panel where there is little room.
  unfold() {
    const open = this.panel.classList.contains("open");
    return el("button", {
      type: "button", id: "unfold", "aria-expanded": String(open), onclick: () => this.openPanel(!open),
    }, open ? "Less ▾" : "More ▴");
  }

  openPanel(open) {
    this.panel.classList.toggle("open", open);
    this.panel.querySelector("#unfold").replaceWith(this.unfold());
    this.panel.querySelector("#unfold").focus();
  }

  // reveal selects a step that may be left out, and shows it.
  reveal(view, i) {
    if (!view.buttons.has(i)) {
      const gap = view.rows.find((r) => r.kind === "gap" && r.at <= i && i < r.to);
      if (!gap) return;
      view.open.set(gap.from, i - gap.from + 1);
      this.opened(view, gap.from);
    }
    this.choose(view, i, true);
  }

  // opened draws again a view in which a gap was opened or closed, and the other one
  // if it has the same gap.
  opened(view, from) {
    view.render();
    if (from >= view.m.parts) return;
    for (const other of this.views) {
      if (other === view || other.m.parts !== view.m.parts) continue;
      other.open = new Map([...other.open].filter(([at]) => at >= view.m.parts));
      for (const [at, n] of view.open) if (at < view.m.parts) other.open.set(at, n);
      other.render();
    }
  }

  key(e) {
    if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input, textarea, dialog")) return;
    const inside = Boolean(e.target.closest(".rows"));
    const view = this.current;
    const go = (i) => this.choose(view, i, true);
    const always = {
      j: () => go(view.move(1)), k: () => go(view.move(-1)),
      n: () => go(view.key(1)), p: () => go(view.key(-1)),
      s: () => this.other(), h: () => this.toggle("happens-before"), c: () => this.toggle("conflict"),
      "?": () => this.help(),
    };
    const here = {
      ArrowDown: always.j, ArrowRight: always.j, ArrowUp: always.k, ArrowLeft: always.k,
      Home: () => go(view.move(-Infinity)), End: () => go(view.move(Infinity)),
    };
    const act = always[e.key] || (inside && here[e.key]);
    if (!act) return;
    e.preventDefault();
    act();
  }

  // other goes to the other schedule.
  other() {
    const view = this.views.find((v) => v !== this.current);
    if (!view) return;
    if (this.board.dataset.mode !== "both") this.show(view.id);
    this.choose(view, view.at, true);
  }

  help() {
    document.getElementById("help").showModal();
  }

  // print opens what is folded for the time of printing.
  print() {
    let opened = [];
    addEventListener("beforeprint", () => {
      opened = [...document.querySelectorAll("details:not([open])")];
      opened.forEach((d) => { d.open = true; });
    });
    addEventListener("afterprint", () => opened.forEach((d) => { d.open = false; }));
  }
}

function legend(app) {
  const steps = app.views.flatMap((v) => v.m.steps);
  const m = app.views[0].m;
  const holds = m.waits.some((w) => w.object && m.holder(w.object, w.task));
  return [
    steps.some((s) => s.about) && el("span", {}, el("i", { class: "swatch about" }, "★"), "what the finding is about"),
    steps.some((s) => s.preempts) && el("span", {},
      el("i", { class: "swatch switch" }, "⇄"), "switched away from a task that could go on"),
    m.waits.length > 0 && el("span", {}, el("i", { class: "swatch bad" }, "∞"), "waits for ever"),
    holds && el("span", {}, sample("waits"), "for what another task holds"),
  ].filter(Boolean);
}

// sample is a piece of an arrow for a legend.
function sample(kind) {
  const s = svg("svg", { class: "sample", width: 26, height: 10, "aria-hidden": "true" });
  s.append(svg("path", { class: `arrow strong ${kind}`, d: "M1 5H19" }));
  s.append(svg("path", { class: `tip ${kind}`, d: "M18 1L25 5L18 9z" }));
  return s;
}

new App(JSON.parse(document.getElementById("data").textContent)).start();
