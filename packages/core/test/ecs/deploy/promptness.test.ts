import { ListServiceDeploymentsCommand, type DeploymentConfiguration } from '@aws-sdk/client-ecs';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { DeploymentResult } from '../../../src/ecs/index.js';
import { busiestMinute, seeded, share } from '../promptness.js';
import { openStage, taskDefinition, type Stage } from './stage.js';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.stop());

/** When the service's newest deployment came to its end in ECS (epoch ms). */
async function finishedAt(service: string): Promise<number> {
  const command = new ListServiceDeploymentsCommand({ cluster: 'prod', service });
  const { serviceDeployments = [] } = await stage.ecs.send(command);
  return Math.max(...serviceDeployments.map((one) => one.finishedAt?.getTime() ?? 0));
}

const READS =
  /^(DescribeServices|ListServiceDeployments|DescribeServiceDeployments|ListTasks|DescribeTasks)$/;

/** When reads were made between the update and the last look at the rollout. */
function readsWhileWaiting(from: number, { endedAt }: DeploymentResult): number[] {
  const asked = stage.aws.requests
    .slice(from)
    .filter(({ service, at }) => service === 'ecs' && at <= endedAt)
    .map(({ operation, at }) => ({ operation, at }));
  const update = asked.findIndex(({ operation }) => operation === 'UpdateService');
  const last = asked.findLastIndex(({ operation }) => /^DescribeService(Deployment)?s$/.test(operation));
  return asked
    .slice(update + 1, last + 1)
    .filter(({ operation }) => READS.test(operation))
    .map(({ at }) => at);
}

test('20 rollouts over HTTP: found out within 6 s at the median, within 11 s each', async () => {
  await stage.create('web');
  const lags: number[] = [];
  const random = seeded(7);
  for (let run = 0; run < 20; run += 1) {
    // Slow starts stretch rollouts from about a minute to half an hour.
    const startSeconds = Math.round(5 * 240 ** (run / 19));
    const result = await stage.deploy(
      { service: 'web', taskDefinition: taskDefinition(`slow-${startSeconds}s`) },
      { random, timeoutMs: 60 * 60_000 },
    );
    expect(result.outcome).toBe('succeeded');
    lags.push(result.endedAt - (await finishedAt('web')));
  }
  expect(share(lags, 0)).toBeGreaterThanOrEqual(0);
  expect(share(lags, 0.5)).toBeLessThanOrEqual(6_000);
  expect(share(lags, 1)).toBeLessThanOrEqual(11_000);
}, 60_000);

test.each<[string, DeploymentResult['outcome'], number, string, DeploymentConfiguration]>([
  ['blue/green', 'succeeded', 2, 'slow', { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 0 }],
  [
    'the circuit breaker rolls back',
    'rolled-back',
    4,
    'exit-1',
    { deploymentCircuitBreaker: { enable: true, rollback: true } },
  ],
  ['we roll back', 'rolled-back', 10, 'exit-1', {}],
  ['we roll back 120 tasks', 'rolled-back', 120, 'exit-1', {}],
])(
  'over HTTP, %s: found out within 11 s, by no more than 20 calls a minute',
  async (_, outcome, desiredCount, behaviour, deploymentConfiguration) => {
    const random = seeded(3);
    for (const seconds of [4, 10, 19]) {
      const service = `web-${seconds}`;
      await stage.create(service, { desiredCount, deploymentConfiguration });
      const from = stage.aws.requests.length;
      const result = await stage.deploy(
        { service, taskDefinition: taskDefinition(`${behaviour}-${seconds}s`) },
        { random },
      );
      expect(result.outcome).toBe(outcome);
      const lag = result.endedAt - (await finishedAt(service));
      expect(lag).toBeGreaterThanOrEqual(0);
      expect(lag).toBeLessThanOrEqual(11_000);
      expect(busiestMinute(readsWhileWaiting(from, result))).toBeLessThanOrEqual(20);
    }
  },
  60_000,
);
