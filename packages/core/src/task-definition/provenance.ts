import { isRecord } from './plain-data.js';

/** Begins the keys of the tags that say where a revision comes from. */
const PREFIX = 'ecs-actions:';

/** AWS's limit for the value of a tag. */
const MAX_VALUE = 256;
/** What a tag may not have, by the pattern of ECS's API reference for Tag; half of a pair that was cut apart, too. */
const FORBIDDEN = /[^\p{L}\p{Z}\p{N}_.:/=+\-@]/gu;

/** Where a revision comes from, e.g. `{ commit: '1f2e…', run: 'https://…' }`. What is unknown is left out. */
export type Provenance = Readonly<Record<string, string | undefined>>;

/** The tags that say where a revision comes from: `{ commit: '1f2e' }` becomes `ecs-actions:commit` = `1f2e`. */
export function provenanceTags(provenance: Provenance): { key: string; value: string }[] {
  return Object.entries(provenance).flatMap(([name, value]) => {
    const key = name.startsWith(PREFIX) ? name : PREFIX + name;
    return value === undefined ? [] : [{ key, value: tagValue(value) }];
  });
}

/** A text as the value of a tag: cut, with `_` for what AWS does not take. */
export function tagValue(text: string): string {
  return text.slice(0, MAX_VALUE).replace(FORBIDDEN, '_');
}

export function isProvenanceTag(tag: unknown): boolean {
  return isRecord(tag) && typeof tag.key === 'string' && tag.key.startsWith(PREFIX);
}
