// Which forms on this page hold words that are nowhere else, and the browser's question before leaving them.

const unsaved = new Set();

export function markUnsaved(form) {
  unsaved.add(form);
}

export function markSaved(form) {
  unsaved.delete(form);
}

export function isUnsaved(form) {
  return unsaved.has(form);
}

export function warnBeforeLosingWords(form) {
  form.addEventListener("input", () => markUnsaved(form));
  form.addEventListener("submit", () => markSaved(form));
}

window.addEventListener("beforeunload", (event) => {
  if (unsaved.size > 0) event.preventDefault();
});
