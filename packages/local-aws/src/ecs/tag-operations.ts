import type { CallContext, JsonService } from '../protocol/service.js';
import type { Engine } from './engine.js';
import { clusterNotFound, invalidParameter, resourceNotFound } from './errors.js';
import type { AccountState } from './state.js';
import { addTags, removeTags, tagsOf } from './tags.js';
import { findTaskDefinition } from './task-definitions.js';
import type { Tag } from './wire.js';

/** Tags by ARN: clusters, services, tasks, task definitions, container instances. */
export function createTagOperations(engine: Engine): JsonService['operations'] {
  return {
    TagResource(input: { resourceArn: string; tags?: Tag[] }, context: CallContext) {
      const account = engine.account(context);
      requireResource(account, input.resourceArn);
      addTags(account, input.resourceArn, input.tags ?? []);
      return {};
    },

    UntagResource(input: { resourceArn: string; tagKeys?: string[] }, context: CallContext) {
      const account = engine.account(context);
      requireResource(account, input.resourceArn);
      removeTags(account, input.resourceArn, input.tagKeys ?? []);
      return {};
    },

    ListTagsForResource(input: { resourceArn: string }, context: CallContext) {
      const account = engine.account(context);
      requireResource(account, input.resourceArn);
      return { tags: tagsOf(account, input.resourceArn) };
    },
  };
}

/** Refuses an ARN of nothing that exists, with the error of its kind. */
function requireResource(account: AccountState, arn: string | undefined): void {
  const [, kind, path = ''] = /^arn:[^:]+:ecs:[^:]+:\d{12}:([a-z-]+)\/(.+)$/.exec(arn ?? '') ?? [];
  if (arn === undefined || kind === undefined) {
    throw invalidParameter('The specified resource ARN is not valid. Specify a valid ARN and try again.');
  }
  const [clusterName = '', id = ''] = path.split('/');
  const cluster = account.clusters.get(clusterName);
  if (kind === 'task-definition') {
    if (findTaskDefinition(account, arn) === undefined)
      throw resourceNotFound('The specified task definition was not found.');
    return;
  }
  if (cluster === undefined || (cluster.status !== 'ACTIVE' && kind !== 'cluster')) throw clusterNotFound();
  const known: Record<string, boolean> = {
    cluster: cluster.arn === arn,
    service: cluster.services.has(id) && cluster.services.get(id)?.status !== 'INACTIVE',
    task: cluster.tasks.has(id),
    'container-instance': cluster.instances.has(id),
  };
  if (known[kind] !== true) {
    throw resourceNotFound(
      `The specified ${kind.replace('-', ' ')} was not found. Specify a valid ${kind.replace('-', ' ')} and try again.`,
    );
  }
}
