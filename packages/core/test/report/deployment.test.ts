import { beforeAll, describe, expect, test } from '@jest/globals';
import mermaid from 'mermaid';
import type { DeploymentResult } from '../../src/ecs/deploy/options.js';
import { diagnose } from '../../src/ecs/diagnose/diagnose.js';
import type { DeploymentEvent } from '../../src/ecs/rollout/events.js';
import { drawTimeline, reportDeployments } from '../../src/report/index.js';
import { at, OURS, stoppedTask, taskDefinition } from '../ecs/rollout/snapshots.js';

const time = (seconds: number) => at(seconds).getTime();
const taskId = (number: number) => number.toString(16).padStart(32, '0');

const result = (more: Partial<DeploymentResult> = {}): DeploymentResult => ({
  service: 'web',
  cluster: 'prod',
  serviceArn: 'arn:aws:ecs:eu-west-1:123456789012:service/prod/web',
  outcome: 'succeeded',
  reason: 'The deployment of web:2 completed.',
  taskDefinitionArn: taskDefinition(2),
  previousTaskDefinitionArn: taskDefinition(1),
  deploymentId: OURS,
  serviceDeploymentArn: undefined,
  diagnoses: [],
  events: [],
  startedAt: time(0),
  endedAt: time(152),
  ...more,
});

const rolledBack = (more: Partial<DeploymentResult> = {}): DeploymentResult =>
  result({
    outcome: 'rolled-back',
    reason: 'The deployment was rolled back to web:1: circuit breaker.',
    diagnoses: diagnose({ tasks: [stoppedTask(1), stoppedTask(2), stoppedTask(3)] }),
    events: [
      { type: 'task-started', taskIds: [taskId(1), taskId(2), taskId(3)], at: time(4) },
      ...[1, 2, 3].map((number): DeploymentEvent => ({
        type: 'task-stopped',
        task: stoppedTask(number),
        at: time(20 + number),
      })),
      { type: 'rollback-started', toTaskDefinitionArn: taskDefinition(1), reason: undefined, at: time(60) },
      { type: 'rolled-back', toTaskDefinitionArn: taskDefinition(1), at: time(90) },
    ],
    ...more,
  });

interface GanttTask {
  readonly task: string;
  readonly startTime: Date;
  readonly endTime: Date;
  readonly milestone?: boolean;
  readonly crit?: boolean;
}

/** What Mermaid reads in a picture. */
async function readGantt(text: string): Promise<GanttTask[]> {
  const { db, type } = await mermaid.mermaidAPI.getDiagramFromText(text);
  expect(type).toBe('gantt');
  return (db as unknown as { getTasks(): GanttTask[] })
    .getTasks()
    .map((task) => ({ ...task, task: task.task.trim() }));
}

describe('the timeline', () => {
  beforeAll(() => mermaid.initialize({ startOnLoad: false }));

  test('is what happened, when it happened, to Mermaid itself', async () => {
    const tasks = await readGantt(drawTimeline(rolledBack()));
    expect(tasks).toMatchObject([
      { task: 'rolling out', startTime: at(0), endTime: at(60), crit: true },
      { task: 'rolling back', startTime: at(60), endTime: at(152) },
      { task: 'task 00000000', startTime: at(4), endTime: at(21), crit: true },
      { task: 'task 00000000', startTime: at(4), endTime: at(22) },
      { task: 'task 00000000', startTime: at(4), endTime: at(23) },
      { task: 'rollback', startTime: at(60), milestone: true },
      { task: 'rolled back', startTime: at(90), milestone: true },
    ]);
  });

  test('shows stages one after the other', async () => {
    const events: DeploymentEvent[] = [
      { type: 'lifecycle-stage', from: undefined, to: 'SCALE_UP', at: time(10) },
      { type: 'lifecycle-stage', from: 'SCALE_UP', to: 'BAKE_TIME', at: time(40) },
    ];
    expect(await readGantt(drawTimeline(result({ events })))).toMatchObject([
      { task: 'succeeded', startTime: at(0), endTime: at(152) },
      { task: 'SCALE_UP', startTime: at(10), endTime: at(40) },
      { task: 'BAKE_TIME', startTime: at(40), endTime: at(152) },
    ]);
  });

  test('nothing in a name can break it', async () => {
    const nasty = 'a:b;c#d,e%%f\nsection evil';
    const events: DeploymentEvent[] = [{ type: 'task-started', taskIds: [nasty], at: time(4) }];
    const tasks = await readGantt(drawTimeline(result({ events })));
    expect(tasks).toHaveLength(2);
    expect(tasks[1]?.task).toMatch(/^task a b c d/);
  });

  test('stays a picture with hundreds of tasks', async () => {
    const ids = Array.from({ length: 400 }, (_, number) => taskId(number));
    const tasks = await readGantt(
      drawTimeline(result({ events: [{ type: 'task-started', taskIds: ids, at: time(4) }] })),
    );
    expect(tasks.length).toBeLessThanOrEqual(25);
  });
});

describe('the summary', () => {
  test('begins with the outcome and has a row for the service', () => {
    const [title, , , , row] = reportDeployments([result()]).split('\n');
    expect(title).toBe('## ✅ Deployment of <code>web</code>: succeeded');
    expect(row).toContain('✅ succeeded');
    expect(row).toContain('2:32');
    expect(row).toContain(
      'https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/prod/services/web/deployments',
    );
  });

  test('explains a failure: cause, fix, words, log, links, picture', () => {
    const text = reportDeployments([
      rolledBack({
        diagnoses: diagnose({ tasks: [stoppedTask(1), stoppedTask(2), stoppedTask(3)] }).map((diagnosis) => ({
          ...diagnosis,
          logTail: {
            kind: 'lines',
            taskArn: stoppedTask(1).taskArn!,
            containerName: 'app',
            logGroup: 'g',
            logStream: 's',
            region: undefined,
            lines: ['Error: DATABASE_URL is not set', '```', '<script>alert(1)</script>'],
          },
        })),
      }),
    ]);
    expect(text).toContain('#### An essential container ended, and with it the task.');
    expect(text).toContain('**What to do:**');
    expect(text).toContain('3 tasks · container <code>app</code> exit code 1');
    expect(text).toContain('Error: DATABASE_URL is not set');
    expect(text).toContain('````\nError: DATABASE_URL');
    expect(text).toContain('```mermaid\ngantt');
    expect(text).toContain('/ecs/v2/clusters/prod/tasks/');
  });

  test('several services: the worst outcome first, a row each', () => {
    const text = reportDeployments([result(), rolledBack({ service: 'worker' })]);
    expect(text).toContain('## ↩️ Deployment of 2 services: rolled-back');
    expect(text.match(/^\| .*(succeeded|rolled-back) \|/gm)).toHaveLength(2);
  });

  test('a registration has no service', () => {
    const text = reportDeployments([
      result({
        service: undefined,
        serviceArn: undefined,
        outcome: 'registered',
        reason: 'web:2 was registered.',
        previousTaskDefinitionArn: undefined,
      }),
    ]);
    expect(text).toContain('## ✅ Deployment of <code>web:2</code>: registered');
  });

  test('shows what several services share once', () => {
    const diff = {
      changed: true,
      changes: [{ kind: 'changed' as const, path: 'cpu', before: '256', after: '512', redacted: false }],
    };
    const text = reportDeployments([result({ diff }), result({ service: 'worker', diff })]);
    expect(text.match(/### Task definition/g)).toHaveLength(1);
    expect(text).toContain('_For <code>web</code>, <code>worker</code>:_');
  });

  test('stays far below the limit of a job summary', () => {
    const lines = Array.from({ length: 100 }, () => 'x'.repeat(16_000));
    const long = rolledBack().diagnoses.map((diagnosis) => ({
      ...diagnosis,
      reason: 'y'.repeat(100_000),
      logTail: {
        kind: 'lines' as const,
        taskArn: 't',
        containerName: 'app',
        logGroup: 'g',
        logStream: 's',
        region: undefined,
        lines,
      },
    }));
    const many = (count: number) =>
      reportDeployments(
        Array.from({ length: count }, (_, number) =>
          rolledBack({ service: `service-${number}`, diagnoses: long }),
        ),
      );
    for (const count of [1, 60, 1_500]) expect(Buffer.byteLength(many(count))).toBeLessThan(1_000_000);
    expect(many(60)).toContain('did not fit');
    expect(many(1_500)).toMatch(/\d+ further services/);
  });

  test('leaves out the picture before a cause, and never the end of a reason', () => {
    const end = 'and the cause: image not found';
    const reason = `${'`'.repeat(150_000)} ${end}`;
    const many = Array.from({ length: 20 }, (_, number) =>
      rolledBack({
        service: `service-${number}`,
        reason,
        diagnoses: rolledBack().diagnoses.flatMap((one) =>
          Array.from({ length: 5 }, () => ({ ...one, reason })),
        ),
      }),
    );
    const single = reportDeployments(many.slice(0, 1));
    expect(single.split(end)).toHaveLength(7);
    expect(single).toContain('characters left out');
    const text = reportDeployments(many);
    expect(Buffer.byteLength(text)).toBeLessThan(1_000_000);
    // Hundreds of thousands of escaped bytes: what does not fit is the less important of all services.
    expect(text).not.toContain('```mermaid');
    expect(text.split('### ↩️').length - 1).toBeGreaterThan(5);
    expect(text).toContain('did not fit');
  });

  test('a service that failed keeps its row and its cause among many', () => {
    const good = Array.from({ length: 2_000 }, (_, number) =>
      result({ service: `service-${number}`, events: rolledBack().events }),
    );
    const text = reportDeployments([...good, rolledBack({ service: 'broken' })]);
    expect(text).toMatch(/^\| .*<code>broken<\/code>.*rolled-back/m);
    expect(text).toContain('#### An essential container ended');
  });
});
