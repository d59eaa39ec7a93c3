// The matching board: moves without a new page, by mouse, touch and keyboard. Every answer of the
// server says what has changed on the board since the version that this page has.
const board = document.getElementById("board");
const dialog = document.getElementById("board-dialog");
const lost = document.getElementById("board-lost");
const token = document.querySelector("#lock-form [name=csrfmiddlewaretoken]").value;
const program = document.querySelector("[data-program]")?.dataset.program ?? "";
const EVERY = 2000; // milliseconds between two questions what others have done
const PATIENCE = 10000; // after so many without an answer, the connection counts as lost
let version = Number(board.dataset.version);
let last = null; // what was sent last: a question or a refusal may lead to sending it again
let sending = Promise.resolve();

document.documentElement.classList.add("mb-has-script");

// Asking the server

function ask(address, options = {}) {
    return fetch(address, {
        ...options,
        headers: {
            "HX-Request": "true",
            "X-CSRFToken": token,
            "X-Looking-At": program,
            ...options.headers,
        },
        signal: AbortSignal.timeout(PATIENCE),
    });
}

// One change after the other; when the connection is lost, what waits is told and given up.
function send(address, data) {
    const result = sending.then(() => sendNow(address, data));
    sending = result.catch(() => {});
    return result;
}

async function sendNow(address, data) {
    if (!lost.hidden) return lose();
    data.set("seen", version);
    last = { address, data };
    board.setAttribute("aria-busy", "true");
    try {
        const answer = await ask(address, { method: "POST", body: data });
        take(answer, await answer.text());
    } catch {
        lose();
    } finally {
        board.removeAttribute("aria-busy");
    }
    return undefined;
}

function lose() {
    lost.textContent =
        "The connection is lost. Your last change may not be saved, and nothing is waiting to be " +
        "sent. The board will catch up once the connection is back.";
    lost.hidden = false;
    dialog.close();
}

function take(answer, text) {
    if (!answer.headers.has("X-Board-Version")) {
        lost.textContent = answer.ok
            ? "You are signed out. Load the page again to go on."
            : "The server could not answer this. Nothing was changed. Load the page again.";
        lost.hidden = false;
        return;
    }
    lost.hidden = true;
    apply(text);
    version = Number(answer.headers.get("X-Board-Version"));
    board.dataset.version = version;
}

let polling = false;
async function poll() {
    if (polling || document.hidden) return;
    polling = true;
    try {
        await sending;
        const answer = await ask(`${board.dataset.changes}?since=${version}`, {
            cache: "no-store",
            headers: { "If-None-Match": `"${version}"` },
        });
        if (answer.status === 304) {
            if (!lost.hidden) say("Connected again.");
            lost.hidden = true;
        } else take(answer, await answer.text());
    } catch {
        lose();
    } finally {
        polling = false;
    }
}
setInterval(poll, EVERY);
document.addEventListener("visibilitychange", poll);
window.addEventListener("online", poll);

// Changing the page

function say(words) {
    document.getElementById("board-said").textContent = words;
}

function speak(words) {
    document.getElementById("board-spoken").textContent = words;
}

function apply(text) {
    const page = document.createElement("template");
    page.innerHTML = text;
    const parts = [...page.content.children];
    if (parts.some((part) => part.matches("[data-reload]"))) {
        window.location.reload();
        return;
    }
    const held = holder(document.activeElement);
    const touched = parts.find((part) => part.dataset.mentees !== undefined);
    for (const key of touched?.dataset.mentees.split(" ").filter(Boolean) ?? []) {
        document.getElementById(`mentee-${key}`)?.remove();
    }
    for (const part of parts) {
        if (part.matches("[data-said]")) say(part.textContent);
        else if (part.matches("[data-dialog]")) open(part);
        else if (part.dataset.dropMentor) place(part, document.getElementById(`rows-${part.dataset.bin}`));
        else if (part.dataset.waits !== undefined) place(part, document.getElementById("waiting-list"));
        else if (part.id) document.getElementById(part.id)?.replaceWith(part);
    }
    held?.();
    if (touched?.dataset.mentees) refreshPanel(touched.dataset.mentees.split(" "));
    countSelected();
}

// What stands before it says where something belongs; it may not have come into view yet.
function place(part, list) {
    document.getElementById(part.id)?.remove();
    if (!list) return;
    const kind = part.id.split("-")[0];
    const { after } = part.dataset;
    const before = after && document.getElementById(`${kind}-${after}`);
    if (!after) list.prepend(part);
    else if (before?.parentElement === list) before.after(part);
    else if (!list.querySelector(".mb-more")) list.append(part);
}

// Return how to give the focus back to what has it now, once its part of the page is new.
function holder(focused) {
    const within = focused?.closest("[id^=mentee-], #board-bar");
    if (!within) return null;
    const { id } = within;
    const kinds = [".mb-lock", ".mb-pick", ".mb-name", "form[action$='undo/'] button", "button"];
    const kind = kinds.find((one) => focused.matches(one)) ?? "summary";
    return () => {
        const again = document.getElementById(id);
        (again?.querySelector(kind) ?? again?.querySelector("a"))?.focus({ preventScroll: true });
    };
}

function open(part) {
    dialog.replaceChildren(...part.children);
    if (!dialog.open) dialog.showModal();
}

dialog.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    dialog.close();
    const { swapWith, mentee } = button.dataset;
    if (swapWith) {
        send(board.dataset.swap, values({ mentee, other: swapWith, read: "1" }));
    } else if (button.matches("[data-again]")) send(last.address, last.data);
    else if (button.matches("[data-read]")) again("read");
    else if (button.matches("[data-sure]")) again("sure");
});

function again(answered) {
    last.data.set(answered, "1");
    send(last.address, last.data);
}

function values(entries) {
    const data = new FormData();
    for (const [name, value] of Object.entries(entries)) data.set(name, value);
    return data;
}

// The side panel

const chosen = () => new URLSearchParams(window.location.search).get("mentee");

async function choose(mentee) {
    document.querySelectorAll(".mb-chosen").forEach((one) => one.classList.remove("mb-chosen"));
    document.getElementById(`mentee-${mentee}`)?.classList.add("mb-chosen");
    const address = new URL(window.location.href);
    address.searchParams.set("mentee", mentee);
    address.searchParams.delete("to");
    window.history.replaceState(null, "", address);
    // What the panel still shows is out of date: what is typed or pressed there would be lost.
    document.getElementById("chosen").inert = true;
    try {
        await window.htmx.ajax("GET", `${board.dataset.panel}?mentee=${mentee}`, {
            target: "#chosen",
            swap: "outerHTML",
        });
    } catch {
        lose();
    } finally {
        document.getElementById("chosen").inert = false;
    }
}

function refreshPanel(touched) {
    const mentee = chosen();
    if (!mentee || !touched.includes(mentee)) return;
    const typing = document.activeElement?.closest("#chosen input, #chosen select");
    if (!typing) choose(mentee);
}

document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-mentee]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    choose(link.dataset.mentee).then(() => {
        if (window.innerWidth < 1120) document.getElementById("chosen").focus();
    });
});

// Forms of the board are sent without leaving the page.
document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-board-form]");
    if (!form) return;
    event.preventDefault();
    const data = new FormData(form, event.submitter);
    document.activeElement?.matches("#chosen *") && document.activeElement.blur();
    send(form.getAttribute("action"), data);
});

document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-drop-on]");
    if (!link) return;
    event.preventDefault();
    drop(chosen(), { mentor: link.dataset.dropOn });
});

// Lifting a mentee: by pointer, or by keyboard

let lifted = null; // the key of the mentee who is dragged or picked up
let target = null; // the element over which that mentee is
let targets = []; // where the keyboard can drop
let saying = new Map(); // what each mentor would say, by key

const TARGETS = "[data-drop-mentor], [data-drop-bin], [data-drop-nobody]";

async function lift(mentee) {
    lifted = mentee;
    saying = new Map();
    board.classList.add("mb-lifting");
    try {
        const answer = await ask(`${board.dataset.consequences}?mentee=${mentee}`);
        const { consequences } = await answer.json();
        for (const { words, tone, mentors } of consequences) {
            for (const key of mentors) saying.set(String(key), { words, tone });
        }
    } catch {
        return; // the drop itself will say what is wrong
    }
    if (lifted !== mentee) return;
    for (const row of board.querySelectorAll("[data-drop-mentor]")) {
        const said = saying.get(row.dataset.dropMentor);
        if (!said) continue;
        const line = document.createElement("span");
        line.className = `mb-says mb-says-${said.tone}`;
        line.textContent = said.words;
        row.querySelector(".mb-mentor").append(line);
    }
    if (target) aim(target);
}

function aim(next) {
    target?.classList.remove("mb-target");
    target = next;
    target?.classList.add("mb-target");
}

function letGo() {
    lifted = null;
    aim(null);
    board.classList.remove("mb-lifting");
    board.querySelectorAll(".mb-says").forEach((line) => line.remove());
    board.querySelectorAll(".mb-picked").forEach((one) => one.classList.remove("mb-picked"));
}

function drop(mentee, { mentor, bin, nobody }) {
    if (bin !== undefined) {
        const match = document.querySelector(`#mentee-${mentee} .mb-pick`)?.value;
        if (!match) say("Only a pair can be moved to a bin. Drop this mentee on a mentor.");
        else send(board.dataset.act, values({ do: "bin", match, bin }));
    } else if (nobody) {
        const waits = document.querySelector(`#mentee-${mentee}`)?.matches(".mb-waits");
        if (!waits) send(board.dataset.move, values({ mentee, nobody: "1", dropped: "1" }));
    } else if (!document.querySelector(`#mentor-${mentor} #mentee-${mentee}`)) {
        send(board.dataset.move, values({ mentee, mentor, dropped: "1" }));
    }
}

function dropOn(element, mentee) {
    const { dropMentor, dropBin, dropNobody } = element.dataset;
    drop(mentee, { mentor: dropMentor, bin: dropBin, nobody: dropNobody !== undefined });
}

const under = (point) => document.elementFromPoint(point.clientX, point.clientY)?.closest(TARGETS);

function follow(event) {
    if (lifted) aim(under(event.touches?.[0] ?? event));
}

document.addEventListener("board:lift", ({ detail }) => {
    if (lifted) letGo();
    lift(detail.item.id.replace("mentee-", ""));
});
document.addEventListener("pointermove", follow);
document.addEventListener("touchmove", follow, { passive: true });
document.addEventListener("board:drop", () => {
    const [element, mentee] = [target, lifted];
    letGo();
    if (element && mentee) dropOn(element, mentee);
});

// By keyboard: M on a mentee picks up, arrows choose, Enter drops, Escape lets go.

const shown = (element) => element.getClientRects().length > 0;

function pickUp(link) {
    lift(link.dataset.mentee).then(() => sayTarget());
    link.closest("[id^=mentee-]").classList.add("mb-picked");
    targets = [...document.querySelectorAll(TARGETS)].filter(shown);
    const home = link.closest(TARGETS) ?? targets[0];
    aim(home);
    speak(
        `Picked up ${link.textContent}. Choose where to with the up and down arrows, ` +
        "press Enter to drop there, Escape to leave it.",
    );
}

function sayTarget() {
    if (!target || !lifted) return;
    const { words, dropMentor, dropBin } = target.dataset;
    const said = dropMentor && saying.get(dropMentor)?.words;
    const what = dropBin !== undefined ? `Bin ${words}` : words;
    speak(said ? `${what}: ${said}` : what);
}

function step(by) {
    const place = targets.indexOf(target) + by;
    aim(targets[(place + targets.length) % targets.length]);
    target.scrollIntoView({ block: "nearest" });
    sayTarget();
}

document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input:not([type=checkbox]), textarea, select");
    const key = event.key.toLowerCase();
    if ((event.ctrlKey || event.metaKey) && !typing && (key === "z" || key === "y")) {
        event.preventDefault();
        const redo = key === "y" || event.shiftKey;
        send(redo ? board.dataset.redo : board.dataset.undo, new FormData());
        return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
    const link = event.target.closest("a[data-mentee]");
    if (link && !lifted && key === "m") {
        event.preventDefault();
        pickUp(link);
    } else if (link && !lifted && key === "l") {
        link.closest("[id^=mentee-]").querySelector(".mb-lock")?.click();
    } else if (lifted && ["arrowdown", "arrowup"].includes(key)) {
        event.preventDefault();
        step(key === "arrowdown" ? 1 : -1);
    } else if (lifted && key === "enter") {
        event.preventDefault();
        const [element, mentee] = [target, lifted];
        letGo();
        speak(`Dropped on ${element.dataset.words}.`);
        dropOn(element, mentee);
    } else if (lifted && (key === "escape" || key === "tab")) {
        letGo();
        speak("Left where it was.");
    } else if (!typing && key === "/") {
        event.preventDefault();
        document.getElementById("board-q").focus();
    }
});

// Selecting several

const several = document.getElementById("select-several");

several.addEventListener("click", () => {
    const on = board.classList.toggle("mb-selecting");
    several.setAttribute("aria-pressed", String(on));
    if (!on) board.querySelectorAll(".mb-pick").forEach((box) => { box.checked = false; });
    countSelected();
});

function countSelected() {
    const number = board.querySelectorAll(".mb-pick:checked").length;
    document.getElementById("several-number").textContent = `${number} selected`;
}
board.addEventListener("change", countSelected);

// Collapsing bins; a browser remembers which ones.

const collapse = document.getElementById("collapse-all");
const STORED = `collapsed-bins-${program}`;
const stored = () => JSON.parse(window.localStorage.getItem(STORED) ?? "[]");

function restoreCollapsed() {
    for (const id of stored()) document.getElementById(id)?.removeAttribute("open");
}

collapse.addEventListener("click", () => {
    const close = collapse.getAttribute("aria-pressed") !== "true";
    collapse.setAttribute("aria-pressed", String(close));
    document.querySelectorAll(".mb-group").forEach((group) => { group.open = !close; });
});
document.addEventListener("toggle", (event) => {
    if (!event.target.matches(".mb-group")) return;
    const closed = new Set(stored());
    if (event.target.open) closed.delete(event.target.id);
    else closed.add(event.target.id);
    window.localStorage.setItem(STORED, JSON.stringify([...closed]));
}, true);
document.addEventListener("htmx:afterSwap", restoreCollapsed);
restoreCollapsed();
