/** Time as the library sees it. `system.ts` has the real one; tests pass a manual one. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after `ms` milliseconds; rejects with `signal.reason` as soon as `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Where progress goes. The action kit adapts it to the runner's log; `silentLogger` drops it. */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  /** Something a person should see without opening the log. */
  notice(message: string): void;
  warning(message: string): void;
  /** Runs `body` with everything it logs folded under `title`. */
  group<T>(title: string, body: () => Promise<T>): Promise<T>;
}

/** A logger that says nothing. */
export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  notice: () => {},
  warning: () => {},
  group: (_title, body) => body(),
};

/** Makes a value unreadable in everything printed from now on. Called before the value is used. */
export type MaskSecret = (value: string) => void;

/** Asks the platform for a fresh OpenID Connect ID token (a JWT) for `audience`. */
export type MintIdToken = (audience: string) => Promise<string>;

/** A program to run. Arguments are passed as they are: no shell is involved. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd?: string | undefined;
  /** Added to the environment of this process; `undefined` removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Written to standard input, which is then closed. */
  readonly input?: string | undefined;
  /** `'silent'` keeps the output out of the log (it is still returned). Default `'log'`. */
  readonly output?: 'log' | 'silent' | undefined;
  /** Called with each line of standard output, without its line end, as soon as it is complete. */
  readonly onStdoutLine?: ((line: string) => void) | undefined;
}

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a command to its end and returns how it went: a non-zero exit code is a result, not an
 * exception. Rejects with an error whose `code` is `ENOENT` if the program does not exist, and
 * with `signal.reason` after ending the program if `signal` aborts.
 */
export type Exec = (
  command: Command,
  options?: { signal?: AbortSignal | undefined },
) => Promise<CommandResult>;
