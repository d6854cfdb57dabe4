/** Where a link of the model's prose leads: to the web, to a place in a file, or nowhere. Nothing here knows VS Code. */

import { isAbsolute, join, normalize, relative, sep } from "node:path";

export type Target =
  | { readonly kind: "web"; readonly href: string }
  /** As it is written; `line` counts from 1. */
  | { readonly kind: "file"; readonly path: string; readonly line: number | undefined }
  | { readonly kind: "none" };

const NONE: Target = { kind: "none" };
/** What stands behind a path for a line: `#L12`, `#L12-L20`, `:12`, `:12-20`, `:12:3`. */
const LINE = /(?:#L|:)(\d{1,9})(?:[-:]L?\d{1,9})?$/;

/** Returns where a link leads. Every scheme but two leads nowhere: a command, a script and an address of a file as well. */
export function targetOf(href: string): Target {
  // Browsers leave white space and control characters out of an address; who hides a scheme behind them gets none.
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(href) || href !== href.trim()) return NONE;
  if (/^https?:\/\/[^/]/i.test(href)) return { kind: "web", href };
  const line = LINE.exec(href);
  let path = line === null ? href.replace(/#.*$/s, "") : href.slice(0, line.index);
  try {
    path = decodeURIComponent(path);
  } catch {
    return NONE;
  }
  // With a colon it may be an address of some scheme, and with two slashes one of another machine.
  // eslint-disable-next-line no-control-regex -- as above
  if (path === "" || /[:\\\u0000-\u001f]/.test(path) || path.startsWith("//")) return NONE;
  return { kind: "file", path, line: line === null ? undefined : Math.max(1, Number(line[1])) };
}

/** Returns the places in the folders that a path could mean, in their order; none outside of them. */
export function placesOf(path: string, folders: readonly string[]): string[] {
  const places = isAbsolute(path)
    ? [normalize(path)]
    : [
        ...folders.map((it) => join(it, path)),
        // In a window of several folders a path may begin with the name of one.
        ...folders.filter((it) => path.startsWith(`${nameOf(it)}/`)).map((it) => join(it, "..", path)),
      ];
  return [...new Set(places)].filter((it) => folders.some((folder) => isWithin(it, folder)));
}

/** Whether a path lies below a folder. */
export function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function nameOf(folder: string): string {
  return normalize(folder).split(sep).filter(Boolean).at(-1) ?? "";
}
