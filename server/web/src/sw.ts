/** The service worker: the map's files and tiles at once, since their names change with them; all else anew while there is a connection. */
import { busy, keepable, outdated, PATIENCE, surplus, way } from "./caching";

/** Written by the build: the files of this release below `/static/map/`, and its name. */
declare const __FILES__: string[];
declare const __RELEASE__: string;

interface Lasting extends Event { waitUntil(work: Promise<unknown>): void }
interface Fetching extends Lasting { request: Request; respondWith(answer: Promise<Response>): void }

const worker = self as unknown as EventTarget & { location: Location; clients: { claim(): Promise<void> } };
const ROOT = worker.location.pathname.replace(/\/sw\.js$/, "");
const ASSETS = `hantsmap-assets-${__RELEASE__}`, DATA = "hantsmap-data";

worker.addEventListener("install", (event) => {
  const files = __FILES__.map((name) => `${ROOT}/static/map/${name}`);
  (event as Lasting).waitUntil(caches.open(ASSETS).then((kept) => kept.addAll(files)));
});

worker.addEventListener("activate", (event) => {
  (event as Lasting).waitUntil((async () => {
    for (const name of outdated(await caches.keys(), __RELEASE__)) await caches.delete(name);
    await worker.clients.claim();
  })());
});

worker.addEventListener("fetch", (event) => {
  const { request } = event as Fetching, address = new URL(request.url);
  if (address.origin !== worker.location.origin || !address.pathname.startsWith(`${ROOT}/`)) return;
  const how = way(request.method, address.pathname.slice(ROOT.length) + address.search, request.mode, request.cache);
  if (how === "elsewhere") return;
  (event as Fetching).respondWith({ asset, tile, current }[how](request));
});

// What the first page had loaded before this worker was there: it is fetched again, mostly from the browser's own cache.
worker.addEventListener("message", (event) => {
  const { keep } = (event as MessageEvent<{ keep?: string[] }>).data;
  (event as unknown as Lasting).waitUntil((async () => {
    for (const address of keep ?? []) {
      const { origin, pathname, search } = new URL(address), path = pathname.slice(ROOT.length) + search;
      const how = origin === worker.location.origin ? [way("GET", path, "cors", ""), way("GET", path, "navigate", "")] : [];
      if (how.includes("tile") || how.includes("current")) await fetched(new Request(address), DATA).catch(() => undefined);
    }
  })());
});

/** A file whose name changes with its content: what is kept is right for ever. */
async function asset(request: Request): Promise<Response> {
  return await caches.match(request, { ignoreVary: true }) ?? await fetched(request, ASSETS);
}

/** From the server while it answers, else as it was. `was` may be of an older version. */
async function current(request: Request, was?: Response): Promise<Response> {
  const kept = was ?? await caches.match(request, { cacheName: DATA, ignoreVary: true });
  if (!kept) return fetched(request, DATA);
  const waited = new Promise<Response>((_, reject) => setTimeout(reject, PATIENCE));
  return Promise.race([fetched(request, DATA), waited]).then((answer) => (busy(answer.status) ? kept : answer), () => kept);
}

/** A tile of a version is right for ever. One that was published since comes from the server, or is shown as it was before. */
async function tile(request: Request): Promise<Response> {
  const kept = await caches.open(DATA), same = await kept.match(request, { ignoreVary: true });
  if (same) return same;
  const older = await kept.keys(request, { ignoreSearch: true, ignoreVary: true });
  const answer = await current(request, older.length ? await kept.match(older[older.length - 1]!, { ignoreVary: true }) : undefined);
  // Of each tile one version is kept: that of now.
  if (await kept.match(request, { ignoreVary: true })) for (const each of older) await kept.delete(each, { ignoreVary: true });
  return answer;
}

/** Fetch, and keep what is for everybody. What is no more is not kept either. */
async function fetched(request: Request, name: string): Promise<Response> {
  const answer = await fetch(request), kept = await caches.open(name);
  if (keepable(answer.status, answer.headers.get("cache-control"))) {
    await kept.put(request, answer.clone()).catch(() => undefined);
    if (name === DATA) for (const old of surplus(await kept.keys())) await kept.delete(old);
  } else if (!busy(answer.status)) await kept.delete(request);
  return answer;
}
