import type { Task } from '@aws-sdk/client-ecs';
import type { DeploymentEvent, TaskCounts } from '../ecs/rollout/events.js';
import type { Diagnosis } from '../ecs/diagnose/diagnose.js';
import { failedContainers } from '../ecs/diagnose/evidence.js';
import { shortName, taskDefinitionName } from '../ecs/names.js';
import { plural } from './markdown.js';

/** How loudly a line of the log is said; the names are those of the logger's methods. */
export type LogLevel = 'debug' | 'info' | 'notice' | 'warning';

/** A line for the log about something that happened. */
export interface LogLine {
  readonly level: LogLevel;
  readonly text: string;
}

/**
 * Says in one line what happened, with the time in front that the run has taken so far: by the
 * run's own clock, since ECS's may differ, and a log has to go forward. Full ids are for debugging:
 * in the log a task has the first eight characters of its id.
 */
export function describeDeploymentEvent(event: DeploymentEvent, elapsedMs: number): LogLine {
  const { level, text } = describe(event);
  return { level, text: `[${formatElapsed(elapsedMs)}] ${text}` };
}

/** A diagnosis for the log, line by line: cause, words, what to do, and what the container wrote last. */
export function describeDiagnosis(diagnosis: Diagnosis): string[] {
  const { cause, remedy, reason, count, source, consoleUrl, logTail } = diagnosis;
  return [
    `${cause} (${plural(count, source === 'task' ? 'task' : 'time')})`,
    ...reason.split('\n').map((line) => `  ${line}`),
    ...diagnosis.containers.flatMap(({ name, exitCode }) =>
      exitCode === undefined ? [] : [`  container ${name}: exit code ${exitCode}`],
    ),
    `  What to do: ${remedy}`,
    ...(consoleUrl === undefined ? [] : [`  ${consoleUrl}`]),
    ...(logTail?.kind === 'unavailable' ? [`  No log: ${logTail.reason}`] : []),
    ...(logTail?.kind === 'lines'
      ? [
          `  Last lines of container ${logTail.containerName} (${logTail.logStream}):`,
          ...logTail.lines.map((line) => `  | ${line}`),
        ]
      : []),
  ];
}

/** `0:07`, `12:30`, `1:02:03`. */
export function formatElapsed(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const pad = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(seconds % 60)}` : `${minutes}:${pad(seconds % 60)}`;
}

const info = (text: string): LogLine => ({ level: 'info', text });
const debug = (text: string): LogLine => ({ level: 'debug', text });

/** Requests for a rollback that go to CodeDeploy. */
const BY_CODEDEPLOY: ReadonlySet<string> = new Set(['StopDeployment', 'CreateDeployment']);

function describe(event: DeploymentEvent): LogLine {
  switch (event.type) {
    case 'task-definition-registered': {
      const name = taskDefinitionName(event.taskDefinitionArn);
      return info(event.reused ? `${name} is equal: nothing was registered` : `Registered ${name}`);
    }
    case 'service-created':
      return info(`Created the service with ${taskDefinitionName(event.taskDefinitionArn)}`);
    case 'service-updated': {
      const to = taskDefinitionName(event.toTaskDefinitionArn);
      const from =
        event.fromTaskDefinitionArn === undefined
          ? ''
          : `${taskDefinitionName(event.fromTaskDefinitionArn)} → `;
      return info(`Updated the service: ${from}${to} (deployment ${event.deploymentId})`);
    }
    case 'deployment-adopted':
      return info(
        `${taskDefinitionName(event.taskDefinitionArn)} is being rolled out already (deployment ${event.deploymentId}): waiting for it`,
      );
    case 'codedeploy-started':
      return info(`Created CodeDeploy deployment ${event.deploymentId} in group ${event.group}`);
    case 'codedeploy-status':
      return info(`CodeDeploy: ${event.status}${because(event.message)}`);
    case 'nothing-to-do':
      return info(`The service runs ${taskDefinitionName(event.taskDefinitionArn)} already`);
    case 'rollback-requested':
      return info(
        `Asked ${BY_CODEDEPLOY.has(event.how) ? 'CodeDeploy' : 'ECS'} to roll back to ${taskDefinitionName(event.toTaskDefinitionArn)} (${event.how})`,
      );
    case 'pause-answered':
      return info(`Answered the pause (hook ${event.hookId}): ${event.action}`);
    case 'deployment-visible':
      return debug(`Deployment ${event.deploymentId} is visible`);
    case 'task-started':
      return info(
        `Started ${plural(event.taskIds.length, 'task')}: ${event.taskIds.map(shortId).join(', ')}`,
      );
    case 'task-counts':
      return info(describeCounts(event.to));
    case 'task-stopped':
      return info(
        `Task ${shortId(shortName(event.task.taskArn ?? ''))} stopped: ${describeStop(event.task)}`,
      );
    case 'tasks-retired':
      return info(
        `ECS stopped ${plural(event.taskIds.length, 'task')}: ${event.taskIds.map(shortId).join(', ')}`,
      );
    case 'targets-registered':
      return info(`Registered ${plural(event.count, 'target')} in ${targetGroupName(event.targetGroup)}`);
    case 'targets-deregistered':
      return info(`Deregistered ${plural(event.count, 'target')} from ${targetGroupName(event.targetGroup)}`);
    case 'draining':
      return info('Draining the connections of the earlier deployment');
    case 'unhealthy':
    case 'impeded':
    case 'service-event':
      return info(`ECS: ${event.message}`);
    case 'rollout-state':
      return event.to === 'IN_PROGRESS'
        ? debug(`Rollout state ${event.to}`)
        : info(`Rollout state ${event.to}${because(event.reason)}`);
    case 'deployment-completed':
      return info(`Deployment ${event.deploymentId} completed`);
    case 'deployment-status':
      return info(`Service deployment ${event.to}${because(event.reason)}`);
    case 'lifecycle-stage':
      return info(`Lifecycle stage ${event.to}`);
    case 'traffic-shifted':
      return info(`Traffic of the new revision: ${describeTraffic(event)}`);
    case 'alarm-triggered':
      return info(`Alarm: ${event.alarmNames.join(', ')}`);
    case 'circuit-breaker-count':
      return info(`Circuit breaker: ${event.failureCount} of ${event.threshold ?? 'unknown'} failures`);
    case 'paused':
      return info(`Paused at ${event.stage ?? 'a lifecycle stage'} (hook ${event.hookId ?? 'unknown'})`);
    case 'rollback-started':
      return info(`Rolling back to ${taskDefinitionName(event.toTaskDefinitionArn)}${because(event.reason)}`);
    case 'rolled-back':
      return info(`Rolled back to ${taskDefinitionName(event.toTaskDefinitionArn)}`);
    case 'superseded':
      return info(
        `A newer deployment took over: ${event.byDeploymentId ?? 'unknown'} with ${taskDefinitionName(event.taskDefinitionArn)}`,
      );
    case 'desired-count':
      return info(`Desired count changed from ${event.from} to ${event.to}`);
    case 'service-status':
      return info(`Service status ${event.to}`);
    case 'heartbeat':
      return info(`Still waiting${event.counts === undefined ? '' : `: ${describeCounts(event.counts)}`}`);
    case 'read-failed':
      return info(`${event.throttled ? 'Throttled' : 'No answer'}, trying again: ${event.message}`);
    case 'read-denied':
      return {
        level: 'warning',
        text: [event.message, event.hint].filter((part) => part !== undefined).join(' '),
      };
  }
}

function describeCounts({ desired, pending, running, failed }: TaskCounts): string {
  const parts = [`${running} of ${plural(desired, 'task')} running`];
  if (pending > 0) parts.push(`${pending} pending`);
  if (failed > 0) parts.push(`${failed} failed in a row`);
  return parts.join(', ');
}

function describeStop(task: Task): string {
  const exits = failedContainers(task).map(({ name, exitCode, reason }) =>
    [name, exitCode === undefined ? undefined : `exit code ${exitCode}`, reason]
      .filter((part) => part !== undefined)
      .join(' '),
  );
  const reason = task.stoppedReason ?? task.stopCode ?? 'no reason given';
  return exits.length === 0 ? reason : `${reason} (${exits.join('; ')})`;
}

function describeTraffic({
  production,
  test,
}: {
  production: number | undefined;
  test: number | undefined;
}): string {
  const parts = [`${production ?? 0} % of production`];
  if (test !== undefined) parts.push(`${test} % of test`);
  return parts.join(', ');
}

function targetGroupName(arn: string): string {
  return `target group ${arn.split('/')[1] ?? arn}`;
}

function shortId(id: string): string {
  return id.slice(0, 8);
}

function because(reason: string | undefined): string {
  return reason === undefined || reason === '' ? '' : `: ${reason}`;
}
