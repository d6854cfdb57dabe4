/** Finds a Python that Postil can run on: the setting, the Python extension's choice, then PATH. */

export const OLDEST: readonly [number, number] = [3, 11];

/** Where a candidate came from, in the order in which they are tried. */
export type Source = "setting" | "extension" | "path";

export interface Candidate {
  readonly source: Source;
  readonly path: string;
}

export interface Version {
  readonly major: number;
  readonly minor: number;
  /** The real interpreter, when the candidate is a link or a shim. */
  readonly executable: string;
  /** Whether it can make private environments (the module venv with pip). */
  readonly venv: boolean;
}

export interface Found extends Candidate {
  readonly version: Version;
}

export type Search =
  | { readonly kind: "found"; readonly python: Found }
  | { readonly kind: "too-old"; readonly python: Found }
  | { readonly kind: "no-venv"; readonly python: Found }
  | { readonly kind: "unusable"; readonly candidate: Candidate }
  | { readonly kind: "none" };

/** Asks an interpreter what it is; null where it does not run. */
export type Probe = (path: string) => Promise<Version | null>;

/** Names that an interpreter has on PATH, the newest first. */
export function namesOnPath(platform: NodeJS.Platform): readonly string[] {
  const numbered = ["python3.14", "python3.13", "python3.12", "python3.11"];
  return platform === "win32" ? ["python.exe", "python3.exe"] : ["python3", ...numbered, "python"];
}

/** Whether a version is one that Postil runs on. */
export function isNewEnough(version: Version): boolean {
  const [major, minor] = OLDEST;
  return version.major > major || (version.major === major && version.minor >= minor);
}

/** Returns the first candidate that will do. What a setting names is taken or refused, never passed over in silence. */
export async function findPython(candidates: readonly Candidate[], probe: Probe): Promise<Search> {
  let second: Search = { kind: "none" };
  for (const candidate of candidates) {
    const version = await probe(candidate.path);
    const judged = judge(candidate, version);
    if (judged.kind === "found" || candidate.source === "setting") {
      return judged;
    }
    if (second.kind === "none" && version !== null) {
      second = judged;
    }
  }
  return second;
}

function judge(candidate: Candidate, version: Version | null): Search {
  if (version === null) {
    return { kind: "unusable", candidate };
  }
  const python = { ...candidate, version };
  if (!isNewEnough(version)) {
    return { kind: "too-old", python };
  }
  return version.venv ? { kind: "found", python } : { kind: "no-venv", python };
}

/** What is said of a Python extension that says nothing: the next way of finding one is gone then. */
export const LATE = "The Python extension did not say in time which interpreter is chosen there.";

/** Returns what a person should know, with what was found and what to do; empty where all is well. */
export function told(search: Search, late = false): string {
  const words = toldOf(search);
  return words === "" || !late ? words : `${words} ${LATE}`;
}

function toldOf(search: Search): string {
  const wanted = `Postil needs Python ${OLDEST.join(".")} or newer.`;
  switch (search.kind) {
    case "found":
      return "";
    case "too-old": {
      const { version, path } = search.python;
      return `${wanted} Found: ${version.major}.${version.minor} at ${path}.`;
    }
    case "no-venv":
      return `The Python at ${search.python.path} cannot make private environments. Install its venv module (python3-venv on Debian and Ubuntu), or choose another.`;
    case "unusable":
      return `${wanted} The setting postil.python.interpreter names ${search.candidate.path}, which does not run.`;
    case "none":
      return `${wanted} None was found.`;
  }
}
