/** Lets the browser keep the page itself, where it can: on secure origins, which loopback is. */

const loadedPaths = (): readonly string[] => [
  "/",
  ...performance
    .getEntriesByType("resource")
    .map(({ name }) => new URL(name, location.href))
    .filter(({ origin }) => origin === location.origin)
    .map(({ pathname }) => pathname),
];

/** Views that were not opened yet are fetched now, so that they open without the relay too. */
const loadViews = async (): Promise<void> => {
  await Promise.all([import("./view/views.tsx"), import("./view/overlays.tsx")]);
};

export const keepPage = async (): Promise<void> => {
  if (!("serviceWorker" in navigator)) return;
  try {
    await navigator.serviceWorker.register("/worker.js");
    const { active } = await navigator.serviceWorker.ready;
    await loadViews();
    active?.postMessage(loadedPaths());
  } catch {
    // A browser that does not keep pages still shows them.
  }
};
