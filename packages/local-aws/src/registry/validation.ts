import { InvalidParameterError } from './errors.js';

/** The constraints that ECR checks on its parameters, in its words. */

const repositoryNamePattern = '(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*';
/** The API's own pattern, wider than the one in its message: runs of `-` and double `_` are allowed. */
const repositoryName = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;

/** A repository name: 2 to 256 characters of the pattern. */
export function requireRepositoryName(name: unknown): string {
  const text = requireString('repositoryName', name);
  requireLength('repositoryName', text, 2, 256);
  if (!repositoryName.test(text))
    throw new InvalidParameterError(
      'repositoryName',
      `must satisfy regular expression '${repositoryNamePattern}'`,
    );
  return text;
}

/** A tag of the OCI distribution specification. */
export function requireTag(tag: string): string {
  if (!/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(tag))
    throw new InvalidParameterError(
      'imageTag',
      "must satisfy regular expression '[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}'",
    );
  return tag;
}

/** The account ID of a registry: twelve digits. */
export function requireRegistryId(parameter: string, id: unknown): string {
  if (typeof id !== 'string' || !/^[0-9]{12}$/.test(id))
    throw new InvalidParameterError(
      parameter,
      'Member must satisfy constraint: [Member must satisfy regular expression pattern: [0-9]{12}]',
    );
  return id;
}

export function requireString(parameter: string, value: unknown): string {
  if (typeof value !== 'string') throw new InvalidParameterError(parameter, 'Member must not be null');
  return value;
}

/** Length of a text or a list. */
export function requireLength(
  parameter: string,
  value: { readonly length: number },
  minimum: number,
  maximum: number,
): void {
  if (value.length < minimum)
    throw new InvalidParameterError(parameter, `Member must have length greater than or equal to ${minimum}`);
  if (value.length > maximum)
    throw new InvalidParameterError(parameter, `Member must have length less than or equal to ${maximum}`);
}

/** A list that must be there, of `minimum` to `maximum` members. */
export function requireList<T>(parameter: string, value: unknown, minimum: number, maximum: number): T[] {
  if (!Array.isArray(value)) throw new InvalidParameterError(parameter, 'Member must not be null');
  requireLength(parameter, value, minimum, maximum);
  return value;
}

/** One of the API's enum values. */
export function requireEnum<T extends string>(parameter: string, value: unknown, allowed: readonly T[]): T {
  if (!allowed.includes(value as T))
    throw new InvalidParameterError(parameter, `Member must satisfy enum value set: [${allowed.join(', ')}]`);
  return value as T;
}

/** A number within bounds, both included. */
export function requireRange(parameter: string, value: number, minimum: number, maximum: number): number {
  if (value < minimum)
    throw new InvalidParameterError(parameter, `Member must have value greater than or equal to ${minimum}`);
  if (value > maximum)
    throw new InvalidParameterError(parameter, `Member must have value less than or equal to ${maximum}`);
  return value;
}
