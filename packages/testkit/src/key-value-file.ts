/**
 * Reads what a step appended to `GITHUB_OUTPUT`, `GITHUB_STATE` or `GITHUB_ENV`: `name=value` lines and
 * `name<<DELIMITER` blocks.
 */
export function readKeyValueFile(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  const lines = text.split(/\r?\n/);
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    const block = /^([^=]+?)<<(.+)$/.exec(line);
    if (block) {
      const [, name = '', delimiter] = block;
      const end = lines.indexOf(delimiter ?? '', index + 1);
      if (end < 0) throw new Error(`The value of ${name} never ends: no line ${delimiter}`);
      values[name] = lines.slice(index + 1, end).join('\n');
      index = end;
    } else if (line.includes('=')) {
      const at = line.indexOf('=');
      values[line.slice(0, at)] = line.slice(at + 1);
    } else if (line !== '') {
      throw new Error(`Neither name=value nor a block: ${line}`);
    }
  }
  return values;
}
