import { invalidParameter } from './errors.js';

/** Whether a line is wanted. */
export type LinePredicate = (message: string) => boolean;

interface Term {
  readonly kind: 'required' | 'optional' | 'excluded';
  readonly matches: LinePredicate;
}

/**
 * Compiles a filter pattern of unstructured text: every term must appear, of the `?terms` one if
 * there is nothing else, of the `-terms` none; `"a phrase"` is one term, `%…%` a regular expression.
 *
 * @throws AwsError `InvalidParameterException` for patterns of JSON (`{…}`) and of space-delimited
 *   fields (`[…]`), which this world does not evaluate.
 */
export function compileFilterPattern(pattern: string | undefined): LinePredicate {
  const text = (pattern ?? '').trim();
  if (text === '') return () => true;
  if (text.startsWith('{') || text.startsWith('[')) {
    throw invalidParameter('Invalid filter pattern: local-aws knows patterns of terms only.');
  }
  const terms = [...text.matchAll(/([?-]?)(?:"((?:[^"\\]|\\.)*)"|%([^%]*)%|(\S+))/g)].map(toTerm);
  const of = (kind: Term['kind']) => terms.filter((term) => term.kind === kind);
  const required = of('required');
  const optional = of('optional');
  const excluded = of('excluded');
  return (message) =>
    required.every(({ matches }) => matches(message)) &&
    (required.length > 0 || optional.length === 0 || optional.some(({ matches }) => matches(message))) &&
    !excluded.some(({ matches }) => matches(message));
}

function toTerm([, sign = '', phrase, expression, word]: RegExpMatchArray): Term {
  const kind = sign === '?' ? 'optional' : sign === '-' ? 'excluded' : 'required';
  if (expression !== undefined) {
    const regex = toRegExp(expression);
    return { kind, matches: (message) => regex.test(message) };
  }
  const wanted = phrase?.replaceAll(/\\(.)/g, '$1') ?? word ?? '';
  return { kind, matches: (message) => message.includes(wanted) };
}

function toRegExp(source: string): RegExp {
  try {
    return new RegExp(source);
  } catch {
    throw invalidParameter(`Invalid filter pattern: %${source}% is no regular expression.`);
  }
}
