/** ECS's cluster query language, as far as placement constraints and list filters use it. */
import { invalidParameter } from './errors.js';

/** What an expression can ask of an instance. */
export interface ExpressionSubject {
  readonly ec2InstanceId: string;
  readonly agentConnected: boolean;
  readonly attributes: ReadonlyMap<string, string>;
  readonly tasks: number;
  readonly groups: readonly string[];
}

type Predicate = (subject: ExpressionSubject) => boolean;

/** Whether the instance is a member. Throws InvalidParameterException on an expression that does not parse. */
export function evaluateExpression(expression: string, subject: ExpressionSubject): boolean {
  return parseExpression(expression)(subject);
}

const TOKEN = /\s*(\(|\)|\[|\]|,|&&|\|\||==|!=~|!=|=~|>=|<=|>|<|!(?=[\s(\w])|[^\s()[\],!=<>&|]+)/y;

/** Parses once; the predicate can be applied to many instances. */
export function parseExpression(expression: string): Predicate {
  const tokens = tokenise(expression);
  let position = 0;
  const peek = (): string | undefined => tokens[position]?.toLowerCase();
  const take = (): string => tokens[position++] ?? fail(expression);
  const accept = (...words: string[]): boolean => {
    if (!words.includes(peek() ?? '')) return false;
    position += 1;
    return true;
  };

  function either(): Predicate {
    let left = both();
    while (accept('or', '||')) {
      const [first, second] = [left, both()];
      left = (subject) => first(subject) || second(subject);
    }
    return left;
  }

  function both(): Predicate {
    let left = negation();
    while (accept('and', '&&')) {
      const [first, second] = [left, negation()];
      left = (subject) => first(subject) && second(subject);
    }
    return left;
  }

  function negation(): Predicate {
    if (accept('not', '!')) {
      const inner = negation();
      return (subject) => !inner(subject);
    }
    if (accept('(')) {
      const inner = either();
      if (!accept(')')) fail(expression);
      return inner;
    }
    return comparison();
  }

  function comparison(): Predicate {
    const values = fieldReader(take(), expression);
    if (accept('exists')) return (subject) => values(subject).length > 0;
    if (peek() === '!exists' || (peek() === '!' && tokens[position + 1]?.toLowerCase() === 'exists')) {
      position += peek() === '!exists' ? 1 : 2;
      return (subject) => values(subject).length === 0;
    }
    if (accept('in')) {
      const wanted = list();
      return (subject) => values(subject).some((value) => wanted.includes(value));
    }
    if (accept('not_in', '!in')) {
      const wanted = list();
      return (subject) => !values(subject).some((value) => wanted.includes(value));
    }
    if (peek() === '!' && tokens[position + 1]?.toLowerCase() === 'in') {
      position += 2;
      const wanted = list();
      return (subject) => !values(subject).some((value) => wanted.includes(value));
    }
    return compare(take().toLowerCase(), values, take());
  }

  function compare(
    operator: string,
    values: (subject: ExpressionSubject) => string[],
    wanted: string,
  ): Predicate {
    switch (operator) {
      case '==':
      case 'equals':
        return (subject) => values(subject).includes(wanted);
      case '!=':
      case 'not_equals':
        return (subject) => !values(subject).includes(wanted);
      case '=~':
      case 'matches':
        return (subject) => values(subject).some((value) => pattern(wanted, expression).test(value));
      case '!=~':
      case 'not_matches':
        return (subject) => !values(subject).some((value) => pattern(wanted, expression).test(value));
      case '>':
      case 'greater_than':
        return (subject) => values(subject).some((value) => Number(value) > Number(wanted));
      case '>=':
      case 'greater_than_equal':
        return (subject) => values(subject).some((value) => Number(value) >= Number(wanted));
      case '<':
      case 'less_than':
        return (subject) => values(subject).some((value) => Number(value) < Number(wanted));
      case '<=':
      case 'less_than_equal':
        return (subject) => values(subject).some((value) => Number(value) <= Number(wanted));
      default:
        return fail(expression);
    }
  }

  function list(): string[] {
    if (!accept('[')) fail(expression);
    const items: string[] = [];
    while (!accept(']')) {
      items.push(take());
      accept(',');
    }
    return items;
  }

  const predicate = either();
  if (position < tokens.length) fail(expression);
  return predicate;
}

function tokenise(expression: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < expression.trimEnd().length) {
    const match = TOKEN.exec(expression);
    if (match?.[1] === undefined) return fail(expression);
    tokens.push(match[1]);
  }
  return tokens;
}

function fieldReader(field: string, expression: string): (subject: ExpressionSubject) => string[] {
  if (field.startsWith('attribute:')) {
    const name = field.slice('attribute:'.length);
    return ({ attributes }) => (attributes.has(name) ? [attributes.get(name) ?? ''] : []);
  }
  switch (field) {
    case 'ec2InstanceId':
      return ({ ec2InstanceId }) => [ec2InstanceId];
    case 'agentConnected':
      return ({ agentConnected }) => [String(agentConnected)];
    case 'runningTasksCount':
      return ({ tasks }) => [String(tasks)];
    case 'task:group':
      return ({ groups }) => [...groups];
    default:
      return fail(expression);
  }
}

function pattern(source: string, expression: string): RegExp {
  try {
    return new RegExp(`^(?:${source})$`);
  } catch {
    return fail(expression);
  }
}

function fail(expression: string): never {
  throw invalidParameter(`Invalid expression: ${expression}`);
}
