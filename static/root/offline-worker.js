// For one report's page of its committee, or the room page of one meeting: answers with what is kept on this device while
// there is no network. It keeps nothing by itself: static/js/offline-storage.js puts things into the cache, and takes them out.

const PAGE = new URL(registration.scope).pathname;
const LONGEST_WAIT = 8000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method === "GET" && new URL(request.url).origin === location.origin) event.respondWith(answer(request));
});

async function answer(request) {
  // To open a cache that was taken out would make it again.
  if (!(await caches.has(`offline ${PAGE}`))) return fetch(request);
  const cache = await caches.open(`offline ${PAGE}`);
  const ignoreSearch = request.mode === "navigate"; // a page that is kept, at whichever row
  const kept =
    (await cache.match(request.url, { ignoreVary: true })) ??
    (ignoreSearch && (await cache.match(request.url, { ignoreSearch, ignoreVary: true })));
  if (!kept) return fetch(request);
  // A published paper never changes.
  if (new URL(request.url).pathname.startsWith(`${PAGE}papers/`)) return kept;
  const late = new Promise((resolve) => setTimeout(() => resolve(kept), LONGEST_WAIT));
  return Promise.race([fetch(request).catch(() => kept), late]);
}
