/** Paints at most twenty times a second, however often something changes. */

const MOST_OFTEN = 50;

/** Return a function that has `paint` run soon, and once for all calls until then. */
export function painter(paint: () => void): () => void {
  let planned = false;
  let last = 0;
  const now = (): void => {
    planned = false;
    last = performance.now();
    paint();
  };
  return () => {
    if (planned) return;
    planned = true;
    const wait = MOST_OFTEN - (performance.now() - last);
    // A frame never comes while the view is hidden; then nobody waits for it either.
    if (wait <= 0) requestAnimationFrame(now);
    else setTimeout(() => requestAnimationFrame(now), wait);
  };
}
