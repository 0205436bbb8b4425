import { clientException, invalidParameter } from './errors.js';
import type { AccountState } from './state.js';
import type { Tag } from './wire.js';

const MOST_TAGS = 50;
/** The pattern of Tag in ECS's API reference. */
const ALLOWED = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** Refuses what ECS refuses: too many tags, a key twice, a reserved or overlong key, characters that it does not take. */
export function checkTags(tags: readonly Tag[] = []): void {
  if (tags.length > MOST_TAGS) throw invalidParameter(`The maximum number of tags is ${MOST_TAGS}.`);
  const keys = new Set<string>();
  for (const { key, value } of tags) {
    if (typeof key !== 'string' || key.length === 0 || key.length > 128) {
      throw invalidParameter('Tag keys must be between 1 and 128 characters long.');
    }
    if ((value ?? '').length > 256) throw invalidParameter('Tag values must be at most 256 characters long.');
    if (!ALLOWED.test(key) || !ALLOWED.test(value ?? ''))
      throw invalidParameter(
        'Some tags contain invalid characters. Valid characters: UTF-8 letters, spaces, numbers and _ . / = + - : @.',
      );
    if (/^aws:/i.test(key)) {
      throw invalidParameter(
        'Some of the tags contain invalid values. Valid UTF-8 letters, spaces, digits and _ . / = + - : @ are allowed; keys must not start with aws:.',
      );
    }
    if (keys.has(key))
      throw clientException(`Duplicate tag keys found. Please note that Tag keys are case insensitive.`);
    keys.add(key);
  }
}

/** Empty for what has none. */
export function tagsOf(account: AccountState, arn: string): readonly Tag[] {
  return account.tags.get(arn) ?? [];
}

/** Replaces all tags. Throws InvalidParameterException on what ECS refuses. */
export function setTags(account: AccountState, arn: string, tags: readonly Tag[] = []): void {
  checkTags(tags);
  if (tags.length > 0)
    account.tags.set(
      arn,
      tags.map((tag) => ({ key: tag.key, value: tag.value ?? '' })),
    );
  else account.tags.delete(arn);
}

/** New tags win over old ones of the same key. */
export function addTags(account: AccountState, arn: string, tags: readonly Tag[]): void {
  checkTags(tags);
  const kept = tagsOf(account, arn).filter((old) => tags.every((tag) => tag.key !== old.key));
  setTags(account, arn, [...kept, ...tags]);
}

/** Keys that are not there are ignored. */
export function removeTags(account: AccountState, arn: string, keys: readonly string[]): void {
  setTags(
    account,
    arn,
    tagsOf(account, arn).filter((tag) => !keys.includes(tag.key)),
  );
}
