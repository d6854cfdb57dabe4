/** Numbers, times and paths as people read them. */

import { revealed } from "./markdown/reveal";

/** Return tokens in short: *38k*. */
export function tokens(count: number): string {
  if (count < 1_000) return String(count);
  if (count < 999_500) return `${Math.round(count / 1_000)}k`;
  return `${(count / 1_000_000).toFixed(1)}M`;
}

/** Return US dollars: *$0.21*; two figures where there would be none. */
export function dollars(cost: number): string {
  if (cost > 0 && cost < 0.005) return "<$0.01";
  return `$${cost.toFixed(2)}`;
}

/** Return a duration: *0.3 s*, *6 s*, *2 min*. */
export function seconds(value: number): string {
  if (value < 0.05) return "";
  if (value < 9.95) return `${value.toFixed(1).replace(/\.0$/, "")} s`;
  if (value < 119.5) return `${Math.round(value)} s`;
  if (value < 5_400) return `${Math.round(value / 60)} min`;
  return `${(value / 3_600).toFixed(1)} h`;
}

/** Return where somebody acted, as *in Neovim*, with a blank before; nothing where it was VS Code, which is here. */
export function actedIn(face: string): string {
  const [kind, editor] = face.split(":");
  if (editor !== undefined) return editor === "VS Code" ? "" : ` in ${revealed(editor)}`;
  return kind === "cli" ? " in the terminal" : kind === "acp" ? " in another editor" : "";
}

/** Return the time of day: *10:44*; with its date where that is another one. */
export function clock(at: number | null, now = new Date()): string {
  if (at === null) return "";
  const date = new Date(at * 1_000);
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (date.toDateString() === now.toDateString()) return time;
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

/** Return a path's last part and the folder before it, relative to one of the roots where it lies in it. */
export function nameAndFolder(path: string, roots: readonly string[]): { name: string; folder: string } {
  const shown = relative(path, roots);
  const cut = Math.max(shown.lastIndexOf("/"), shown.lastIndexOf("\\"));
  return { name: shown.slice(cut + 1), folder: cut > 0 ? shown.slice(0, cut) : "" };
}

/** Return a path as it lies in one of the roots; with several, the root's name stands before it. */
export function relative(path: string, roots: readonly string[]): string {
  for (const root of roots) {
    const folder = root.endsWith("/") ? root : `${root}/`;
    if (!path.startsWith(folder)) continue;
    const rest = path.slice(folder.length);
    return roots.length > 1 ? `${root.slice(root.lastIndexOf("/") + 1)}/${rest}` : rest;
  }
  return path;
}

/** Return a count of things: *1 file*, *2 files*. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** Return a text with its first letter large. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
