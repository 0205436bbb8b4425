import type { ContainerDefinition, Task } from '@aws-sdk/client-ecs';
import { REDACTED } from '../../task-definition/redacted.js';
import { isSecretName, isSecretValue } from '../../task-definition/secrets.js';
import type { Diagnosis } from './diagnose.js';

/** A text with the secrets in it covered. */
export type Cover = (text: string) => string;

/** Shorter values would blot out half of what is said, and hide nothing. */
const SHORTEST_SECRET = 4;
/** Up to this length a value that is one word is only covered where it stands alone: it may be a part of others. */
const LONGEST_WORD = 8;
/** What settings have whose names merely sound secret (`MAX_TOKENS`, `SECRET_ARN`): none of it is one. */
const ORDINARY = /^(?:arn:.*|\d{1,5}|true|false|null|none|yes|no|on|off|default|auto)$/is;

/**
 * Covers the values of a task definition's secrets wherever ECS or a container quotes them: of
 * variables, log options and labels whose names say so, of variables named in `names`, and whatever
 * looks like a secret itself. Nothing else of the text is touched: its end is what tells most.
 */
export function coverSecrets(containers: readonly ContainerDefinition[], names: readonly string[]): Cover {
  const secrets = containers.flatMap((container) => secretValues(container, names));
  const shown = [...new Set(secrets.flatMap(spellings))]
    .filter(({ length }) => length >= SHORTEST_SECRET)
    // The longer first: one value may be part of another.
    .sort((a, b) => b.length - a.length)
    .map(toPattern);
  return (text) => shown.reduce((covered, pattern) => covered.replace(pattern, () => REDACTED), text);
}

/** Covers also a whole line that gives a secret away by its looks: a container writes what it likes. */
export function coverLines(cover: Cover): Cover {
  return (line) => {
    const covered = cover(line);
    return isSecretValue(covered) ? REDACTED : covered;
  };
}

/** What ECS says about a stopped task, covered. */
export function coverTask(task: Task, cover: Cover): Task {
  const containers = task.containers?.map((container) =>
    container.reason === undefined ? container : { ...container, reason: cover(container.reason) },
  );
  return {
    ...task,
    ...(task.stoppedReason === undefined ? {} : { stoppedReason: cover(task.stoppedReason) }),
    ...(containers === undefined ? {} : { containers }),
  };
}

/** What a diagnosis quotes, covered. It was made from what was really said. */
export function coverDiagnosis(diagnosis: Diagnosis, cover: Cover): Diagnosis {
  const containers = diagnosis.containers.map((container) =>
    container.reason === undefined ? container : { ...container, reason: cover(container.reason) },
  );
  return { ...diagnosis, reason: cover(diagnosis.reason), containers };
}

function secretValues(
  { environment = [], logConfiguration, dockerLabels = {} }: ContainerDefinition,
  names: readonly string[],
): string[] {
  const named = [...Object.entries(logConfiguration?.options ?? {}), ...Object.entries(dockerLabels)].map(
    ([name, value]) => ({ name, value }),
  );
  return [
    ...environment.filter(({ name = '' }) => names.includes(name)),
    ...[...environment, ...named].filter(
      ({ name = '', value = '' }) => isSecretValue(value) || (isSecretName(name) && !ORDINARY.test(value)),
    ),
  ].flatMap(({ value = '' }) => [value, ...passwordOf(value)]);
}

/** The password of an address: clients quote it without the rest. */
function passwordOf(value: string): string[] {
  const password = /^[a-z][\w+.-]*:\/\/[^\s/:@]*:([^\s/@]+)@/i.exec(value)?.[1];
  return password === undefined || ORDINARY.test(password)
    ? []
    : [password, convert(password, decodeURIComponent)];
}

/** `text` as it is where it cannot be converted. */
function convert(text: string, how: (text: string) => string): string {
  try {
    return how(text);
  } catch {
    return text;
  }
}

/** A value as it is, as JSON quotes it, and as an address does. */
function spellings(value: string): string[] {
  const plain = value.trim();
  return [plain, JSON.stringify(plain).slice(1, -1), convert(plain, encodeURIComponent)];
}

function toPattern(value: string): RegExp {
  const literal = value.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
  const isWord = value.length < LONGEST_WORD && /^\w+$/.test(value);
  return new RegExp(isWord ? `(?<!\\w)${literal}(?!\\w)` : literal, 'g');
}
