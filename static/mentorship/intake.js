// Shows only the questions that are asked of the chosen role and attendance, says how far one is,
// and keeps what is typed: on the server, or on this device while the server cannot be reached.
// Without this script every question is on the page and says whom it is for.
(() => {
  "use strict";
  const form = document.getElementById("intake");
  const chosen = (name) => form.querySelector(`input[name="${name}"]:checked`)?.value;
  const questions = [...form.querySelectorAll("section > div")];

  // The browser knows where a virtual person is; typing it would be one question too many.
  const zone = form.elements.time_zone;
  function suggestZone() {
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (zone.value === "" && [...zone.options].some((option) => option.value === here)) {
      zone.value = here;
    }
  }

  function show() {
    const role = chosen("role");
    const said = [chosen("attendance"), ...(role === "either" ? ["mentor", "mentee"] : [role])];
    if (role === "mentor" || role === "mentee") said.push("one");
    if (said[0] === "virtual") suggestZone();
    for (const question of questions) {
      const whom = question.dataset.askedOf;
      const isRole = question.querySelector('input[name="role"]') !== null;
      question.hidden = !isRole && (role === "none" || (whom !== undefined && !said.includes(whom)));
    }
    for (const section of form.querySelectorAll("section")) {
      section.hidden = !section.querySelector(":scope > div:not([hidden])");
    }
    count();
  }

  function isAnswered(question) {
    const boxes = [...question.querySelectorAll("input, select, textarea")];
    return boxes.some((box) =>
      box.type === "radio" || box.type === "checkbox" ? box.checked : box.value.trim() !== "",
    );
  }

  function count() {
    const asked = questions.filter((question) => !question.hidden);
    const answered = asked.filter(isAnswered).length;
    document.getElementById("answered").textContent = `${answered} of ${asked.length}`;
    const bar = document.getElementById("progress");
    bar.max = asked.length;
    bar.value = answered;
    form.querySelector(".progress-line").hidden = false;
  }

  // What is typed: `kept` is what the server has, `atRest` what this device has while it cannot.
  const SECOND = 1000;
  const state = ["seen", "version", "do"];
  const place = `typed:${form.dataset.draft}`;
  const status = document.getElementById("kept");
  const elsewhere = document.getElementById("elsewhere");
  let timer = 0;
  let saving = false;
  let sent = false;
  let stopped = false;
  const now = () => {
    const typed = new URLSearchParams(new FormData(form));
    for (const name of state) typed.delete(name);
    return typed.toString();
  };
  let kept = now();

  const say = (words) => {
    if (status.textContent !== words) status.textContent = words;
  };

  function restOnDevice() {
    try {
      const seen = form.elements.seen.value;
      localStorage.setItem(place, JSON.stringify({ typed: now(), seen, at: Date.now() }));
      return true;
    } catch {
      return false; // no room, or not allowed to
    }
  }

  const forgetOnDevice = () => {
    try {
      localStorage.removeItem(place);
    } catch {
      // not allowed to: nothing is there
    }
  };

  function body() {
    const typed = new URLSearchParams(now());
    typed.set("seen", form.elements.seen.value);
    typed.set("version", form.elements.version.value);
    return typed;
  }

  async function save() {
    clearTimeout(timer);
    if (saving || sent || stopped || now() === kept) return;
    saving = true;
    const saved = now();
    try {
      const answer = await fetch(form.dataset.draft, { method: "POST", body: body() });
      if (answer.ok) {
        form.elements.version.value = (await answer.json()).version;
        kept = saved;
        forgetOnDevice();
        if (now() === kept) say("What you type is kept.");
      } else if (answer.status === 409) {
        tellWhatChanged(await answer.json());
      } else {
        throw new Error(String(answer.status));
      }
    } catch {
      const words = restOnDevice() ? "Kept on this device until you’re back online." : "Not kept yet.";
      say(words);
      timer = setTimeout(save, 10 * SECOND);
    } finally {
      saving = false;
    }
    if (now() !== kept && !stopped) later();
  }

  function later() {
    if (timer) clearTimeout(timer);
    timer = setTimeout(save, SECOND);
  }

  function button(words, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "btn btn-outline-dark me-2";
    made.textContent = words;
    made.addEventListener("click", act);
    return made;
  }

  function block(words) {
    const made = document.createElement("p");
    made.textContent = words;
    return made;
  }

  // Nothing more is saved from here until the person says which of the two they want.
  function tellWhatChanged(told) {
    stopped = true;
    restOnDevice();
    const sentThere = told.why === "sent elsewhere";
    elsewhere.replaceChildren(
      block(
        sentThere
          ? "You saved your answers in another tab or on another device since you opened this page."
          : "You’ve typed in another tab or on another device since you opened this page.",
      ),
      ...told.changed.map(([label, there, here]) => block(`${label}: there “${there}”, here “${here}”`)),
      button("Use what’s there", () => {
        forgetOnDevice();
        sent = true;
        location.assign(form.action);
      }),
      button("Keep what’s here", () => {
        form.elements.version.value = told.version;
        form.elements.seen.value = told.seen;
        stopped = false;
        elsewhere.hidden = true;
        kept = "";
        save();
      }),
    );
    elsewhere.hidden = false;
    say("");
  }

  function fillIn(typed) {
    const values = new URLSearchParams(typed);
    for (const box of form.elements) {
      if (!box.name || state.includes(box.name)) continue;
      if (box.type === "radio" || box.type === "checkbox") {
        box.checked = values.getAll(box.name).includes(box.value);
      } else if (values.has(box.name)) {
        box.value = values.get(box.name);
      }
    }
    show();
  }

  // What a device kept while it was offline comes back when the page does.
  function comeBack() {
    let there = null;
    try {
      there = JSON.parse(localStorage.getItem(place));
    } catch {
      return;
    }
    if (!there || there.typed === now()) return forgetOnDevice();
    if (there.seen === form.elements.seen.value) {
      fillIn(there.typed);
      say("What you typed on this device is back.");
      // At once, so that the version is that of what the page said as it went away.
      save();
      return;
    }
    elsewhere.replaceChildren(
      block("This device has typing of yours that was never saved, from before your latest answers."),
      button("Use it", () => {
        elsewhere.hidden = true;
        fillIn(there.typed);
        later();
      }),
      button("Throw it away", () => {
        forgetOnDevice();
        elsewhere.hidden = true;
      }),
    );
    elsewhere.hidden = false;
  }

  form.addEventListener("change", () => {
    show();
    later();
  });
  form.addEventListener("input", () => {
    count();
    later();
  });
  window.addEventListener("online", save);
  // A page that goes away has no time to wait for an answer.
  window.addEventListener("pagehide", () => {
    if (!sent && !stopped && now() !== kept) {
      restOnDevice();
      navigator.sendBeacon(form.dataset.draft, body());
    }
  });
  window.addEventListener("beforeunload", (event) => {
    if (!sent && now() !== kept && (stopped || !navigator.onLine)) event.preventDefault();
  });
  // A second tap sends nothing; a page that the browser brings back can be sent again.
  form.addEventListener("submit", (event) => {
    if (sent) return event.preventDefault();
    if (!navigator.onLine) {
      event.preventDefault();
      restOnDevice();
      say("You’re offline. What you typed is kept on this device; save it when you’re back online.");
      return;
    }
    sent = true;
    clearTimeout(timer);
    forgetOnDevice();
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) sent = false;
  });

  show();
  comeBack();
  document.getElementById("problems")?.focus();
})();
