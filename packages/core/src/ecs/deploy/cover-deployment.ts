import { DescribeTaskDefinitionCommand, type ECSClient } from '@aws-sdk/client-ecs';
import type { Clock } from '../../ports.js';
import type { Cover } from '../../task-definition/cover.js';
import { coverSecrets, coverTask } from '../diagnose/cover.js';
import { patiently } from '../patience.js';
import type { DeploymentEvent } from '../rollout/events.js';
import { documentOf, type DeployableTaskDefinition } from './task-definition.js';

/** How long the first look at a rollout waits for its task definition, ms, where AWS throttles. */
const PATIENCE_MS = 10_000;

/**
 * What covers the secrets of a deployment in all that ECS says about it, and about what it goes back to.
 * A task definition that is no document is read; without leave to read it only known secrets can be told.
 */
export async function coverDeployment(
  {
    ecs,
    wanted,
    taskDefinitionArn,
    previousTaskDefinitionArn,
  }: {
    readonly ecs: ECSClient;
    readonly wanted: DeployableTaskDefinition | undefined;
    /** What the deployment runs. */
    readonly taskDefinitionArn: string;
    /** What the service ran before. */
    readonly previousTaskDefinitionArn: string | undefined;
  },
  {
    clock,
    redact = [],
    signal,
  }: {
    readonly clock: Clock;
    readonly redact?: readonly string[] | undefined;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<Cover> {
  const read = async (taskDefinition: string) => {
    const command = new DescribeTaskDefinitionCommand({ taskDefinition });
    const abort = signal === undefined ? {} : { abortSignal: signal };
    const send = async () => (await ecs.send(command, abort)).taskDefinition;
    return patiently(clock, send, signal, clock.now() + PATIENCE_MS).catch(() => undefined);
  };
  const isOther = previousTaskDefinitionArn !== undefined && previousTaskDefinitionArn !== taskDefinitionArn;
  const definitions = await Promise.all([
    documentOf(wanted) ?? read(taskDefinitionArn),
    isOther ? read(previousTaskDefinitionArn) : undefined,
  ]);
  return coverSecrets(
    definitions.flatMap((definition) => definition?.containerDefinitions ?? []),
    redact,
  );
}

/** An event with the secrets covered in what it quotes. */
export function coverEvent(event: DeploymentEvent, cover: Cover): DeploymentEvent {
  if (event.type === 'task-stopped') return { ...event, task: coverTask(event.task, cover) };
  const quoted = (['message', 'reason', 'hint'] as const).flatMap((member) => {
    const text = (event as Partial<Record<typeof member, string>>)[member];
    return typeof text === 'string' ? [[member, cover(text)]] : [];
  });
  return { ...event, ...Object.fromEntries(quoted) };
}
