// Shows only the questions that are asked of the chosen role and attendance. Without this script
// every question is on the page and says whom it is for.
(() => {
  "use strict";
  const form = document.getElementById("intake");
  const chosen = (name) => form.querySelector(`input[name="${name}"]:checked`)?.value;

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
    const said = [role, chosen("attendance")];
    if (said[1] === "virtual") suggestZone();
    for (const question of form.querySelectorAll("section > div")) {
      const whom = question.dataset.askedOf;
      const isRole = question.querySelector('input[name="role"]') !== null;
      question.hidden = !isRole && (role === "none" || (whom !== undefined && !said.includes(whom)));
    }
    for (const section of form.querySelectorAll("section")) {
      section.hidden = !section.querySelector(":scope > div:not([hidden])");
    }
  }

  form.addEventListener("change", show);
  show();
  document.getElementById("problems")?.focus();
})();
