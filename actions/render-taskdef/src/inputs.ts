import { readAwsInputs, readInputs, type AwsInputs, type InputReader } from '@ecs-actions/action-kit';
import {
  isTaskDefinitionReference,
  parseTaskDefinitionEdits,
  type TaskDefinitionEdits,
} from '@ecs-actions/core';
import type { InputName } from './action.js';

export interface Inputs {
  readonly aws: AwsInputs;
  /** A file, a family, `family:revision` or an ARN; what the service runs where there is none. */
  readonly taskDefinition: string | undefined;
  /** True for a revision that is given beside what is none of a family. */
  readonly isRevisionUnused: boolean;
  readonly cluster: string | undefined;
  readonly service: string | undefined;
  readonly base: 'running' | 'latest';
  readonly edits: TaskDefinitionEdits;
  readonly validate: 'strict' | 'warn' | 'off';
  /** As {@link taskDefinition}, or `running` or `latest`. */
  readonly diffAgainst: string | undefined;
  readonly register: boolean;
  readonly deregisterOlder: number | undefined;
}

export async function renderInputs(): Promise<Inputs> {
  const { edits, faults } = await parseTaskDefinitionEdits((name) =>
    readInputs<InputName, string | undefined>((input) => input.optional(name)),
  );
  return readInputs<InputName, Inputs>((input) => {
    const { taskDefinition, isRevisionUnused } = readTaskDefinition(input);
    const service = input.optional('service');
    const diffAgainst = input.optional('diff-against');
    const defaultBase = taskDefinition === undefined ? 'running' : 'latest';
    const base = input.choice('base', ['running', 'latest'], defaultBase);
    for (const { name, problem } of faults) input.fault(name, problem);
    if (service === undefined) {
      if (taskDefinition === undefined) input.fault('task-definition', 'is required, or service is.');
      else if (base === 'running') input.fault('base', 'is "running": say of which service.');
      if (diffAgainst === 'running') input.fault('diff-against', 'is "running": say of which service.');
    }
    if (base === 'running' && taskDefinition !== undefined && !isFamily(taskDefinition)) {
      const problem =
        'is "running": that goes with a family in task-definition, not with a file or one revision.';
      input.fault('base', problem);
    }
    return {
      aws: readAwsInputs(input),
      taskDefinition,
      isRevisionUnused,
      cluster: input.optional('cluster'),
      service,
      base,
      edits,
      validate: input.choice('validate', ['strict', 'warn', 'off'], 'strict'),
      diffAgainst,
      register: input.boolean('register', false),
      deregisterOlder: input.integer('deregister-older', { min: 1 }),
    };
  });
}

/** What is said of inputs that change nothing, since another one is missing. */
export function unusedInputs({
  isRevisionUnused,
  cluster,
  service,
  deregisterOlder,
  register,
}: Inputs): readonly string[] {
  return [
    ...(isRevisionUnused
      ? [
          'Input task-definition-revision is of no use beside a file or an ARN: it is one of task-definition-family.',
        ]
      : []),
    ...(cluster !== undefined && service === undefined
      ? ['Input cluster is of no use without service.']
      : []),
    ...(deregisterOlder !== undefined && !register
      ? ['Input deregister-older is of no use without register: nothing is deregistered.']
      : []),
  ];
}

/** A family leaves open which revision is meant; a path, `family:revision` and an ARN do not. */
function isFamily(taskDefinition: string): boolean {
  return isTaskDefinitionReference(taskDefinition) && !taskDefinition.includes(':');
}

/** A revision is one of a family: beside a file or an ARN it means nothing, whatever it is. */
function readTaskDefinition(
  input: InputReader<InputName>,
): Pick<Inputs, 'taskDefinition' | 'isRevisionUnused'> {
  const taskDefinition = input.optional('task-definition');
  const arn = input.optional('task-definition-arn');
  const family = input.optional('task-definition-family');
  const named = taskDefinition ?? arn;
  if (named !== undefined && (named === arn || !isFamily(named))) {
    return {
      taskDefinition: named,
      isRevisionUnused: input.optional('task-definition-revision') !== undefined,
    };
  }
  const revision = input.integer('task-definition-revision', { min: 1 });
  if (revision !== undefined && (named !== undefined || family === undefined))
    input.fault('task-definition-revision', 'needs task-definition-family.');
  const latest = named ?? family;
  return {
    taskDefinition: revision === undefined ? latest : `${latest}:${revision}`,
    isRevisionUnused: false,
  };
}
