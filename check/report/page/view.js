// A schedule on the page: a lane a task, time downwards.
//
// There are two layouts. Where there is room for it each step stands in the lane
// of its task. Otherwise lanes are rails beside a list of all steps.

const roomyLane = 118; // px that a lane with text needs
const placeWidth = 150; // px that places in the source have, from 620 of all, as the style says

// band is a row across all lanes.
function band(kind, ...text) {
  return el("li", { class: `row band ${kind}` }, el("span", {}, ...text));
}

class View {
  // app is told of clicks: it has choose(view, i), preview(view, i or null) and arrows,
  // which kinds of arrows are on.
  constructor(app, id, title, model) {
    this.app = app;
    this.id = id;
    this.title = title;
    this.m = model;
    this.lanes = [];
    this.marked = new Map(); // steps that are to be noticed
    this.visible = [];
    this.open = new Map();
    this.at = -1; // the selected step
    this.buttons = new Map(); // by step
    this.width = 0;
    this.build();
  }

  build() {
    this.heads = el("div", { class: "heads", "aria-hidden": "true" });
    this.list = el("ol", { class: "rows" });
    this.rails = el("div", { class: "rails", "aria-hidden": "true" });
    this.arrows = svg("svg", { class: "arrows", "aria-hidden": "true" });
    this.canvas = el("div", { class: "canvas" }, this.rails, this.arrows, this.list);
    this.box = el("div", { class: "box" }, this.heads, this.canvas);
    this.root = el("section", { class: "view", id: this.id, "aria-label": this.title },
      el("h3", {}, this.title), this.box);
    this.list.addEventListener("click", (e) => this.click(e));
    this.list.addEventListener("pointerover", (e) => e.pointerType === "mouse" && this.hover(e.target));
    this.list.addEventListener("pointerleave", () => this.app.preview(this, null));
    new ResizeObserver(() => this.resized()).observe(this.box);
  }

  // resized chooses the layout anew.
  resized() {
    const width = this.box.clientWidth;
    if (width === 0 || width === this.width) return;
    this.width = width;
    this.layOut();
    drawArrows(this);
  }

  layOut() {
    const last = this.m.steps[this.m.steps.length - 1];
    const gutter = Math.max(this.width < 400 ? 26 : 34, 10 + 7 * String(last ? last.n : 0).length);
    const n = Math.max(1, this.columns());
    const each = Math.floor((this.width - gutter - (this.width >= 620 ? placeWidth : 0)) / n);
    this.roomy = each >= roomyLane;
    this.pitch = this.roomy ? Math.min(each, 260) : Math.max(6, Math.min(26, Math.floor((this.width * 0.36) / n)));
    this.root.classList.toggle("roomy", this.roomy);
    this.root.classList.toggle("railed", !this.roomy);
    const style = this.box.style;
    style.setProperty("--gutter", `${gutter}px`);
    style.setProperty("--pitch", `${this.pitch}px`);
    style.setProperty("--lanes", n);
  }

  // columns is how many lanes there are, with one for tasks that have none.
  columns() {
    return this.lanes.length + (this.others ? 1 : 0);
  }

  lane(task) {
    const i = this.lanes.indexOf(task);
    return i >= 0 ? i : this.lanes.length;
  }

  render() {
    const rows = rowsOf(this.m, this.visible, this.open);
    this.rows = rows;
    this.others = rows.some((r) => (r.kind === "step" && this.isOther(r.step))
      || (r.kind === "wait" && !this.lanes.includes(this.m.waits[r.wait].task)));
    this.buttons.clear();
    this.waiting = new Map();
    this.list.replaceChildren(...rows.map((r) => this.row(r)));
    this.renderLanes();
    this.layOut();
    if (!this.buttons.has(this.at)) this.at = this.first();
    this.mark();
    drawArrows(this);
  }

  isOther(i) {
    const task = this.m.steps[i].task;
    return !this.m.tasks[task].timer && !this.lanes.includes(task);
  }

  renderLanes() {
    const names = this.lanes.map((t) => this.m.name(t));
    if (this.others) names.push("other tasks");
    const inLane = (e, i) => {
      e.style.setProperty("--lane", i);
      return e;
    };
    this.heads.replaceChildren(...names.map((n, i) => inLane(el("div", { class: `head hue${i % 8}` }, bdi(n)), i)));
    this.rails.replaceChildren(...names.map((n, i) => inLane(el("div", { class: `rail hue${i % 8}` }), i)));
  }

  // first is the step to begin with: the one that matters most.
  first() {
    const steps = [...this.buttons.keys()];
    return steps.find((i) => this.marked.has(i)) ?? steps.find((i) => this.isKey(i)) ?? steps[0] ?? -1;
  }

  isKey(i) {
    return this.marked.has(i) || this.m.steps[i].preempts || i === this.m.parts;
  }

  row(r) {
    switch (r.kind) {
      case "step": return this.stepRow(r.step);
      case "switch": return this.switchRow(r.step);
      case "gap": return this.gapRow(r);
      case "fold": return this.foldRow(r);
      case "wait": return this.waitRow(r.wait);
      case "waits": return band("end", `and ${plural(r.count, "other task")}, for ever`);
      case "cut": return band("end", `${plural(r.count, "step")} before are not kept`);
      case "part": return band("part", "↑ the same in both ↓ different");
      case "clock": return band("clock", `${duration(r.to - r.from)} pass, it is ${duration(r.to)}`);
      default: return band("end", "the run ends: ", bdi(this.m.end));
    }
  }

  stepRow(i) {
    const s = this.m.steps[i];
    const timer = this.m.tasks[s.task].timer;
    const classes = ["chip", `hue${this.lane(s.task) % 8}`, s.side && "side", this.marked.has(i) && "about", timer && "timer"];
    const button = el("button", {
      type: "button", class: classes.filter(Boolean).join(" "), tabindex: "-1", "data-step": i,
      "aria-label": this.m.label(i),
    },
    el("span", { class: "dot" }),
    !timer && el("span", { class: "who" }, bdi(this.m.name(s.task))),
    el("span", { class: "what" }, bdi(s.text)));
    this.buttons.set(i, button);
    const row = el("li", { class: `row step${timer ? " timed" : ""}` },
      el("span", { class: "num", "aria-hidden": "true" }, s.side ? "" : String(s.n)), button,
      el("span", { class: "where", "aria-hidden": "true" }, place(s)));
    row.style.setProperty("--lane", this.lane(s.task));
    if (this.others && this.isOther(i)) row.classList.add("other");
    return row;
  }

  switchRow(i) {
    const left = this.m.left(i);
    const plan = this.m.plan(left, i - 1);
    return band("switch", "⇄ switched away here, although ", el("b", {}, bdi(this.m.name(left))), " could go on",
      plan.step !== undefined && [" with ", el("code", {}, bdi(plan.text))]);
  }

  gapRow(r) {
    return el("li", { class: "row gap" }, el("button", {
      type: "button", class: "fold", "data-gap": r.from, "data-at": r.at, "aria-expanded": "false",
    }, `⋮ ${plural(r.count, "other operation")}`));
  }

  foldRow(r) {
    return el("li", { class: "row gap" }, el("button", {
      type: "button", class: "fold", "data-fold": r.from, "aria-expanded": "true",
    }, `▴ hide ${plural(r.count, "operation")}`));
  }

  waitRow(i) {
    const w = this.m.waits[i];
    const holder = w.object ? this.m.holder(w.object, w.task) : null;
    const chip = el("div", { class: `chip wait hue${this.lane(w.task) % 8}` },
      el("span", { class: "dot" }),
      el("span", { class: "who" }, bdi(this.m.name(w.task))),
      el("span", { class: "what" }, "∞ ", bdi(w.text), " for ever",
        holder && [", held by ", bdi(this.m.name(holder.task))]),
      el("span", { class: "at" }, place(w)));
    this.waiting.set(i, chip);
    const row = el("li", { class: "row step waits" }, el("span", { class: "num" }), chip);
    row.style.setProperty("--lane", this.lane(w.task));
    return row;
  }

  click(e) {
    const button = e.target.closest("button");
    if (!button) return;
    const { step, gap, at, fold } = button.dataset;
    if (step !== undefined) this.app.choose(this, Number(step), true);
    else if (gap !== undefined) this.expand(Number(gap), Number(at));
    else if (fold !== undefined) this.fold(Number(fold));
  }

  hover(target) {
    const button = target.closest("button[data-step]");
    this.app.preview(this, button ? Number(button.dataset.step) : null);
  }

  expand(from, at) {
    this.open.set(from, (this.open.get(from) || 0) + chunk);
    this.app.opened(this, from);
    this.app.choose(this, at, true);
  }

  fold(from) {
    this.open.delete(from);
    this.app.opened(this, from);
    this.list.querySelector(`[data-gap="${from}"]`)?.focus();
  }

  // mark shows which step is selected.
  mark() {
    for (const [i, b] of this.buttons) {
      const on = i === this.at;
      if (on === (b.tabIndex === 0)) continue;
      b.tabIndex = on ? 0 : -1;
      if (on) b.setAttribute("aria-current", "step");
      else b.removeAttribute("aria-current");
    }
  }

  select(i, focus) {
    if (!this.buttons.has(i)) return;
    this.at = i;
    this.mark();
    drawArrows(this);
    if (!focus) return;
    const b = this.buttons.get(i);
    b.focus({ preventScroll: true });
    b.closest("li").scrollIntoView({ block: "nearest" });
  }

  // move returns the step that is so many shown steps away.
  move(by) {
    const steps = [...this.buttons.keys()];
    const at = steps.indexOf(this.at) + by;
    return steps[Math.max(0, Math.min(steps.length - 1, at))] ?? -1;
  }

  // key returns the next shown step that matters, in a direction.
  key(by) {
    const steps = [...this.buttons.keys()];
    for (let i = steps.indexOf(this.at) + by; i >= 0 && i < steps.length; i += by) {
      if (this.isKey(steps[i])) return steps[i];
    }
    return this.at;
  }
}
