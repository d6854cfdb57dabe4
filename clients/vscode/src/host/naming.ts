/** What files are called in a window of several folders, as the server calls them. Nothing here knows VS Code. */

import { basename, isAbsolute, join, relative, sep } from "node:path";
import { isWithin } from "./links";

export type Exists = (path: string) => boolean;

/**
 * Returns what a file is called: in the first folder by its way from there, in another with that folder's name before it,
 * and by its whole path elsewhere, or where the name would mean another file.
 */
export function nameOf(path: string, folders: readonly string[], exists: Exists): string {
  const [folder] = folders.filter((it) => isWithin(path, it)).sort((a, b) => b.length - a.length);
  if (folder === undefined) {
    return path;
  }
  const way = relative(folder, path).split(sep).join("/");
  if (folder === folders[0]) {
    return way;
  }
  const named = `${basename(folder)}/${way}`;
  return placeOf(named, folders, exists) === path ? named : path;
}

/** Returns the file that a name means: one that is there in a folder, else in the folder that it begins with. */
export function placeOf(name: string, folders: readonly string[], exists: Exists): string {
  const [first, ...others] = folders;
  if (isAbsolute(name) || first === undefined) {
    return name;
  }
  const there = folders.length === 1 ? undefined : folders.map((it) => join(it, name)).find(exists);
  const called = others.find((it) => name.startsWith(`${basename(it)}/`));
  return (
    there ?? (called === undefined ? join(first, name) : join(called, name.slice(basename(called).length)))
  );
}
