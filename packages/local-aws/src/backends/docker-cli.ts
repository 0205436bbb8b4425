import { spawn, type ChildProcess } from 'node:child_process';

export interface DockerResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

type Environment = Readonly<Record<string, string>>;

/**
 * Runs `docker …` to its end, with `input` as its standard input. A missing docker is an exit code like any other, with
 * the system's words. It has a process group of its own: the Ctrl-C that ends this program must not end the command
 * that removes a container.
 */
export function runDocker(args: readonly string[], env: Environment, input?: Buffer): Promise<DockerResult> {
  return new Promise((resolve) => {
    const child = spawn('docker', [...args], {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    let stdout = '';
    let stderr = '';
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    child.on('error', (error) => resolve({ exitCode: 127, stdout, stderr: error.message }));
    child.on('close', (code) => resolve({ exitCode: code ?? 1, stdout, stderr }));
  });
}

/** Starts `docker …` and hands over the lines of both its streams as they come. */
export function streamDocker(
  args: readonly string[],
  env: Environment,
  onLine: (line: string) => void,
): ChildProcess {
  const child = spawn('docker', [...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    let unfinished = '';
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (unfinished + chunk).split('\n');
      unfinished = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    });
    stream.on('end', () => {
      if (unfinished !== '') onLine(unfinished);
    });
  }
  // Whoever follows a stream also waits for its container, which ends either way.
  child.on('error', () => {});
  return child;
}
