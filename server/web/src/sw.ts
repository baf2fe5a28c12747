/** The service worker: the map's files at once, its data at once and anew behind that, its pages anew where there is a connection. */
import { keepable, outdated, PATIENCE, surplus, way } from "./caching";

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
  const answers = { asset, page, data }[how];
  (event as Fetching).respondWith(answers(request, (work) => (event as Fetching).waitUntil(work)));
});

// What the first page had loaded before this worker was there: it is fetched again, mostly from the browser's own cache.
worker.addEventListener("message", (event) => {
  const { keep } = (event as MessageEvent<{ keep?: string[] }>).data;
  (event as unknown as Lasting).waitUntil((async () => {
    for (const address of keep ?? []) {
      const { origin, pathname, search } = new URL(address), path = pathname.slice(ROOT.length) + search;
      const how = origin === worker.location.origin ? [way("GET", path, "cors", ""), way("GET", path, "navigate", "")] : [];
      if (how.includes("data") || how.includes("page")) await fetched(new Request(address), DATA).catch(() => undefined);
    }
  })());
});

type Later = (work: Promise<unknown>) => void;

/** A file whose name changes with its content: what is kept is right for ever. */
async function asset(request: Request): Promise<Response> {
  return await caches.match(request, { ignoreVary: true }) ?? await fetched(request, ASSETS);
}

/** A page: from the server while it answers, else as it was. */
async function page(request: Request): Promise<Response> {
  const kept = await caches.match(request, { cacheName: DATA, ignoreVary: true });
  if (!kept) return fetched(request, DATA);
  const waited = new Promise<Response>((_, reject) => setTimeout(reject, PATIENCE));
  return Promise.race([fetched(request, DATA), waited]).catch(() => kept);
}

/** Data: as it was, and asked for anew for the next time. */
async function data(request: Request, later: Later): Promise<Response> {
  const kept = await caches.match(request, { cacheName: DATA, ignoreVary: true });
  const anew = fetched(request, DATA);
  if (!kept) return anew;
  later(anew.catch(() => undefined));
  return kept;
}

/** Fetch, and keep what is for everybody. What is no more is not kept either. */
async function fetched(request: Request, name: string): Promise<Response> {
  const answer = await fetch(request), kept = await caches.open(name);
  if (keepable(answer.status, answer.headers.get("cache-control"))) {
    await kept.put(request, answer.clone()).catch(() => undefined);
    if (name === DATA) for (const old of surplus(await kept.keys())) await kept.delete(old);
  } else if (answer.status !== 429 && answer.status < 500) await kept.delete(request);
  return answer;
}
