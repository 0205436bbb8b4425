import { MAX_TAGS, MAX_TASK_DEFINITION_BYTES } from '../limits.js';
import type { Fault, Rule } from './rule.js';
import { repeated } from './rule.js';

/** Source: developer guide, "Amazon ECS service quotas"; API reference, RegisterTaskDefinition and Tag. */
export const limitRules: readonly Rule[] = [
  {
    id: 'container-count',
    severity: 'error',
    summary: 'A task definition has 1 to 10 containers.',
    *check({ document, containers: { length } }): Iterable<Fault> {
      if (document.containerDefinitions === undefined || (length >= 1 && length <= 10)) return;
      yield {
        path: ['containerDefinitions'],
        reason: length === 0 ? 'There is no container.' : `There are ${length} containers.`,
        fix: length === 0 ? 'Add a container.' : 'ECS takes 10: split the task definition.',
      };
    },
  },
  {
    id: 'essential-container',
    severity: 'error',
    summary: 'At least one container is essential.',
    *check({ containers }): Iterable<Fault> {
      if (containers.length > 0 && containers.every(({ essential }) => essential === false)) {
        yield {
          path: ['containerDefinitions'],
          reason: 'No container is essential.',
          fix: 'Remove "essential": false from the container that the task exists for.',
        };
      }
    },
  },
  {
    id: 'document-size',
    severity: 'error',
    summary: 'The JSON of a task definition is at most 64 KiB.',
    *check({ bytes }): Iterable<Fault> {
      if (bytes <= MAX_TASK_DEFINITION_BYTES) return;
      yield {
        path: [],
        reason: `The task definition is ${bytes} bytes of JSON; ECS takes ${MAX_TASK_DEFINITION_BYTES}.`,
        fix: 'Move environment variables into an environment file in S3 or into Parameter Store, and long scripts into the image.',
      };
    },
  },
  {
    id: 'placement-constraint-count',
    severity: 'error',
    summary: 'There are at most 10 placement constraints.',
    *check({ document: { placementConstraints = [] } }): Iterable<Fault> {
      if (placementConstraints.length <= 10) return;
      yield {
        path: ['placementConstraints'],
        reason: `There are ${placementConstraints.length} placement constraints; ECS takes 10.`,
        fix: 'Combine expressions with "and".',
      };
    },
  },
  {
    id: 'tag-count',
    severity: 'error',
    summary: `There are at most ${MAX_TAGS} tags.`,
    *check({ document: { tags = [] } }): Iterable<Fault> {
      if (tags.length <= MAX_TAGS) return;
      const reason = `There are ${tags.length} tags; ECS takes ${MAX_TAGS}.`;
      yield { path: ['tags'], reason, fix: 'Remove some.' };
    },
  },
  {
    id: 'tag-unique',
    severity: 'error',
    summary: 'No two tags have the same key.',
    *check({ document: { tags = [] } }): Iterable<Fault> {
      for (const [{ key }, index] of repeated(tags, (tag) => tag.key)) {
        yield {
          path: ['tags', index, 'key'],
          reason: `An earlier tag has the key "${key}" too.`,
          fix: 'Keep one of them.',
        };
      }
    },
  },
  {
    id: 'tag-format',
    severity: 'error',
    summary: 'Tag keys have 1 to 128 characters, values up to 256; neither begins with "aws:".',
    *check({ document: { tags = [] } }): Iterable<Fault> {
      for (const [index, { key, value = '' }] of tags.entries()) {
        if (key !== undefined && (key.length < 1 || key.length > 128 || /^aws:/i.test(key))) {
          yield tagFault(['tags', index, 'key'], 'key', '1 to 128 characters');
        }
        if (value.length > 256 || /^aws:/i.test(value)) {
          yield tagFault(['tags', index, 'value'], 'value', 'up to 256 characters');
        }
      }
    },
  },
];

function tagFault(path: Fault['path'], what: string, allowed: string): Fault {
  return {
    path,
    reason: `The tag ${what} is not one that AWS takes.`,
    fix: `Use ${allowed}, and do not begin with "aws:".`,
  };
}
