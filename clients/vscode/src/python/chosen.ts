/** What the Python extension says of the interpreter that is chosen there; nothing here knows VS Code, or waits for ever. */

/** As much of an extension as is used. */
export interface Extension<T> {
  readonly isActive: boolean;
  readonly exports: T;
  activate(): PromiseLike<T>;
}

/** As much of its published interface as is used. */
export interface PythonApi<Folder> {
  readonly environments?: {
    getActiveEnvironmentPath(resource?: Folder): { readonly path?: string };
    resolveEnvironment(path: {
      readonly path?: string;
    }): PromiseLike<{ readonly executable?: { readonly uri?: { readonly fsPath: string } } } | undefined>;
  };
}

/** The interpreter, where there is one; `late` where nothing was said in time. */
export interface Chosen {
  readonly path: string | undefined;
  readonly late: boolean;
}

const NOTHING: Chosen = { path: undefined, late: false };

/** Returns what the extension says within so many milliseconds. Never rejects. */
export async function chosenIn<Folder>(
  extension: Extension<PythonApi<Folder>> | undefined,
  folder: Folder | undefined,
  within: number,
): Promise<Chosen> {
  if (extension === undefined) {
    return NOTHING;
  }
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Chosen>((resolve) => {
    timer = setTimeout(() => resolve({ path: undefined, late: true }), within);
  });
  const chosen = await Promise.race([asked(extension, folder).catch(() => NOTHING), late]);
  clearTimeout(timer);
  return chosen;
}

async function asked<Folder>(
  extension: Extension<PythonApi<Folder>>,
  folder: Folder | undefined,
): Promise<Chosen> {
  const { environments } = extension.isActive ? extension.exports : await extension.activate();
  const resolved = await environments?.resolveEnvironment(environments.getActiveEnvironmentPath(folder));
  return { path: resolved?.executable?.uri?.fsPath, late: false };
}
