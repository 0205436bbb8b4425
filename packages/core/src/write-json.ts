import { ExactNumber } from './exact-number.js';

const MARK = '(exact number)';

/** JSON of plain data, with every {@link ExactNumber} as it was read, and every bigint in full. */
export function writeJson(value: unknown, indent?: number): string {
  const marked: string[] = [];
  const replacer = function (this: Readonly<Record<string, unknown>>, name: string, plain: unknown): unknown {
    const member = this[name];
    if (member instanceof ExactNumber) marked.push(member.digits);
    else if (typeof plain === 'bigint') marked.push(String(plain));
    else if (plain === MARK) marked.push(JSON.stringify(MARK));
    else return plain;
    return MARK;
  };
  const json = JSON.stringify(value, replacer, indent);
  let next = 0;
  // In their order. A name of that text is followed by a colon, and within a string its quotes are escaped.
  return marked.length === 0 ? json : json.replace(/"\(exact number\)"(?!:)/g, () => marked[next++] ?? '');
}

/** A value as text: a string as it is, anything else as JSON. */
export function asText(value: unknown): string {
  return typeof value === 'string' ? value : writeJson(value);
}
