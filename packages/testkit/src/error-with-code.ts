/**
 * An asymmetric matcher for coded errors: `await expect(promise).rejects.toEqual(errorWithCode('CLUSTER_NOT_FOUND'))`.
 * `message`, if given, has to occur in the error's message or hint.
 */
export function errorWithCode(code: string, message?: string | RegExp): ErrorWithCode {
  return new ErrorWithCode(code, message);
}

class ErrorWithCode {
  readonly $$typeof = Symbol.for('jest.asymmetricMatcher');
  readonly code: string;
  readonly expected: string | RegExp | undefined;

  constructor(code: string, expected: string | RegExp | undefined) {
    this.code = code;
    this.expected = expected;
  }

  asymmetricMatch(actual: unknown): boolean {
    if (!(actual instanceof Error) || (actual as { code?: unknown }).code !== this.code) return false;
    if (this.expected === undefined) return true;
    const text = `${actual.message}\n${(actual as { hint?: string }).hint ?? ''}`;
    return typeof this.expected === 'string' ? text.includes(this.expected) : this.expected.test(text);
  }

  toString(): string {
    return 'ErrorWithCode';
  }

  toAsymmetricMatcher(): string {
    return `an error with code ${this.code}${this.expected === undefined ? '' : ` that says ${String(this.expected)}`}`;
  }
}
