/**
 * Reads what a step appended to `GITHUB_OUTPUT`, `GITHUB_STATE` or `GITHUB_ENV`: `name=value` lines and
 * `name<<DELIMITER` blocks. Line ends within a block stay as they are.
 *
 * @throws Error where the runner would fail the step: no name, no end of a block, neither of the two forms.
 */
export function readKeyValueFile(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    const line = withoutCarriageReturn(lines[index]);
    const block = /^([^=]+?)<<(.+)$/.exec(line);
    if (block) {
      const [, name = '', delimiter] = block;
      const end = lines.findIndex((next, at) => at > index && withoutCarriageReturn(next) === delimiter);
      if (end < 0) throw new Error(`The value of ${name} never ends: no line ${delimiter}`);
      values[name] = withoutCarriageReturn(lines.slice(index + 1, end).join('\n'));
      index = end;
    } else if (line.indexOf('=') > 0) {
      const at = line.indexOf('=');
      values[line.slice(0, at)] = line.slice(at + 1);
    } else if (line !== '') {
      throw new Error(`Neither name=value nor a block: ${line}`);
    }
  }
  return values;
}

function withoutCarriageReturn(line: string | undefined): string {
  return (line ?? '').replace(/\r$/, '');
}
