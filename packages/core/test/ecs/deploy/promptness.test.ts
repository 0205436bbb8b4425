import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openStage, taskDefinition, type Stage } from './stage.js';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
  await stage.create('web');
});
afterEach(() => stage.stop());

test('20 rollouts over HTTP: found out within 6 s at the median, within 11 s each', async () => {
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
    const service = await stage.describe('web');
    const completedAt = service.deployments?.[0]?.updatedAt?.getTime() ?? 0;
    lags.push(result.endedAt - completedAt);
  }
  lags.sort((a, b) => a - b);
  expect(lags[0]).toBeGreaterThanOrEqual(0);
  expect(lags[10]).toBeLessThanOrEqual(6_000);
  expect(lags.at(-1)).toBeLessThanOrEqual(11_000);
}, 60_000);

/** The same chance at every run: the median of twenty draws is a draw itself. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 16_807) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
