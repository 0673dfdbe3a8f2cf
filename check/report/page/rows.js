// Which steps are shown, and as which rows.

const manyRows = 40; // more are shown only around what matters
const around = 2; // steps on each side of one that matters
const chunk = 100; // steps that one click shows
const mostRows = 200; // that are shown without asking
const mostWaits = 40; // tasks that are shown to wait for ever
const mostLanes = 16;
const fewLanes = 4; // lanes that tasks get which only used what others wait for

// lanesOf returns the tasks that matter, those that matter most if they are many.
function lanesOf(m) {
  const lanes = new Set();
  const add = (t) => t >= 0 && !m.tasks[t].timer && lanes.size < mostLanes && lanes.add(t);
  m.steps.forEach((s) => s.about && add(s.task));
  m.steps.forEach((s, i) => {
    if (!s.preempts) return;
    add(s.task);
    add(m.left(i));
  });
  m.waits.forEach((w) => add(w.task));
  const lacking = new Set(m.waits.map((w) => w.object).filter(Boolean));
  for (const s of m.steps) {
    if (lanes.size < fewLanes && lacking.has(m.object(s.object))) add(s.task);
  }
  if (lanes.size === 0) m.byTask.forEach((steps, t) => steps.length && add(t));
  return [...lanes].sort((a, b) => a - b);
}

// sameLanes returns the tasks of a schedule that are the given ones of another.
function sameLanes(m, other, lanes) {
  const byPath = new Map(m.tasks.map((t, i) => [t.path, i]));
  const same = lanes.map((t) => byPath.get(other.tasks[t].path));
  return same.every((t) => t !== undefined) ? same : lanesOf(m);
}

// shown returns for each step whether it is shown without asking: what is around
// the marked steps and the switches, without these or without most of those if
// there are too many.
function shown(m, lanes, marked) {
  const keys = new Set(marked);
  if (m.parts >= 0) keys.add(m.parts);
  const most = [...keys].sort((a, b) => a - b);
  const few = Math.floor(mostRows / (4 * around));
  const fewer = new Set(most.length > 2 * few ? [...most.slice(0, few), ...most.slice(-few)] : most);
  m.steps.forEach((s, i) => s.preempts && keys.add(i));
  const all = shownAround(m, lanes, keys);
  return all.filter(Boolean).length <= mostRows ? all : shownAround(m, lanes, fewer);
}

function shownAround(m, lanes, keys) {
  const lane = new Set(lanes);
  const fits = m.steps.map((s) => {
    if (m.tasks[s.task].timer) return true;
    return lane.has(s.task) && !(s.side && s.op === "go" && !lane.has(s.peer));
  });
  const those = fits.flatMap((f, i) => (f || keys.has(i) ? [i] : []));
  const all = m.steps.map(() => false);
  const last = keys.size ? those.findLastIndex((i) => keys.has(i)) : those.length;
  const few = those.length <= manyRows;
  those.forEach((i, at) => {
    const tail = at > last + around;
    all[i] = (few && !tail) || near(those, at, keys) || (keys.size === 0 && at >= those.length - manyRows);
  });
  return all;
}

function near(those, at, keys) {
  for (let j = Math.max(0, at - around); j <= Math.min(those.length - 1, at + around); j++) {
    if (keys.has(those[j])) return true;
  }
  return false;
}

// rowsOf returns the rows of a schedule. open tells how many steps of a gap are
// shown, by its first step.
function rowsOf(m, visible, open) {
  const rows = m.cut > 0 ? [{ kind: "cut", count: m.cut }] : [];
  let from = -1;
  let time = 0;
  const flush = (to) => {
    if (from >= 0) rows.push(...gapRows(m, from, to, open));
    from = -1;
  };
  m.steps.forEach((s, i) => {
    if (i === m.parts) {
      flush(i);
      rows.push({ kind: "part", step: i });
    }
    if (!visible[i]) {
      if (from < 0) from = i;
      time = s.time;
      return;
    }
    flush(i);
    if (s.time > time && !m.tasks[s.task].timer) rows.push({ kind: "clock", from: time, to: s.time });
    time = s.time;
    rows.push(...stepRows(m, i));
  });
  flush(m.steps.length);
  m.waits.slice(0, mostWaits).forEach((w, i) => rows.push({ kind: "wait", wait: i }));
  if (m.waits.length > mostWaits) rows.push({ kind: "waits", count: m.waits.length - mostWaits });
  if (m.end) rows.push({ kind: "end" });
  return rows;
}

function stepRows(m, i) {
  const row = { kind: "step", step: i };
  return m.steps[i].preempts && m.left(i) >= 0 ? [{ kind: "switch", step: i }, row] : [row];
}

// gapRows returns what stands for the steps from..to-1 that are left out.
function gapRows(m, from, to, open) {
  const count = (a, b) => {
    let n = 0;
    for (let i = a; i < b; i++) n += m.steps[i].side ? 0 : 1;
    return n || b - a;
  };
  const until = Math.min(to, from + (open.get(from) || 0));
  const rows = [];
  if (until > from) {
    rows.push({ kind: "fold", from, count: count(from, until) });
    for (let i = from; i < until; i++) rows.push(...stepRows(m, i));
  }
  if (until < to) rows.push({ kind: "gap", from, at: until, to, count: count(until, to) });
  return rows;
}
