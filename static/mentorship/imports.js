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
