import { AwsError, type Operation } from '../../protocol/service.js';
import { InvalidParameterError } from '../errors.js';
import type { RegistryState } from '../state.js';
import { repositoryOfArn } from './scope.js';

/** The API's `Tag`. */
export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** TagResource, UntagResource, ListTagsForResource. */
export function tagOperations(state: RegistryState): Record<string, Operation> {
  return {
    TagResource(input: { resourceArn?: string; tags?: Tag[] }, context) {
      const { resourceTags } = repositoryOfArn(state, input.resourceArn, context, 'TagResource');
      const tags = requireTags(input.tags);
      if (new Set([...resourceTags.keys(), ...tags.map(({ Key }) => Key)]).size > maximumTags)
        throw tooManyTags();
      for (const { Key, Value } of tags) resourceTags.set(Key, Value);
      return {};
    },

    UntagResource(input: { resourceArn?: string; tagKeys?: string[] }, context) {
      const { resourceTags } = repositoryOfArn(state, input.resourceArn, context, 'UntagResource');
      if (!Array.isArray(input.tagKeys))
        throw new InvalidParameterError('tagKeys', 'Member must not be null');
      for (const key of input.tagKeys) resourceTags.delete(key);
      return {};
    },

    ListTagsForResource(input: { resourceArn?: string }, context) {
      const { resourceTags } = repositoryOfArn(state, input.resourceArn, context, 'ListTagsForResource');
      return { tags: [...resourceTags].map(([Key, Value]) => ({ Key, Value })) };
    },
  };
}

const maximumTags = 50;

/**
 * Tags as AWS takes them: at most 50, keys of 1 to 128 characters once each, values of up to 256.
 * @throws AwsError `InvalidTagParameterException`, `TooManyTagsException`.
 */
export function requireTags(tags: unknown): Tag[] {
  if (!Array.isArray(tags)) throw new InvalidParameterError('tags', 'Member must not be null');
  if (tags.length > maximumTags) throw tooManyTags();
  const keys = tags.map((tag: Tag) => tag.Key);
  if (new Set(keys).size < keys.length) throw invalidTag('Duplicate tag keys found.');
  for (const { Key, Value } of tags as Tag[]) {
    if (typeof Key !== 'string' || Key.length < 1 || Key.length > 128 || /^aws:/i.test(Key))
      throw invalidTag(`Invalid tag key '${Key}'.`);
    if (typeof Value !== 'string' || Value.length > 256)
      throw invalidTag(`Invalid value of the tag '${Key}'.`);
  }
  return tags;
}

function tooManyTags(): AwsError {
  return new AwsError('TooManyTagsException', `Number of tags exceeds the limit of ${maximumTags}.`);
}

function invalidTag(message: string): AwsError {
  return new AwsError('InvalidTagParameterException', message);
}
