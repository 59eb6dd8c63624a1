// A copy of what is being typed, in this browser, until the server has it. Keyed by person and page, so that
// nobody is offered somebody else's words on a shared tablet.

const PREFIX = "scrutiny:words:";
const SENT = "scrutiny:sent";
const DAYS_KEPT = 7;

function storage() {
  try {
    return window.localStorage;
  } catch {
    return null; // forbidden by the browser's settings: then nothing is kept
  }
}

export function keyFor(form) {
  return `${PREFIX}${document.body.dataset.person || ""}:${form.dataset.autosaveUrl}`;
}

// The words of a form: every field but hidden ones, files and buttons, as [name, value] pairs.
export function wordsOf(form) {
  const fields = [...form.elements].filter(
    (field) => field.name && !["hidden", "file", "submit", "button", "password"].includes(field.type),
  );
  return fields
    .filter((field) => !["checkbox", "radio"].includes(field.type) || field.checked)
    .map((field) => [field.name, normal(field.value)]);
}

function normal(text) {
  return text.replace(/\r\n?/g, "\n");
}

export function sameWords(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

export function keepWords(form) {
  try {
    storage()?.setItem(keyFor(form), JSON.stringify({ at: Date.now(), words: wordsOf(form) }));
  } catch {
    // Full: the page itself still holds the words.
  }
}

export function forgetWords(form) {
  storage()?.removeItem(keyFor(form));
}

export function forgetAllKeptWords() {
  const store = storage();
  if (!store) return;
  for (const key of Object.keys(store)) if (key.startsWith("scrutiny:")) store.removeItem(key);
}

// The kept words of this form where they are newer than what the server has and differ from it; else null.
export function keptWords(form) {
  const store = storage();
  const kept = read(store, keyFor(form));
  if (!kept) return null;
  const savedAt = Date.parse(form.dataset.autosaveSavedAt || "") || 0;
  const tooOld = Date.now() - kept.at > DAYS_KEPT * 24 * 60 * 60 * 1000;
  if (tooOld || kept.at < savedAt || sameWords(kept.words, wordsOf(form))) {
    store.removeItem(keyFor(form));
    return null;
  }
  return kept;
}

function read(store, key) {
  try {
    const kept = JSON.parse(store?.getItem(key) ?? "null");
    return kept && Array.isArray(kept.words) ? kept : null;
  } catch {
    return null;
  }
}

export function bringBack(form, kept) {
  for (const field of form.elements) {
    if (["checkbox", "radio"].includes(field.type)) {
      field.checked = kept.words.some(([name, value]) => name === field.name && value === normal(field.value));
    }
  }
  for (const [name, value] of kept.words) {
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLElement && !["checkbox", "radio"].includes(field.type)) field.value = value;
  }
  form.dispatchEvent(new Event("input", { bubbles: true }));
  for (const field of form.querySelectorAll("textarea")) field.dispatchEvent(new Event("keyup", { bubbles: true }));
}

// A form sent by its button is saved when the next page says so, and only then.
export function rememberSending(form) {
  storage()?.setItem(SENT, keyFor(form));
}

export function forgetWordsJustSaved() {
  const store = storage();
  const key = store?.getItem(SENT);
  if (!key) return;
  if (document.querySelector(".govuk-notification-banner--success")) store.removeItem(key);
  store.removeItem(SENT);
}
