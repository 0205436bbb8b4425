/**
 * A number that no JavaScript number holds: of more digits than a double has, or too large or small for one.
 * It stays what was written, wherever a document goes. `String` gives its text, and `JSON.stringify` writes it
 * in full where the runtime has `JSON.rawJSON`; {@link writeJson} does so everywhere.
 */
export class ExactNumber {
  /** As JSON writes it, e.g. `12345678901234567890`. */
  readonly digits: string;

  constructor(digits: string) {
    this.digits = digits;
  }

  toString(): string {
    return this.digits;
  }

  toJSON(): unknown {
    const { rawJSON } = JSON as { rawJSON?: (text: string) => unknown };
    return rawJSON === undefined ? Number(this.digits) : rawJSON(this.digits);
  }
}

/** Every double holds so many digits, within the sizes that can be written without an exponent. */
const SAFE_LENGTH = 15;

/** The number that a JSON or YAML text writes: one of JavaScript's if that holds all of it. */
export function readNumber(text: string): number | ExactNumber {
  const value = Number(text);
  if (isHeld(text, value)) return value;
  return new ExactNumber(/^0[xo]/.test(text) ? BigInt(text).toString() : asJson(text));
}

function isHeld(text: string, value: number): boolean {
  if (text.length <= SAFE_LENGTH && !/e/i.test(text)) return true;
  if (!Number.isFinite(value)) return false;
  return /^0[xo]/.test(text) ? BigInt(text) === BigInt(value) : decimal(text) === decimal(String(value));
}

/** Whether two texts, such as `1.50` and `15e-1`, write the same number. */
export function isSameNumber(a: ExactNumber, b: ExactNumber): boolean {
  return decimal(a.digits) === decimal(b.digits);
}

/** One form for each number, whatever way it is written: `-12.50e3` → `-125e2`. */
function decimal(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^([-+]?)(\d*)\.?(\d*)(?:e([-+]?\d+))?$/i.exec(text) ?? [];
  const digits = whole + fraction;
  let [start, end] = [0, digits.length];
  while (digits[start] === '0') start += 1;
  while (end > start && digits[end - 1] === '0') end -= 1;
  if (start === end) return '0';
  const power = Number(exponent) + digits.length - end - fraction.length;
  return `${sign === '-' ? '-' : ''}${digits.slice(start, end)}e${power}`;
}

/** YAML takes `+1`, `007`, `.5` and `1.` too. */
function asJson(text: string): string {
  return text
    .replace(/^\+/, '')
    .replace(/^(-?)0+(?=\d)/, '$1')
    .replace(/^(-?)\./, '$10.')
    .replace(/\.(?=e|$)/i, '');
}
