"""Markdown as a person reads it in a mail without HTML."""

from __future__ import annotations

from collections.abc import Sequence

from markdown_it.token import Token


def _inline(tokens: Sequence[Token]) -> str:
    """Give a line's words; a link is its label and, unless that says it, where it leads."""
    out: list[str] = []
    links: list[tuple[str, int]] = []
    for token in tokens:
        match token.type:
            case "softbreak":
                out.append(" ")
            case "hardbreak":
                out.append("\n")
            case "link_open":
                links.append((str(token.attrs.get("href", "")), len(out)))
            case "link_close":
                href, start = links.pop()
                label = "".join(out[start:])
                alone = start == 0 and token is tokens[-1]
                if label != href.removeprefix("mailto:"):
                    out.append(f":\n{href}" if alone else f" ({href})")
            case _:
                out.append(token.content)
    return "".join(out)


def plain(tokens: Sequence[Token]) -> str:
    """Give the text of parsed Markdown: paragraphs apart by an empty line, lists with signs."""
    blocks: list[str] = []
    signs: list[str] = []  # of the lists that are open
    before = ""  # what stands in front of the next block
    quoted = 0
    tight = False
    for token in tokens:
        match token.type:
            case "bullet_list_open":
                signs.append("-")
            case "ordered_list_open":
                signs.append(str(token.attrs.get("start", 1)))
            case "bullet_list_close" | "ordered_list_close":
                signs.pop()
                tight = False
            case "list_item_open":
                sign = signs[-1]
                before = "  " * (len(signs) - 1) + (f"{sign}. " if sign != "-" else "- ")
                if sign != "-":
                    signs[-1] = str(int(sign) + 1)
            case "blockquote_open":
                quoted += 1
            case "blockquote_close":
                quoted -= 1
            case "hr":
                blocks.append("\n\n-----")
            case "inline" | "code_block" | "fence":
                words = _inline(token.children or []) if token.children else token.content.rstrip()
                indent = before or "  " * len(signs)
                lines = words.split("\n")
                shown = indent + f"\n{' ' * len(indent)}".join(lines)
                if quoted:
                    shown = "\n".join("> " * quoted + line for line in shown.split("\n"))
                blocks.append(("\n" if tight else "\n\n") + shown)
                tight = bool(signs)
                before = ""
    return "".join(blocks).strip("\n") + "\n"
