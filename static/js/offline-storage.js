// What this device holds of the committee's pages: copies for reading (a cache and its worker), and notes not yet sent.

const KEPT = "offline kept ";
const NOTE = "offline note ";

export function readKept(page) {
  return read(KEPT + page);
}

export function rememberKept(page, facts) {
  localStorage.setItem(KEPT + page, JSON.stringify(facts));
}

export async function deleteKept(page) {
  localStorage.removeItem(KEPT + page);
  await caches.delete(`offline ${page}`);
  const registration = await navigator.serviceWorker.getRegistration(page);
  if (registration && new URL(registration.scope).pathname === page) await registration.unregister();
}

export function keptNote(address, person) {
  const note = read(NOTE + new URL(address).pathname);
  return note?.person === person ? note : null;
}

export function storeNote(address, note) {
  localStorage.setItem(NOTE + new URL(address).pathname, JSON.stringify(note));
}

export function deleteNote(address) {
  localStorage.removeItem(NOTE + new URL(address).pathname);
}

export function hasNotes() {
  return Object.keys(localStorage).some((name) => name.startsWith(NOTE));
}

// The server asks browsers for this when somebody signs out; not all of them know how.
export async function deleteEverything() {
  const names = Object.keys(localStorage).filter((name) => name.startsWith(KEPT) || name.startsWith(NOTE));
  for (const name of names) {
    if (name.startsWith(KEPT)) await deleteKept(name.slice(KEPT.length));
    localStorage.removeItem(name);
  }
}

function read(name) {
  try {
    return JSON.parse(localStorage.getItem(name));
  } catch {
    return null;
  }
}
