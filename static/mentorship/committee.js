// A button with data-copy puts the value of the field with that id on the clipboard.
document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const field = document.getElementById(button.dataset.copy);
    field.select();
    navigator.clipboard.writeText(field.value).then(
        () => { button.textContent = "Copied"; },
        () => { button.textContent = "Press Ctrl+C"; },
    );
});

// Unfold gives every scrolling part of the page the same name; the sidebar gets its own. Its search
// field speaks of the framework's apps and models; here it finds pages.
window.addEventListener("load", () => {
    document
        .querySelector("#nav-sidebar-apps [role=region]")
        ?.setAttribute("aria-label", "Pages of this site");
    const search = document.querySelector("#nav-filter");
    search?.setAttribute("placeholder", "Find a page");
    search?.setAttribute("aria-label", "Find a page");
});

// Everything a page sends says which program the page was made for; another tab may have changed it.
const lookingAt = () => document.querySelector("[data-program]")?.dataset.program ?? "";
document.addEventListener("formdata", (event) => {
    if (event.target.method === "post") event.formData.set("looking_at", lookingAt());
});
document.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-Looking-At"] = lookingAt();
});

// A page that was sent, or that a part of it has led on, goes there. What another part asked for
// meanwhile would start that anew each time, or lead back.
let leaving = false;
window.addEventListener("submit", (event) => {
    if (!event.defaultPrevented && event.target.method === "post") leaving = true;
});
window.addEventListener("pageshow", () => { leaving = false; });
document.addEventListener("htmx:beforeOnLoad", (event) => {
    if (!event.detail.xhr.getResponseHeader("HX-Redirect")) return;
    if (leaving) event.preventDefault();
    leaving = true;
});
