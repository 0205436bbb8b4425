/** A line that the runner would show at the top of the run: `::error file=…,line=…::message`. */
export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice';
  readonly message: string;
  readonly title?: string;
  readonly file?: string;
  readonly line?: number;
}

/** What the runner makes of a process's standard output. */
export interface RunnerLog {
  /** As a reader of the log sees it: commands taken out, masked values replaced by `***`. */
  readonly log: string;
  readonly masks: readonly string[];
  readonly annotations: readonly Annotation[];
}

const COMMAND = /^::([a-z-]+)(?: ([^:]*))?::(.*)$/;

/**
 * Reads workflow commands as the runner does: line by line, so that a mask hides a value only in the lines after it.
 * Debug lines are left out, as on a run without step debugging.
 */
export function readRunnerLog(stdout: string): RunnerLog {
  const masks: string[] = [];
  const annotations: Annotation[] = [];
  const shown: string[] = [];
  const show = (line: string) => shown.push(masks.reduce((text, mask) => text.replaceAll(mask, '***'), line));
  for (const line of stdout.split(/\r?\n/)) {
    const [, command, properties, data] = COMMAND.exec(line) ?? [];
    const message = unescapeData(data ?? '');
    switch (command) {
      case 'add-mask':
        if (message !== '') masks.push(message);
        break;
      case 'error':
      case 'warning':
      case 'notice':
        annotations.push({ level: command, message, ...readProperties(properties) });
        show(`${command[0]?.toUpperCase()}${command.slice(1)}: ${message}`);
        break;
      case 'group':
        show(`▸ ${message}`);
        break;
      case 'debug':
      case 'endgroup':
        break;
      default:
        show(line);
    }
  }
  return { log: shown.join('\n'), masks, annotations };
}

function readProperties(text: string | undefined): Partial<Annotation> {
  const pairs = (text ?? '').split(',').filter((pair) => pair.includes('='));
  const found = Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      return [pair.slice(0, at), unescapeProperty(pair.slice(at + 1))] as const;
    }),
  );
  return {
    ...(found['title'] === undefined ? {} : { title: found['title'] }),
    ...(found['file'] === undefined ? {} : { file: found['file'] }),
    ...(found['line'] === undefined ? {} : { line: Number(found['line']) }),
  };
}

function unescapeData(text: string): string {
  return text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
}

function unescapeProperty(text: string): string {
  return unescapeData(text.replaceAll('%3A', ':').replaceAll('%2C', ','));
}
