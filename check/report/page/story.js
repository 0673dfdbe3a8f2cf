// The words around the schedule.

function header(r) {
  const facts = [
    r.test && el("span", {}, "Test ", el("b", {}, bdi(r.test))),
    r.package && bdi(r.package),
    `${plural(r.preemptions, "preemption")}${r.fewest ? ", the fewest that show it" : ""}`,
    plural((r.failing.tasks || []).filter((t) => !t.timer).length, "task"),
  ].filter(Boolean);
  return [
    el("p", { class: "kind" }, el("span", { class: "badge" }, bdi(r.kind || "finding"))),
    el("h1", {}, bdi(r.summary || "Nothing is known of this finding")),
    el("p", { class: "meta" }, facts.map((f) => el("span", {}, f))),
  ];
}

function story(r) {
  const more = link(r.page);
  return [
    el("div", { class: "cards" },
      card("What happened", list("ol", r.details)),
      card("Why this is a problem", paragraphs(r.why)),
      card("What to do", [
        r.order && [el("h3", {}, "What would order them"), paragraphs(r.order)],
        r.help && [el("h3", {}, "What would help"), paragraphs(r.help)],
        more && el("p", {}, more),
      ])),
    replay(r),
  ];
}

// link leads to a page with more, if it is one of the web.
function link(page) {
  if (!page) return null;
  if (!/^https?:\/\//i.test(page)) return bdi(page);
  return el("a", { href: page, rel: "noopener noreferrer" }, "More about this kind of finding");
}

function card(title, ...body) {
  const has = body.flat(Infinity).some(isChild);
  return has && el("section", { class: "card" }, el("h2", {}, title), body);
}

function paragraphs(text) {
  return (text || "").split(/\n{2,}/).filter(Boolean).map((p) => el("p", { class: "lines" }, bdi(p)));
}

function list(tag, items) {
  return items && items.length ? el(tag, {}, items.map((t) => el("li", { class: "lines" }, bdi(t)))) : null;
}

// sentences shows lines, those that begin with a dash as points of a list.
function sentences(lines) {
  const all = [];
  for (const text of lines || []) {
    const last = all[all.length - 1];
    if (!text.startsWith("- ")) all.push(el("p", { class: "lines" }, bdi(text)));
    else if (last && last.tagName === "UL") last.append(el("li", {}, bdi(text.slice(2))));
    else all.push(el("ul", {}, el("li", {}, bdi(text.slice(2)))));
  }
  return all;
}

function replay(r) {
  if (!r.replay) return null;
  const button = el("button", { type: "button", id: "copy" }, "Copy");
  button.addEventListener("click", async () => {
    const done = await copy(r.replay);
    button.textContent = done ? "Copied" : "Select it and copy";
    say(button.textContent);
  });
  return el("section", { class: "replay", "aria-label": "Replay" },
    el("span", { class: "label" }, "Replay it"),
    el("code", { tabindex: "0" }, bdi(r.replay)), button);
}

function more(r) {
  const draws = (r.input || []).map((d) => el("tr", {},
    el("th", { scope: "row" }, bdi(d.name)), el("td", {}, el("code", {}, bdi(d.value)))));
  return [
    el("div", { class: "cards wide" },
      card("When it happens", sentences(r.causes)),
      card("Also wrong in this schedule", list("ul", r.also)),
      card("The input", draws.length > 0 && el("table", {}, el("tbody", {}, draws))),
      card("How it was found", sentences(r.notes))),
    folded("Log of the test", (r.log || []).join("\n")),
    folded("Trace", r.trace, r.file && ["Saved as ", el("code", {}, bdi(r.file)), ", from the folder of the package."]),
    folded("Report as text", r.text),
  ];
}

function folded(title, text, about) {
  if (!text) return null;
  return el("details", { class: "card" }, el("summary", {}, title),
    about && el("p", { class: "dim" }, about),
    el("pre", { tabindex: "0", "aria-label": title }, bdi(text)));
}

const keyTexts = [
  ["↓ or j, ↑ or k", "next, previous step"],
  ["n, p", "next, previous step that matters"],
  ["Home, End", "first, last step"],
  ["Enter", "open or close what is left out"],
  ["s", "to the other schedule, if there is one"],
  ["h, c", "happens-before arrows, conflict arrows on or off"],
  ["?", "this help"],
];

function help() {
  return [
    el("h2", { id: "help-title" }, "Reading the schedule"),
    el("p", {}, "Each column is a task, a thread of control. Time goes downwards, and at each moment one task does one step. ",
      "A step with ★ is one that the finding is about. ⇄ marks where the scheduler has left a task that could have gone on: ",
      "that is what makes a bug show."),
    el("h3", {}, "Keys"),
    el("dl", { class: "keys" }, keyTexts.map(([keys, what]) => [
      el("dt", {}, keys.split(/(, | or )/).map((k, i) => (i % 2 ? k : el("kbd", {}, k)))), el("dd", {}, what)])),
    el("form", { method: "dialog" }, el("button", {}, "Close")),
  ];
}
