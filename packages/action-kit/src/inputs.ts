import { getInput } from '@actions/core';
import { EcsActionsError, isEcsActionsError, type ParsedInput } from '@ecs-actions/core';

/**
 * Reads an action's inputs as typed values and remembers every fault on the way, so that a reader of the log mends all
 * of them at once. A faulty input reads as a harmless stand-in; {@link readInputs} throws before anyone sees it.
 * White space around a value counts for nothing, and an empty value as not given.
 */
export interface InputReader<Name extends string> {
  /** The value, or `undefined` where none was given. */
  optional(name: Name): string | undefined;
  /** The value; a fault where none was given. */
  required(name: Name): string;
  /** `true` or `false` in any case; `fallback` where none was given. */
  boolean(name: Name, fallback: boolean): boolean;
  /** `true` or `false` in any case, or `undefined` where none was given. */
  flag(name: Name): boolean | undefined;
  /** A whole number within the bounds (inclusive), or `undefined` where none was given. */
  integer(name: Name, bounds?: { readonly min?: number; readonly max?: number }): number | undefined;
  /** One of `choices`; `fallback` where none was given. */
  choice<Choice extends string>(name: Name, choices: readonly Choice[], fallback: Choice): Choice;
  /** One of `choices`, or `undefined` where none was given. */
  oneOf<Choice extends string>(name: Name, choices: readonly Choice[]): Choice | undefined;
  /** One item a line; empty lines count for nothing. */
  lines(name: Name): string[];
  /** Items separated by commas or line ends, trimmed. */
  list(name: Name): string[];
  /** `KEY=value` lines, in order; the value keeps everything after the first `=`. */
  pairs(name: Name): [key: string, value: string][];
  /** The value parsed as JSON, or `undefined` where none was given. */
  json(name: Name): unknown;
  /** What `read` makes of the value, an `EcsActionsError` of its reported; `undefined` where none was given. */
  checked<T>(name: Name, read: (text: string) => T): T | undefined;
  /** What `parse` makes of the value, its faults reported; `undefined` where none was given. */
  parsed<T>(name: Name, parse: (text: string) => ParsedInput<T>): T | undefined;
  /** What `read` returns; an `EcsActionsError` of its is one more fault, said as it is. For what several inputs make together. */
  settled<T>(read: () => T): T | undefined;
  /** Reports what only the action can know to be wrong. `problem` completes "Input NAME …". */
  fault(name: Name, problem: string): void;
}

/**
 * Reads all inputs with `read`.
 *
 * @throws EcsActionsError `INPUT_INVALID` naming every faulty input, its value and the fix.
 */
export function readInputs<Name extends string, Inputs>(read: (input: InputReader<Name>) => Inputs): Inputs {
  const faults: string[] = [];
  const reader = new Reader<Name>(faults);
  const inputs = read(reader);
  // The only fault there is keeps its own code and hint.
  if (faults.length === 1 && reader.settledFault !== undefined) throw reader.settledFault;
  if (faults.length > 0) {
    throw new EcsActionsError(
      'INPUT_INVALID',
      faults.length === 1
        ? (faults[0] ?? '')
        : `${faults.length} inputs are wrong:\n${faults.map((fault) => `- ${fault}`).join('\n')}`,
      { hint: 'Correct the `with:` block of this step; the README of the action lists every input.' },
    );
  }
  return inputs;
}

class Reader<Name extends string> implements InputReader<Name> {
  readonly #faults: string[];
  /** The last error that `settled` reported. */
  settledFault: EcsActionsError | undefined;

  constructor(faults: string[]) {
    this.#faults = faults;
  }

  fault(name: Name, problem: string): void {
    this.#faults.push(`Input ${name} ${problem}`);
  }

  optional(name: Name): string | undefined {
    const value = getInput(name);
    return value === '' ? undefined : value;
  }

  required(name: Name): string {
    const value = this.optional(name);
    if (value === undefined) this.fault(name, 'is required and was not given.');
    return value ?? '';
  }

  boolean(name: Name, fallback: boolean): boolean {
    const value = this.optional(name);
    if (value === undefined) return fallback;
    if (/^(true|false)$/i.test(value)) return value.toLowerCase() === 'true';
    this.fault(name, `is "${value}": write true or false.`);
    return fallback;
  }

  flag(name: Name): boolean | undefined {
    return this.optional(name) === undefined ? undefined : this.boolean(name, false);
  }

  integer(name: Name, bounds: { readonly min?: number; readonly max?: number } = {}): number | undefined {
    const value = this.optional(name);
    if (value === undefined) return undefined;
    const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = bounds;
    const number = Number(value);
    if (/^-?\d+$/.test(value) && number >= min && number <= max) return number;
    this.fault(name, `is "${value}": write ${describeBounds(bounds)}.`);
    return undefined;
  }

  choice<Choice extends string>(name: Name, choices: readonly Choice[], fallback: Choice): Choice {
    return this.oneOf(name, choices) ?? fallback;
  }

  oneOf<Choice extends string>(name: Name, choices: readonly Choice[]): Choice | undefined {
    const value = this.optional(name);
    if (value === undefined) return undefined;
    const found = choices.find((choice) => choice.toLowerCase() === value.toLowerCase());
    const named = choices.filter((choice) => choice !== '').join(', ');
    if (found === undefined) this.fault(name, `is "${value}": write one of ${named}.`);
    return found;
  }

  lines(name: Name): string[] {
    return split(this.optional(name), /\r?\n/);
  }

  list(name: Name): string[] {
    return split(this.optional(name), /[,\r\n]/);
  }

  pairs(name: Name): [key: string, value: string][] {
    const lines = (this.optional(name) ?? '').split(/\r?\n/);
    return lines.flatMap((line, index): [string, string][] => {
      const pair = line.trim();
      if (pair === '') return [];
      const at = pair.indexOf('=');
      if (at > 0) return [[pair.slice(0, at).trim(), pair.slice(at + 1)]];
      // The line may be half of a secret: say where, not what.
      this.fault(name, `has a line ${index + 1} that is not KEY=value.`);
      return [];
    });
  }

  json(name: Name): unknown {
    const value = this.optional(name);
    if (value === undefined) return undefined;
    try {
      return JSON.parse(value);
    } catch (error) {
      this.fault(name, `is not JSON${positionOf(error)}.`);
      return undefined;
    }
  }

  checked<T>(name: Name, read: (text: string) => T): T | undefined {
    const text = this.optional(name);
    try {
      return text === undefined ? undefined : read(text);
    } catch (error) {
      if (!isEcsActionsError(error)) throw error;
      this.fault(name, error.message);
      return undefined;
    }
  }

  settled<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!isEcsActionsError(error)) throw error;
      this.#faults.push(error.message);
      this.settledFault = error;
      return undefined;
    }
  }

  parsed<T>(name: Name, parse: (text: string) => ParsedInput<T>): T | undefined {
    const text = this.optional(name);
    if (text === undefined) return undefined;
    const { value, faults } = parse(text);
    for (const fault of faults) this.fault(name, `${fault}.`);
    return value;
  }
}

/** Where a parser stopped; never what it says it found there, which may be half of a secret. */
function positionOf(error: unknown): string {
  const position = error instanceof Error ? /at position \d+/.exec(error.message)?.[0] : undefined;
  return position === undefined ? '' : ` (${position})`;
}

function split(value: string | undefined, separator: RegExp): string[] {
  return (value ?? '')
    .split(separator)
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function describeBounds({ min, max }: { readonly min?: number; readonly max?: number }): string {
  if (min !== undefined && max !== undefined) return `a whole number from ${min} to ${max}`;
  if (min !== undefined) return `a whole number of at least ${min}`;
  if (max !== undefined) return `a whole number of at most ${max}`;
  return 'a whole number';
}
