import type { CallContext, JsonService } from '../protocol/service.js';
import { normaliseTaskDefinition } from './task-definition-defaults.js';
import type { Engine } from './engine.js';
import { clientException, invalidParameter } from './errors.js';
import { ecsArn, lastSegment } from './ids.js';
import { paginate } from './pagination.js';
import { describeTaskDefinition } from './shapes/task-definition.js';
import type { AccountState, TaskDefinition } from './state.js';
import { checkTags, setTags, tagsOf } from './tags.js';
import { checkTaskDefinition } from './task-definition-rules.js';
import { timings } from './timings.js';
import type { Tag, TaskDefinitionInput } from './wire.js';

/**
 * The revision that `family`, `family:revision` or an ARN names; a bare family is its newest ACTIVE
 * revision.
 */
export function findTaskDefinition(account: AccountState, reference: string): TaskDefinition | undefined {
  const [family = '', revision] = lastSegment(reference).split(':');
  const revisions = account.taskDefinitions.get(family) ?? [];
  const found =
    revision === undefined
      ? revisions.findLast((candidate) => candidate?.status === 'ACTIVE')
      : revisions[Number(revision) - 1];
  return reference.startsWith('arn:') && found?.arn !== reference ? undefined : found;
}

/** The ACTIVE revision a service or task is to run. */
export function requireTaskDefinition(account: AccountState, reference: string | undefined): TaskDefinition {
  if (reference === undefined || reference === '') throw invalidParameter('TaskDefinition can not be blank.');
  const taskDefinition = findTaskDefinition(account, reference);
  if (taskDefinition === undefined) throw clientException('TaskDefinition not found.');
  if (taskDefinition.status !== 'ACTIVE') throw clientException('TaskDefinition is inactive');
  return taskDefinition;
}

interface ListInput {
  familyPrefix?: string;
  status?: string;
  sort?: 'ASC' | 'DESC';
  maxResults?: number;
  nextToken?: string;
}

/** Task definitions: register, describe, deregister, delete, list. */
export function createTaskDefinitionOperations(engine: Engine): JsonService['operations'] {
  return {
    RegisterTaskDefinition(input: TaskDefinitionInput & { tags?: Tag[] }, context: CallContext) {
      const account = engine.account(context);
      checkTaskDefinition(input);
      checkTags(input.tags);
      const taskDefinition = register(account, input, context.principalArn, engine.clock.now());
      setTags(account, taskDefinition.arn, input.tags);
      return {
        taskDefinition: describeTaskDefinition(taskDefinition),
        ...tagsBeside(account, taskDefinition),
      };
    },

    DescribeTaskDefinition(input: { taskDefinition: string; include?: string[] }, context: CallContext) {
      const account = engine.account(context);
      if (!input.taskDefinition) throw invalidParameter('Task definition can not be blank.');
      const taskDefinition = findTaskDefinition(account, input.taskDefinition);
      if (taskDefinition === undefined) throw clientException('Unable to describe task definition.');
      return {
        taskDefinition: describeTaskDefinition(taskDefinition),
        ...(input.include?.includes('TAGS') && { tags: tagsOf(account, taskDefinition.arn) }),
      };
    },

    DeregisterTaskDefinition(input: { taskDefinition: string }, context: CallContext) {
      const account = engine.account(context);
      const reference = input.taskDefinition ?? '';
      if (!lastSegment(reference).includes(':')) {
        throw invalidParameter(`Invalid revision number. Number: ${reference}`);
      }
      const taskDefinition = findTaskDefinition(account, reference);
      if (taskDefinition === undefined)
        throw clientException('The specified task definition does not exist.');
      if (taskDefinition.status === 'ACTIVE') {
        taskDefinition.status = 'INACTIVE';
        taskDefinition.deregisteredAt = engine.clock.now();
      }
      return { taskDefinition: describeTaskDefinition(taskDefinition) };
    },

    DeleteTaskDefinitions(input: { taskDefinitions: string[] }, context: CallContext) {
      const account = engine.account(context);
      const deleted: object[] = [];
      const failures: object[] = [];
      for (const reference of input.taskDefinitions ?? []) {
        const taskDefinition = findTaskDefinition(account, reference);
        if (taskDefinition === undefined) {
          failures.push({ arn: reference, reason: 'The specified task definition does not exist.' });
        } else if (taskDefinition.status === 'ACTIVE') {
          failures.push({
            arn: taskDefinition.arn,
            reason:
              'The specified task definition is still in ACTIVE status. Please deregister the target and try again.',
          });
        } else {
          remove(engine, account, taskDefinition);
          deleted.push(describeTaskDefinition(taskDefinition));
        }
      }
      return { taskDefinitions: deleted, failures };
    },

    ListTaskDefinitions(input: ListInput, context: CallContext) {
      const account = engine.account(context);
      const status = input.status ?? 'ACTIVE';
      const families = [...account.taskDefinitions.keys()].toSorted();
      const arns = families
        .filter((family) => input.familyPrefix === undefined || family === input.familyPrefix)
        .flatMap((family) => account.taskDefinitions.get(family) ?? [])
        .filter((taskDefinition) => taskDefinition?.status === status)
        .map((taskDefinition) => taskDefinition?.arn);
      const { page, ...more } = paginate(input.sort === 'DESC' ? arns.toReversed() : arns, input);
      return { taskDefinitionArns: page, ...more };
    },

    ListTaskDefinitionFamilies(input: ListInput, context: CallContext) {
      const account = engine.account(context);
      const status = input.status ?? 'ALL';
      const families = [...account.taskDefinitions]
        .filter(([family]) => family.startsWith(input.familyPrefix ?? ''))
        .filter(([, revisions]) => {
          const active = revisions.some((revision) => revision?.status === 'ACTIVE');
          return status === 'ALL' || (status === 'ACTIVE') === active;
        })
        .map(([family]) => family)
        .toSorted();
      const { page, ...more } = paginate(families, input);
      return { families: page, ...more };
    },
  };
}

function register(
  account: AccountState,
  input: TaskDefinitionInput & { tags?: Tag[] },
  registeredBy: string,
  now: number,
): TaskDefinition {
  const revisions = account.taskDefinitions.get(input.family) ?? [];
  account.taskDefinitions.set(input.family, revisions);
  const revision = revisions.length + 1;
  const { members, ...derived } = normaliseTaskDefinition(input);
  const taskDefinition: TaskDefinition = {
    ...derived,
    members,
    family: input.family,
    revision,
    arn: ecsArn(account.scope, `task-definition/${input.family}:${revision}`),
    status: 'ACTIVE',
    registeredAt: now,
    registeredBy,
  };
  revisions.push(taskDefinition);
  return taskDefinition;
}

function tagsBeside(account: AccountState, taskDefinition: TaskDefinition): object {
  const tags = tagsOf(account, taskDefinition.arn);
  return tags.length > 0 ? { tags } : {};
}

/** A deleted revision stays in DELETE_IN_PROGRESS for a while; its number is never given again. */
function remove(engine: Engine, account: AccountState, taskDefinition: TaskDefinition): void {
  taskDefinition.status = 'DELETE_IN_PROGRESS';
  taskDefinition.deleteRequestedAt = engine.clock.now();
  engine.clock.schedule(timings.deletedTaskDefinition, () => {
    const revisions = account.taskDefinitions.get(taskDefinition.family);
    if (revisions?.[taskDefinition.revision - 1] === taskDefinition) {
      revisions[taskDefinition.revision - 1] = undefined;
      account.tags.delete(taskDefinition.arn);
    }
  });
}
