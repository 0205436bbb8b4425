import type { CallContext, JsonService } from '../protocol/service.js';
import type { StateOf } from './applications.js';
import type { CodeDeployState } from './state.js';

/** As a request has it. */
export interface Tag {
  Key?: string;
  Value?: string;
}

interface TagInput {
  ResourceArn?: string;
  Tags?: Tag[];
  TagKeys?: string[];
}

/** Tags of applications and deployment groups; what was never tagged has none, whether it is there or not. */
export function createTagOperations(stateOf: StateOf): JsonService['operations'] {
  return {
    ListTagsForResource({ ResourceArn: arn = '' }: TagInput, context: CallContext) {
      const tags = stateOf(context).tags.get(arn) ?? [];
      return { Tags: [...tags].map(([key, value]) => ({ Key: key, Value: value })) };
    },

    TagResource({ ResourceArn: arn = '', Tags: added }: TagInput, context: CallContext) {
      addTags(stateOf(context), arn, added);
      return {};
    },

    UntagResource({ ResourceArn: arn = '', TagKeys: keys = [] }: TagInput, context: CallContext) {
      for (const key of keys) stateOf(context).tags.get(arn)?.delete(key);
      return {};
    },
  };
}

/** Adds tags to a resource; those of the same key are replaced. */
export function addTags({ tags }: CodeDeployState, arn: string, added: readonly Tag[] = []): void {
  const known = tags.get(arn) ?? new Map<string, string>();
  for (const { Key: key = '', Value: value = '' } of added) known.set(key, value);
  tags.set(arn, known);
}
