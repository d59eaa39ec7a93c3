// The page for the matching criteria: sliders, and an order of priorities.
const form = document.getElementById("criteria");
const list = form.querySelector(".wc-order");
const sliders = [...form.querySelectorAll("[type=range]")];
const aims = () => [...list.children].filter((item) => item.matches("li"));
const nameOf = (aim) => aim.querySelector("input").value;
const orderNow = () => aims().map(nameOf).join(" ");
const isChanged = () =>
    orderNow() !== form.dataset.saved ||
    sliders.some((slider) => slider.value !== slider.dataset.saved);
let sending = false;

function show() {
    sliders.forEach((slider) => { slider.previousElementSibling.value = slider.value; });
    const order = aims();
    order.forEach((aim, place) => {
        aim.querySelector(".wc-place").textContent = `${place + 1}.`;
        aim.querySelector("[data-step='-1']").disabled = place === 0;
        aim.querySelector("[data-step='1']").disabled = place === order.length - 1;
    });
    document.getElementById("unsaved").hidden = !isChanged();
}

// htmx asks what would change whenever the form hears of input.
const tell = () => form.dispatchEvent(new Event("input", { bubbles: true }));

form.addEventListener("input", show);
list.addEventListener("sorted", tell);

list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (!button) return;
    const aim = button.closest("li");
    if (button.dataset.step === "-1") aim.previousElementSibling.before(aim);
    else aim.nextElementSibling.after(aim);
    tell();
    // At an end of the list the pressed button cannot hold the focus any more.
    (button.disabled ? aim.querySelector("[data-step]:enabled") : button).focus();
    const order = aims();
    document.getElementById("order-said").textContent =
        `“${aim.dataset.words}” is now priority ${order.indexOf(aim) + 1} of ${order.length}.`;
});

form.addEventListener("click", (event) => {
    const { backTo } = event.target.closest("[data-back-to]")?.dataset ?? {};
    if (!backTo) return;
    sliders.forEach((slider) => { slider.value = slider.dataset[backTo]; });
    const order = form.dataset[backTo].split(" ");
    list.append(...aims().sort((a, b) => order.indexOf(nameOf(a)) - order.indexOf(nameOf(b))));
    tell();
});

const failed = (yes) => { document.getElementById("trial-failed").hidden = !yes; };
form.addEventListener("htmx:responseError", () => failed(true));
form.addEventListener("htmx:sendError", () => failed(true));
form.addEventListener("htmx:afterSwap", () => failed(false));

form.addEventListener("submit", () => { sending = true; });
window.addEventListener("beforeunload", (event) => {
    if (isChanged() && !sending) event.preventDefault();
});
show();
