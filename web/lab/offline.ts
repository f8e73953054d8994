/** Has a service worker keep the page's files, so that it works without a network after the first visit. */
export function keepForOffline(): void {
  if (!('serviceWorker' in navigator)) return;
  navigator.serviceWorker.register(new URL('./service-worker.js', location.href)).catch(() => {
    // A host without HTTPS, or a browser that forbids it: the page works all the same, with a network.
  });
}
