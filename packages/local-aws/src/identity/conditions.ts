import { matchesWildcard } from './wildcard.js';

/** Condition keys (lower case: IAM ignores theirs) and their values; an absent key is not there. */
export type ConditionContext = Readonly<Record<string, string | readonly string[] | undefined>>;

/** `{ operator: { key: value or values } }` */
export type Conditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

type Comparison = (expected: string, actual: string) => boolean;

const equals: Comparison = (expected, actual) => expected === actual;
const equalsIgnoreCase: Comparison = (expected, actual) => expected.toLowerCase() === actual.toLowerCase();
const like: Comparison = (expected, actual) => matchesWildcard(expected, actual);

/** Positive comparisons need one of the values, negated ones none of them. */
const operators: Readonly<Record<string, { compare: Comparison; negated: boolean }>> = {
  StringEquals: { compare: equals, negated: false },
  StringNotEquals: { compare: equals, negated: true },
  StringEqualsIgnoreCase: { compare: equalsIgnoreCase, negated: false },
  StringNotEqualsIgnoreCase: { compare: equalsIgnoreCase, negated: true },
  StringLike: { compare: like, negated: false },
  StringNotLike: { compare: like, negated: true },
  ArnEquals: { compare: like, negated: false },
  ArnLike: { compare: like, negated: false },
  ArnNotEquals: { compare: like, negated: true },
  ArnNotLike: { compare: like, negated: true },
  Bool: { compare: equalsIgnoreCase, negated: false },
};

interface ParsedOperator {
  readonly quantifier: 'ForAnyValue' | 'ForAllValues' | undefined;
  readonly name: string;
  readonly ifExists: boolean;
}

/** Undefined if this world does not know the operator. */
export function parseOperator(operator: string): ParsedOperator | undefined {
  const match = /^(?:(ForAnyValue|ForAllValues):)?([A-Za-z]+?)(IfExists)?$/.exec(operator);
  const name = match?.[2];
  if (name === undefined || (name !== 'Null' && operators[name] === undefined)) return undefined;
  return { quantifier: match?.[1] as ParsedOperator['quantifier'], name, ifExists: match?.[3] !== undefined };
}

/** True if every condition holds. */
export function conditionsHold(conditions: Conditions | undefined, context: ConditionContext): boolean {
  return Object.entries(conditions ?? {}).every(([operator, keys]) =>
    Object.entries(keys).every(([key, expected]) =>
      holds(operator, toList(expected), context[key.toLowerCase()]),
    ),
  );
}

function holds(
  operator: string,
  expected: readonly string[],
  actual: string | readonly string[] | undefined,
): boolean {
  const parsed = parseOperator(operator);
  if (parsed === undefined) return false;
  if (parsed.name === 'Null') return expected.includes(String(actual === undefined));
  const { compare, negated } = operators[parsed.name]!;
  if (actual === undefined) {
    if (parsed.quantifier === 'ForAnyValue') return false;
    return parsed.quantifier === 'ForAllValues' || parsed.ifExists || negated;
  }
  const one = (value: string) => expected.some((pattern) => compare(pattern, value)) !== negated;
  const values = toList(actual);
  // Without a quantifier a negated comparison must hold for all values, a positive one for any.
  const every = parsed.quantifier === undefined ? negated : parsed.quantifier === 'ForAllValues';
  return every ? values.every(one) : values.some(one);
}

export function toList(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}
