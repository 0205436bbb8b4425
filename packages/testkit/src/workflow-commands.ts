/** A line that the runner would show at the top of the run: `::error file=…,line=…::message`. */
export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice';
  readonly message: string;
  readonly title?: string;
  readonly file?: string;
  readonly line?: number;
}

/** What the runner makes of a process's output. */
export interface RunnerLog {
  /** As a reader of the log sees it: commands taken out, masked values replaced by `***`. */
  readonly log: string;
  readonly masks: readonly string[];
  readonly annotations: readonly Annotation[];
}

/** `::command key=value,…::data` after white space at most, or the old `##[command key=value;…]data` anywhere in a line. */
const COMMAND = /^\s*::([a-z-]+)(?: ([^:]*))?::(.*)$|##\[([a-z-]+)(?: ([^\]]*))?\](.*)$/i;

/**
 * Reads workflow commands as the runner does: line by line, so that a mask hides a value only in the lines after it.
 * Debug lines are left out, as on a run without step debugging. `onShow` gets each line that a reader would see.
 */
export class RunnerLogReader {
  readonly #onShow: (line: string) => void;
  readonly #shown: string[] = [];
  readonly #masks: string[] = [];
  readonly #annotations: Annotation[] = [];

  constructor(onShow: (line: string) => void = () => {}) {
    this.#onShow = onShow;
  }

  /** Takes one line of output, without its line end; a lone carriage return ends a line too. */
  read(line: string): void {
    for (const part of line.split('\r')) if (part !== '' || line === '') this.#readLine(part);
  }

  #readLine(line: string): void {
    const { command, properties, message } = readCommand(line);
    switch (command) {
      case 'add-mask':
        if (message !== '') this.#masks.push(message);
        break;
      case 'error':
      case 'warning':
      case 'notice':
        this.#annotations.push({ level: command, message, ...readProperties(properties) });
        this.#show(`${command[0]?.toUpperCase()}${command.slice(1)}: ${message}`);
        break;
      case 'group':
        this.#show(`▸ ${message}`);
        break;
      case 'debug':
      case 'endgroup':
        break;
      default:
        this.#show(line);
    }
  }

  result(): RunnerLog {
    return { log: this.#shown.join('\n'), masks: this.#masks, annotations: this.#annotations };
  }

  #show(text: string): void {
    // The runner hides each line of a masked value too.
    const masked = this.#masks
      .flatMap((mask) => [mask, ...mask.split(/\r?\n/)])
      .filter((mask) => mask !== '')
      .reduce((line, mask) => line.replaceAll(mask, '***'), text);
    this.#shown.push(masked);
    this.#onShow(masked);
  }
}

function readCommand(line: string): { command: string | undefined; properties: string; message: string } {
  const [, ...groups] = COMMAND.exec(line) ?? [];
  const [command, properties = '', data = ''] = groups[0] === undefined ? groups.slice(3) : groups;
  return { command: command?.toLowerCase(), properties, message: unescapeData(data) };
}

function readProperties(text: string): Partial<Annotation> {
  const pairs = text.split(',').filter((pair) => pair.includes('='));
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
