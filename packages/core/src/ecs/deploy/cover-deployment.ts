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
 * What covers the secrets of a deployment in all that ECS says about it. A task definition that is no
 * document is read; without leave to read it only known secrets can be told.
 */
export async function coverDeployment(
  {
    ecs,
    wanted,
    taskDefinitionArn,
  }: {
    readonly ecs: ECSClient;
    readonly wanted: DeployableTaskDefinition | undefined;
    /** What the deployment runs. */
    readonly taskDefinitionArn: string;
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
  const command = new DescribeTaskDefinitionCommand({ taskDefinition: taskDefinitionArn });
  const read = async () =>
    (await ecs.send(command, signal === undefined ? {} : { abortSignal: signal })).taskDefinition;
  const definition =
    documentOf(wanted) ??
    (await patiently(clock, read, signal, clock.now() + PATIENCE_MS).catch(() => undefined));
  return coverSecrets(definition?.containerDefinitions ?? [], redact);
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
