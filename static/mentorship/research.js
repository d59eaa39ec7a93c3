// The research queue by keyboard: Ctrl+Enter saves, and single keys do what their buttons say, unless
// somebody types or has switched them off.
const keys = document.getElementById("keys");
keys.checked = localStorage.getItem("research-keys") !== "off";
keys.addEventListener("change", () => {
    localStorage.setItem("research-keys", keys.checked ? "on" : "off");
});

document.addEventListener("keydown", (event) => {
    const form = document.getElementById("found");
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
        form?.requestSubmit(form.querySelector("[value=save]"));
        return;
    }
    const typing = event.target.matches("textarea, select, input:not([type=checkbox], [type=radio])");
    if (typing || !keys.checked || event.ctrlKey || event.metaKey || event.altKey) return;
    document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`)?.click();
});
