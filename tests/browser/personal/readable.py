"""Whether a page that people see without an account can be read and used by everyone."""

from __future__ import annotations

import os

from tests.conftest import COLOR_RULES, DESK, PHONE, fits

NARROW = {"width": 320, "height": 640}

# The elements that Tab should reach, in their order; of radio buttons the one that is chosen.
REACHABLE = """() => {
  const seen = new Set();
  const all = [...document.querySelectorAll("a[href], button, input, select, textarea")];
  return all.filter((one) => {
    if (one.type === "hidden" || one.disabled || one.tabIndex < 0) return false;
    if (!one.getClientRects().length) return false;
    if (one.type !== "radio") return true;
    const group = [...document.getElementsByName(one.name)].filter((radio) => radio.checked);
    if (group.length && !one.checked) return false;
    if (seen.has(one.name)) return false;
    return seen.add(one.name);
  });
}"""
TABBED = f"""() => {{ return ({REACHABLE})().indexOf(document.activeElement); }}"""
# What has the focus and does not show it.
UNSEEN = f"""() => ({REACHABLE})().filter((one) => {{
  one.focus({{ focusVisible: true, preventScroll: true }});
  const frames = [one, one.labels?.[0]].filter(Boolean).map((shown) => getComputedStyle(shown));
  return !frames.some((f) => f.outlineStyle !== "none" && parseFloat(f.outlineWidth) >= 2);
}}).map((one) => one.outerHTML.slice(0, 120))"""


def fits_into(page, viewport):
    page.set_viewport_size(viewport)
    return fits(page)


def faults(page, violations):
    """Return what is wrong with a page that is open."""
    wrong = []
    by_keyboard(page) or wrong.append("Tab does not reach everything in its order")
    wrong += violations(page)
    wrong += page.evaluate(UNSEEN)
    fits_into(page, NARROW) or wrong.append("wider than 320 px")
    page.set_viewport_size(DESK)
    page.emulate_media(color_scheme="dark")
    wrong += violations(page)
    page.emulate_media(color_scheme="dark", forced_colors="active")
    wrong += page.evaluate(UNSEEN)
    if os.environ.get("SOAK"):
        wrong += violations(page, COLOR_RULES)
    page.emulate_media(color_scheme="light", forced_colors="none")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    fits_into(page, PHONE) or wrong.append("wider than a phone in large text")
    if page.evaluate("document.scripts.length && !document.getElementById('intake')"):
        wrong.append("a script without which the page is not whole")
    return wrong


def by_keyboard(page):
    """Return whether Tab reaches everything that can be used, in the order of the page."""
    count = page.evaluate(f"({REACHABLE})().length")
    reached = []
    for _ in range(count):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(TABBED))
    return reached == list(range(count))
