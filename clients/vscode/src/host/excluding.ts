/** Which files nobody looks for, as the person has set it. Nothing here knows VS Code. */

/** Returns the patterns of what these settings leave out, each from a pattern to whether it counts. */
export function excluded(...settings: readonly unknown[]): string[] {
  // What depends on a file beside it (`when`) cannot be said in a pattern: such files are offered.
  const patterns = settings
    .filter((it): it is object => typeof it === "object" && it !== null)
    .flatMap((it) => Object.entries(it))
    .filter(([pattern, counts]) => pattern !== "" && counts === true)
    .map(([pattern]) => pattern);
  return [...new Set(patterns)];
}
