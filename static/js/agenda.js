// Items of an agenda, dragged to another place. The buttons "Up" and "Down" do the same without a pointer:
// a drop presses no other button than theirs, with another number.

const MOVING = "scrutiny-builder__item--moving";
const BEFORE = "scrutiny-builder__item--before";
const AFTER = "scrutiny-builder__item--after";

for (const list of document.querySelectorAll("[data-agenda]")) {
  const items = [...list.children];
  if (items.length > 1) items.forEach((item) => addGrip(item, items));
}

function addGrip(item, items) {
  const grip = document.createElement("span");
  grip.className = "scrutiny-builder__grip";
  grip.textContent = "⠿";
  // Whoever hears the page has the buttons beside it.
  grip.setAttribute("aria-hidden", "true");
  grip.title = "Drag to another place";
  item.querySelector("[data-move]").append(grip);

  let start = null;
  grip.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    start = event.pageY;
    grip.setPointerCapture(event.pointerId);
    item.classList.add(MOVING);
    event.preventDefault();
  });
  grip.addEventListener("pointermove", (event) => {
    if (start === null) return;
    item.style.transform = `translateY(${event.pageY - start}px)`;
    mark(item, items, placeAt(event.clientY, item, items));
    scrollNear(event.clientY);
  });
  grip.addEventListener("pointerup", (event) => {
    if (start === null) return;
    const to = placeAt(event.clientY, item, items);
    end();
    if (to !== items.indexOf(item)) send(item, to + 1);
  });
  grip.addEventListener("pointercancel", end);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") end();
  });

  function end() {
    start = null;
    item.style.transform = "";
    item.classList.remove(MOVING);
    mark(item, items, items.indexOf(item));
  }
}

// The place, from 0, that the item takes when it is let go there: behind every other one whose middle is above.
function placeAt(y, item, items) {
  const middles = items.filter((other) => other !== item).map((other) => {
    const box = other.getBoundingClientRect();
    return box.top + box.height / 2;
  });
  return middles.filter((middle) => middle < y).length;
}

function mark(item, items, to) {
  const from = items.indexOf(item);
  items.forEach((other, place) => {
    other.classList.toggle(BEFORE, place === to && to < from);
    other.classList.toggle(AFTER, place === to && to > from);
  });
}

function scrollNear(y) {
  const margin = 60;
  if (y < margin) window.scrollBy(0, -12);
  if (y > window.innerHeight - margin) window.scrollBy(0, 12);
}

function send(item, to) {
  const form = item.querySelector("[data-move]");
  const field = document.createElement("input");
  field.type = "hidden";
  field.name = "to";
  field.value = String(to);
  form.append(field);
  form.submit();
}
