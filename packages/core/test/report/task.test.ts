import { expect, test } from '@jest/globals';
import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { diagnose, judgeTask, reportTaskRun, type TaskRunResult } from '../../src/index.js';

const taskArn = 'arn:aws:ecs:eu-west-1:123456789012:task/prod/0123456789abcdef0123456789abcdef';
const hostile = '</td><img src=x> | ``` @octocat [a](https://evil.example)';

function failedRun(): TaskRunResult {
  const task = {
    taskArn,
    lastStatus: 'STOPPED',
    stopCode: 'EssentialContainerExited',
    stoppedReason: 'Essential container in task exited',
    startedAt: new Date(1),
    containers: [
      { name: 'app', lastStatus: 'STOPPED', exitCode: 1, reason: hostile },
      { name: 'agent', lastStatus: 'STOPPED', exitCode: 0 },
    ],
  } as const;
  const ran = judgeTask({
    task: { ...task, containers: [...task.containers] },
    containerDefinitions: [{ name: 'app' }],
  });
  return {
    cluster: 'arn:aws:ecs:eu-west-1:123456789012:cluster/prod',
    taskDefinitionArn: 'arn:aws:ecs:eu-west-1:123456789012:task-definition/migrate:7',
    taskDefinitionOrigin: 'registered',
    outcome: 'failed',
    reason: ran.reason,
    tasks: [ran],
    failures: [],
    exitCode: 1,
    diagnoses: diagnose({
      tasks: [ran.task],
      logTails: [
        {
          kind: 'lines',
          taskArn,
          containerName: 'app',
          logGroup: '/ecs/app',
          logStream: 'app/app/0123',
          region: undefined,
          lines: ['migrating', hostile],
        },
      ],
    }),
    startedAt: 0,
    endedAt: 83_000,
  };
}

test('a failed task: verdict, containers, cause, log', () => {
  const report = reportTaskRun(failedRun());
  expect(report).toContain('### ❌ Task failed');
  expect(report).toContain('1 min 23 s');
  expect(report).toContain('(not essential)');
  expect(report).toContain('**What to do:**');
  expect(report).toContain('migrating');
  expect(report).toContain('https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/prod/tasks/');
});

test('what a container says becomes no markup', () => {
  const html = micromark(reportTaskRun(failedRun()), {
    allowDangerousHtml: true,
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
  });
  expect(html).not.toMatch(/<img|href="https:\/\/evil/);
  expect(html.match(/<tr>/g)).toHaveLength(3);
});
