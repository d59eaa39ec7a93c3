// A field on which files can be dropped shows that it takes them, and then their names.
for (const field of document.querySelectorAll(".sh-drop")) {
    const chosen = document.createElement("p");
    chosen.className = "sh-chosen";
    chosen.setAttribute("role", "status");
    field.after(chosen);
    // Unfold would write the name into a text field that its own widget has, and this one has not.
    field.hasChangeListener = true;
    const over = (is) => () => field.classList.toggle("sh-over", is);
    field.addEventListener("dragenter", over(true));
    field.addEventListener("dragleave", over(false));
    field.addEventListener("drop", over(false));
    const name = () => {
        chosen.textContent = [...field.files].map((file) => file.name).join(", ");
    };
    field.addEventListener("change", name);
    // Somebody may have been quicker than this script, or a browser may have kept the files.
    name();
}
