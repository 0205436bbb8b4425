import { DescribeTaskDefinitionCommand, type ECSClient, type TaskDefinition } from '@aws-sdk/client-ecs';
import { classifyAwsError, fromAwsError } from '../../aws-errors.js';

/** The task definition that tells where containers log; `undefined` where it cannot be read. Expired credentials throw. */
export async function readTaskDefinition(
  ecs: ECSClient,
  taskDefinition: string,
  signal?: AbortSignal,
): Promise<TaskDefinition | undefined> {
  const command = new DescribeTaskDefinitionCommand({ taskDefinition });
  try {
    return (await ecs.send(command, signal === undefined ? {} : { abortSignal: signal })).taskDefinition;
  } catch (error) {
    if (classifyAwsError(error) === 'expired')
      throw fromAwsError(error, `describe task definition ${taskDefinition}`);
    return undefined;
  }
}
