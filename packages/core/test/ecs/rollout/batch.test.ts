import { expect, test } from '@jest/globals';
import { batchReads } from '../../../src/ecs/rollout/batch.js';

test('what is asked for in one turn goes out together, so many keys of a group a call', async () => {
  const asked: string[][] = [];
  const read = batchReads<string>(2, async (group, keys) => {
    asked.push([group, ...keys]);
    return (key) => (key === 'missing' ? undefined : key.toUpperCase());
  });
  const wanted = [
    ['prod', 'web'],
    ['test', 'web'],
    ['prod', 'missing'],
    ['prod', 'worker'],
  ] as const;
  expect(await Promise.all(wanted.map(([group, key]) => read(group, key)))).toEqual([
    'WEB',
    'WEB',
    undefined,
    'WORKER',
  ]);
  expect(asked).toEqual([
    ['prod', 'web', 'missing'],
    ['prod', 'worker'],
    ['test', 'web'],
  ]);
});

test('where a policy allows only some of them together, each is asked for alone', async () => {
  const asked: string[][] = [];
  const read = batchReads<string>(10, async (_, keys) => {
    asked.push([...keys]);
    if (keys.includes('secret')) throw Object.assign(new Error('no'), { name: 'AccessDeniedException' });
    return (key) => key.toUpperCase();
  });
  const found = await Promise.allSettled(['web', 'secret', 'web', 'worker'].map((key) => read('prod', key)));
  expect(found.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
  expect(asked).toEqual([['web', 'secret', 'worker'], ['web'], ['secret'], ['worker']]);
});

test('what may come back later is not asked for again: the poll does that', async () => {
  let calls = 0;
  const read = batchReads<string>(10, async () => {
    calls += 1;
    throw Object.assign(new Error('slow down'), { name: 'ThrottlingException' });
  });
  const found = await Promise.allSettled([read('prod', 'web'), read('prod', 'worker')]);
  expect(found.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(calls).toBe(1);
});
