import type { Failure } from '@aws-sdk/client-ecs';

/** What calls have shown of who needs revisions. */
export interface FoundRevisions {
  /** ARNs of the revisions. */
  readonly revisions: readonly string[];
  /** ARNs of tasks, services and the like that ECS lists and does not describe, at least not yet: they may need any. */
  readonly undescribed: readonly string[];
}

export function joinRevisions(parts: readonly FoundRevisions[]): FoundRevisions {
  return {
    revisions: parts.flatMap(({ revisions }) => revisions),
    undescribed: parts.flatMap(({ undescribed }) => undescribed),
  };
}

/** What an answer leaves out. */
export function undescribedIn({ failures = [] }: { readonly failures?: Failure[] | undefined }): string[] {
  return failures.map(({ arn = 'something' }) => arn);
}

/** A list in parts of at most `size` items, which is what one call takes. */
export function batches<Item>(items: readonly Item[], size: number): Item[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}
