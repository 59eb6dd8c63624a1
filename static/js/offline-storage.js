// What this device holds of the committee's pages: copies for reading (a cache and its worker), and notes not yet sent.

const KEPT = "offline kept ";
const NOTE = "offline note ";
const WORKER = "/offline-worker.js";
const MOST_BYTES = 200_000_000; // of one page with its papers

export function readKept(page) {
  return read(KEPT + page);
}

export function rememberKept(page, facts) {
  localStorage.setItem(KEPT + page, JSON.stringify(facts));
}

export async function deleteKept(page) {
  await caches.delete(`offline ${page}`);
  const registration = await navigator.serviceWorker.getRegistration(page);
  if (registration && new URL(registration.scope).pathname === page) await registration.unregister();
  // Last: where this is interrupted, the next page goes on with it.
  localStorage.removeItem(KEPT + page);
}

// A note is its person's own: another one who uses the same device neither sees nor replaces it.
const noteName = (address, person) => `${NOTE}${person} ${new URL(address, location.origin).pathname}`;

export function keptNote(address, person) {
  return read(noteName(address, person));
}

export function storeNote(address, person, note) {
  localStorage.setItem(noteName(address, person), JSON.stringify(note));
}

export function deleteNote(address, person) {
  localStorage.removeItem(noteName(address, person));
}

export function hasNotes() {
  return Object.keys(localStorage).some((name) => name.startsWith(NOTE));
}

// Put these addresses into the cache of `page`, from which its worker answers. Throws TooLarge, or another error where one
// of them does not come or the device has no room.
export async function keepPage(page, addresses, onProgress = () => {}) {
  await navigator.serviceWorker.register(workerAddress(), { scope: page });
  const cache = await caches.open(`offline ${page}`);
  const parts = [...addresses, ...partsOfPage()];
  let bytes = 0;
  for (const [done, address] of parts.entries()) {
    onProgress(done, parts.length);
    const response = await fetch(address, { credentials: "same-origin", cache: "no-cache" });
    const isSignIn = response.redirected && new URL(response.url).pathname.startsWith("/accounts/");
    if (!response.ok || isSignIn) throw new Error(`${address}: ${response.status}`);
    const body = await response.blob();
    bytes += body.size;
    if (bytes > MOST_BYTES) throw new TooLarge();
    // A page is answered under its own address; what a paper's address led to, under that of the paper.
    const kept = new URL(address, location.origin);
    for (const name of ["offline", "order"]) kept.searchParams.delete(name);
    await cache.put(kept.href, new Response(body, { headers: response.headers }));
  }
}

export class TooLarge extends Error {}

let policy = null;

// Scripts may be given to the browser only through a policy; this one knows one address.
function workerAddress() {
  if (!window.trustedTypes) return WORKER;
  policy ??= trustedTypes.createPolicy("offline", {
    createScriptURL: (address) => {
      if (address !== WORKER) throw new TypeError("Only the worker of offline pages.");
      return address;
    },
  });
  return policy.createScriptURL(WORKER);
}

function partsOfPage() {
  const loaded = performance.getEntriesByType("resource").map((entry) => new URL(entry.name));
  const named = [...document.querySelectorAll("link[rel=stylesheet], link[rel=icon]")].map((link) => new URL(link.href));
  const own = [...loaded, ...named].filter((address) => address.origin === location.origin);
  return [...new Set(own.map((address) => address.pathname))].filter((path) => path.startsWith("/static/"));
}

// What was kept for another person, or is too old, goes as soon as somebody opens any page.
export async function deleteStale(person) {
  const today = new Date().toISOString().slice(0, 10);
  for (const name of Object.keys(localStorage).filter((one) => one.startsWith(KEPT))) {
    const kept = read(name);
    if (kept?.person !== person || kept.until < today) await deleteKept(name.slice(KEPT.length));
  }
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
