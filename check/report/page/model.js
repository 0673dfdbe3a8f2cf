// What a schedule says, without how it looks.

const taking = new Set(["lock", "rlock", "acquire", "trylock", "tryrlock", "tryacquire"]);
const leaving = new Set(["unlock", "runlock", "release"]);

class Model {
  constructor(schedule, parts) {
    this.tasks = schedule.tasks || [];
    this.objects = schedule.objects || [];
    this.steps = schedule.steps || [];
    this.waits = schedule.waits || [];
    this.end = schedule.end || "";
    this.cut = schedule.left || 0; // steps before the first one
    this.edges = (schedule.edges || []).map((e) => ({ ...e }));
    this.byTask = this.tasks.map(() => []);
    this.started = new Map(); // by task: the step that started it
    this.steps.forEach((s, i) => {
      this.byTask[s.task].push(i);
      if (s.op === "go" && s.peer >= 0 && !this.started.has(s.peer)) this.started.set(s.peer, i);
    });
    // The first step in which failing and passing differ.
    this.parts = parts ? this.steps.findIndex((s) => s.n >= parts) : -1;
    this.about = new Set(this.steps.flatMap((s, i) => (s.about ? [i] : [])));
    this.edgesOf = this.indexEdges();
  }

  indexEdges() {
    const of = new Map();
    const add = (i, e) => {
      if (!of.has(i)) of.set(i, []);
      of.get(i).push(e);
    };
    for (const e of this.edges) {
      add(e.from, e);
      add(e.to, e);
    }
    return of;
  }

  name(task) {
    return this.tasks[task].name || `task ${task}`;
  }

  object(i) {
    return i >= 0 ? this.objects[i].name || `object ${i}` : "";
  }

  // next returns the first step of a task after step i, or -1.
  next(task, i) {
    const all = this.byTask[task];
    let low = 0;
    let high = all.length;
    while (low < high) {
      const mid = (low + high) >> 1;
      if (all[mid] > i) high = mid;
      else low = mid + 1;
    }
    return low < all.length ? all[low] : -1;
  }

  // left returns the task that a preemption has left, or -1.
  left(i) {
    for (let j = i - 1; j >= 0; j--) {
      const s = this.steps[j];
      if (!s.side && !this.tasks[s.task].timer) return s.task;
    }
    return -1;
  }

  // held returns the locks that a task holds after step i.
  held(task, i) {
    const next = this.next(task, i);
    if (next >= 0) return this.steps[next].held || [];
    const all = this.byTask[task];
    return all.length ? this.heldAfter(this.steps[all[all.length - 1]]) : [];
  }

  heldAfter(s) {
    const before = s.held || [];
    if (s.object < 0 || (s.op.startsWith("try") && s.value !== "true")) return before;
    if (taking.has(s.op)) return [...new Set([...before, s.object])];
    return leaving.has(s.op) ? before.filter((o) => o !== s.object) : before;
  }

  // plan says what a task will do after step i.
  plan(task, i) {
    const start = this.started.get(task);
    if (start !== undefined && start > i) return { text: "not started yet", dim: true };
    const next = this.next(task, i);
    if (next >= 0) return { text: this.steps[next].text, step: next };
    const wait = this.waits.find((w) => w.task === task);
    if (wait) return { text: `${wait.text}, for ever`, bad: true };
    return { text: "nothing more", dim: true };
  }

  // values returns what each object was last seen to be after step i, those that
  // the finding is about first.
  values(i) {
    const last = new Map();
    for (let j = 0; j <= i; j++) {
      const s = this.steps[j];
      if (s.object < 0 || !s.value) continue;
      const name = this.object(s.object) + (s.loc >= 0 ? `[${s.loc}]` : "");
      last.delete(name);
      last.set(name, { name, object: s.object, value: s.value, step: j });
    }
    const matter = new Set([...this.about].map((j) => this.steps[j].object));
    return [...last.values()].reverse().sort((a, b) => matter.has(b.object) - matter.has(a.object));
  }

  // holder returns the task that holds an object at the end, and the step at
  // which it took it.
  holder(name, not) {
    const end = this.steps.length;
    for (let t = 0; t < this.tasks.length; t++) {
      const object = this.held(t, end).find((o) => this.object(o) === name);
      if (t === not || object === undefined) continue;
      const took = this.byTask[t].findLast((i) => this.steps[i].object === object && taking.has(this.steps[i].op));
      return { task: t, step: took === undefined ? -1 : took };
    }
    return null;
  }

  // label is what a screen reader says of a step.
  label(i) {
    const s = this.steps[i];
    return [
      `step ${i + 1} of ${this.steps.length}`,
      `task ${this.name(s.task)}`,
      s.text,
      place(s),
      s.about && "the finding is about it",
      s.preempts && this.left(i) >= 0 && `switched away from ${this.name(this.left(i))}, which could go on`,
    ].filter(Boolean).join(", ");
  }
}

// signature identifies an operation across schedules, but for how many before
// it are the same.
function signature(m, s) {
  return [m.tasks[s.task].path, s.op, m.object(s.object), s.loc, place(s), s.side ? 1 : 0].join("\u0000");
}

// counterparts returns the steps of other that are what the steps of a set in m are.
function counterparts(m, set, other) {
  const nth = (model) => {
    const count = new Map();
    return model.steps.map((s) => {
      const key = signature(model, s);
      count.set(key, (count.get(key) || 0) + 1);
      return `${key}\u0000${count.get(key)}`;
    });
  };
  const mine = nth(m);
  const wanted = new Map([...set].map((i) => [mine[i], i]));
  const found = new Map(); // of other, to that of m
  nth(other).forEach((key, i) => {
    if (wanted.has(key)) found.set(i, wanted.get(key));
  });
  return found;
}
