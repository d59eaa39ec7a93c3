// A file that is too large is refused before it is sent.
document.addEventListener("change", (event) => {
    const { atMost } = event.target.dataset;
    if (!atMost) return;
    const [file] = event.target.files;
    const large = file && file.size > Number(atMost);
    const size = large ? Math.ceil(file.size / 1024 / 1024) : 0;
    const limit = Number(atMost) / 1024 / 1024;
    event.target.setCustomValidity(
        large ? `${file.name} is ${size} MB. The limit is ${limit} MB.` : "",
    );
    if (large) event.target.reportValidity();
});

// A form with data-busy is sent once, and says meanwhile that it is at work.
document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.dataset.busy) return;
    if (form.ariaBusy === "true") {
        event.preventDefault();
        return;
    }
    form.ariaBusy = "true";
    form.querySelector("button").textContent = form.dataset.busy;
});

// Coming back with the browser's own button shows the page as it was left.
window.addEventListener("pageshow", (event) => {
    if (event.persisted) window.location.reload();
});
