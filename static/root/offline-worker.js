// For one report's page of its committee: answers with what a person asked to keep on this device while there is no
// network. It keeps nothing by itself: static/js/offline.js puts things into the cache, and takes them out.

const PAGE = new URL(registration.scope).pathname;
const LONGEST_WAIT = 8000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method === "GET" && new URL(request.url).origin === location.origin) event.respondWith(answer(request));
});

async function answer(request) {
  const cache = await caches.open(`offline ${PAGE}`);
  const kept = await cache.match(request.url, { ignoreVary: true });
  if (!kept) return fetch(request);
  // A published paper never changes.
  if (new URL(request.url).pathname.startsWith(`${PAGE}papers/`)) return kept;
  const late = new Promise((resolve) => setTimeout(() => resolve(kept), LONGEST_WAIT));
  return Promise.race([fetch(request).catch(() => kept), late]);
}
