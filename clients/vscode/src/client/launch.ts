/** Which program is started as the server, and with what. */

/** A program with its arguments, as it is started: no shell reads it. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Variables that would have Python import something else than what was installed. */
const PYTHONS = ["PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONUSERBASE", "__PYVENV_LAUNCHER__"];

/** Variables that would have pip install to another place. */
const PIPS = ["PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_DRY_RUN"];

/** Returns how to start what the setting `postil.server.command` names, or undefined where it names nothing. */
export function fromSetting(command: readonly string[], env: NodeJS.ProcessEnv): Launch | undefined {
  const [program, ...args] = command;
  return program === undefined || program === ""
    ? undefined
    : { command: program, args, env: inherited(env) };
}

/** Returns how to start the server of a private environment. */
export function fromEnvironment(python: string, env: NodeJS.ProcessEnv): Launch {
  // -P: the folder that it starts in is the workspace's, and may hold a module of any name.
  return { command: python, args: ["-P", "-m", "postil", "serve"], env: forPython(env) };
}

/** Returns the variables to make an environment with: beside Python's, none says that pip installs to another place. */
export function forInstallation(env: NodeJS.ProcessEnv): Record<string, string> {
  const own = Object.entries(forPython(env)).filter(([name]) => !PIPS.includes(name));
  return Object.fromEntries([...own, ["PIP_USER", "0"]]);
}

/** Returns the variables for a Python of the private environment: none says what it imports. */
export function forPython(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(inherited(env)).filter(([name]) => !PYTHONS.includes(name)));
}

function inherited(env: NodeJS.ProcessEnv): Record<string, string> {
  const entries = Object.entries(env).filter((it): it is [string, string] => it[1] !== undefined);
  return Object.fromEntries(
    entries.filter(([name]) => !name.startsWith("ELECTRON_") && !name.startsWith("VSCODE_")),
  );
}
