/** Written by the service in front of this script. */
declare const build: {
  /** Another one for each version of the pages. */
  readonly version: string;
  /** The pages and files that are kept, relative to the folder of this script. */
  readonly files: readonly string[];
};
declare const self: ServiceWorkerGlobalScope;

const prefix = 'tidings-pages-';
const cacheName = prefix + build.version;
const root = new URL('./', self.location.href);

// A new version takes over when no page of the earlier one is open, because those may still load files of theirs. Pages
// are asked of the network first, so nobody sees an old one while online.
self.addEventListener('install', (event) => {
  const requests = build.files.map((file) => new Request(new URL(file, root), { cache: 'no-cache' }));
  event.waitUntil(caches.open(cacheName).then((cache) => cache.addAll(requests)));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(Promise.all([removeOlder(), self.clients.claim()]));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== root.origin || !pathname.startsWith(root.pathname)) return;
  const path = pathname.slice(root.pathname.length);
  if (request.mode === 'navigate') {
    const shell = shellOf(path);
    if (shell !== undefined) event.respondWith(fetch(request).catch(() => kept(shell)));
  } else if (/^(pages|elements)\/[\w.-]+-[0-9A-Za-z]{8}\.\w+$/.test(path)) {
    event.respondWith(keptOrFetched(request));
  } else if (/^elements\/[\w.-]+$/.test(path)) {
    event.respondWith(fetchedOrKept(request));
  }
});

/** The kept page for an address; relative links depend on its depth. Undefined: the address is none of the pages. */
function shellOf(path: string): string | undefined {
  if (/^(inbox|preferences)$/.test(path)) return 'inbox';
  return /^inbox\/[^/]+$/.test(path) ? 'inbox/item' : undefined;
}

async function kept(file: string): Promise<Response> {
  return (await caches.match(new URL(file, root), { cacheName })) ?? Response.error();
}

/** A file whose name contains the hash of its content never changes. */
async function keptOrFetched(request: Request): Promise<Response> {
  const found = await caches.match(request, { cacheName });
  return found ?? fetchAndKeep(request);
}

async function fetchedOrKept(request: Request): Promise<Response> {
  try {
    return await fetchAndKeep(request);
  } catch (error) {
    const found = await caches.match(request, { cacheName });
    if (found === undefined) throw error;
    return found;
  }
}

async function fetchAndKeep(request: Request): Promise<Response> {
  const response = await fetch(request);
  if (response.ok) await (await caches.open(cacheName)).put(request, response.clone());
  return response;
}

async function removeOlder(): Promise<void> {
  const names = await caches.keys();
  const older = names.filter((name) => name.startsWith(prefix) && name !== cacheName);
  await Promise.all(older.map((name) => caches.delete(name)));
}
