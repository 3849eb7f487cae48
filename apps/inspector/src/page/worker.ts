/**
 * The service worker: keeps the page itself, so that a reload works while the relay is away. It touches nothing under
 * `/v1`, no metrics and no socket; addresses are kept without their query, which names a room.
 */

interface ExtendableEvent extends Event {
  waitUntil(promise: Promise<unknown>): void;
}
interface FetchEvent extends ExtendableEvent {
  readonly request: Request;
  /** The page, asked for while this worker was still starting. */
  readonly preloadResponse: Promise<Response | undefined>;
  respondWith(response: Promise<Response>): void;
}
interface MessageEventOfPage extends ExtendableEvent {
  readonly data: unknown;
}
interface WorkerScope {
  readonly location: { readonly origin: string };
  readonly clients: { claim(): Promise<void> };
  readonly registration: { readonly navigationPreload?: { enable(): Promise<void> } };
  skipWaiting(): Promise<void>;
  addEventListener(name: "install" | "activate", listener: (event: ExtendableEvent) => void): void;
  addEventListener(name: "fetch", listener: (event: FetchEvent) => void): void;
  addEventListener(name: "message", listener: (event: MessageEventOfPage) => void): void;
}

const scope = globalThis as unknown as WorkerScope;
const cacheName = "context-mesh page";
/** Former builds leave files behind; beyond this many the cache is begun anew. */
const filesMax = 200;

const isAsset = (path: string): boolean => path.startsWith("/assets/") || path === "/icon.svg";

const store = async (path: string, response: Response): Promise<void> => {
  const cache = await caches.open(cacheName);
  if ((await cache.keys()).length > filesMax) await caches.delete(cacheName);
  await (await caches.open(cacheName)).put(path, response);
};

/** Nobody waits for the keeping. */
const keep = (event: ExtendableEvent, path: string, response: Response): Response => {
  if (response.ok) event.waitUntil(store(path, response.clone()));
  return response;
};

const kept = async (path: string): Promise<Response | undefined> => (await caches.open(cacheName)).match(path);

const asset = async (event: FetchEvent, path: string): Promise<Response> =>
  (await kept(path)) ?? keep(event, path, await fetch(path));

/** The newest page where the relay answers, the kept one where it does not. */
const page = async (event: FetchEvent): Promise<Response> => {
  try {
    return keep(event, "/", (await event.preloadResponse) ?? (await fetch(event.request)));
  } catch (error) {
    const former = await kept("/");
    if (former === undefined) throw error;
    return former;
  }
};

scope.addEventListener("install", (event) => event.waitUntil(scope.skipWaiting()));
scope.addEventListener("activate", (event) =>
  event.waitUntil(Promise.all([scope.clients.claim(), scope.registration.navigationPreload?.enable()])),
);

scope.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (origin !== scope.location.origin || event.request.method !== "GET") return;
  if (event.request.mode === "navigate" && pathname === "/") event.respondWith(page(event));
  else if (isAsset(pathname)) event.respondWith(asset(event, pathname));
});

/** What the page had loaded before this worker was there. */
scope.addEventListener("message", (event) => {
  const paths = Array.isArray(event.data) ? event.data.filter((path): path is string => typeof path === "string") : [];
  event.waitUntil(Promise.all(paths.filter((path) => path === "/" || isAsset(path)).map((path) => fill(path))));
});

const fill = async (path: string): Promise<void> => {
  if ((await kept(path)) !== undefined) return;
  const response = await fetch(path);
  if (response.ok) await store(path, response);
};
