import type { CallContext, QueryService } from '../protocol/service.js';
import type { ElbState, StateOf, Tag } from './state.js';

/** Tags of every resource by its ARN; what was never tagged has none, whether it is there or not. */
export function createTagOperations(stateOf: StateOf): QueryService['operations'] {
  return {
    AddTags(input: { ResourceArns?: string[]; Tags?: Tag[] }, context: CallContext) {
      for (const arn of input.ResourceArns ?? []) addTags(stateOf(context), arn, input.Tags);
      return {};
    },

    RemoveTags(input: { ResourceArns?: string[]; TagKeys?: string[] }, context: CallContext) {
      const { tags } = stateOf(context);
      for (const arn of input.ResourceArns ?? []) {
        for (const key of input.TagKeys ?? []) tags.get(arn)?.delete(key);
      }
      return {};
    },

    DescribeTags(input: { ResourceArns?: string[] }, context: CallContext) {
      const { tags } = stateOf(context);
      return {
        TagDescriptions: (input.ResourceArns ?? []).map((arn) => ({
          ResourceArn: arn,
          Tags: [...(tags.get(arn) ?? [])].map(([key, value]) => ({ Key: key, Value: value })),
        })),
      };
    },
  };
}

/** Adds tags to a resource; those of the same key are replaced. */
export function addTags({ tags }: ElbState, arn: string, added: readonly Tag[] | string = []): void {
  if (typeof added === 'string') return;
  const known = tags.get(arn) ?? new Map<string, string>();
  for (const { Key: key, Value: value = '' } of added) known.set(key, value);
  tags.set(arn, known);
}
