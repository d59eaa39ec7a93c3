// How a mentee's card is dragged: Alpine reads this as it starts, before board.js runs. Cards never
// move by themselves: what was lifted stays in its place until the server says where it is.
window.boardSort = {
    sort: false,
    group: { name: "mentees", pull: false, put: false },
    draggable: "[x-sort\\:item]",
    filter: "input, button",
    preventOnFilter: false,
    forceFallback: true,
    fallbackOnBody: true,
    fallbackTolerance: 5,
    fallbackClass: "mb-lifted",
    delay: 180,
    delayOnTouchOnly: true,
    touchStartThreshold: 6,
    onStart: (event) => document.dispatchEvent(new CustomEvent("board:lift", { detail: event })),
    onEnd: (event) => document.dispatchEvent(new CustomEvent("board:drop", { detail: event })),
};
