import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ListClustersCommand } from '@aws-sdk/client-ecs';
import { startLocalAws } from '../../src/index.js';
import type { LocalAws } from '../../src/index.js';
import { Activity } from '../../src/world/activity.js';
import { ManualClock } from '../../src/world/manual-clock.js';
import { clientsOf } from '../support/clients.js';

describe('a manual clock', () => {
  const seen: string[] = [];
  let clock: ManualClock;
  const note = (what: string) => () => void seen.push(`${what}@${clock.now()}`);

  beforeEach(() => {
    seen.length = 0;
    clock = new ManualClock(1000, new Activity());
  });

  it('stands still', async () => {
    clock.schedule(0, note('a'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(clock.now()).toBe(1000);
    expect(seen).toEqual([]);
  });

  it('fires what falls due, in order, at its time', async () => {
    clock.schedule(30, note('c'));
    clock.schedule(10, note('a'));
    clock.schedule(10, note('b'));
    clock.schedule(31, note('d'));
    await clock.advance(30);
    expect(seen).toEqual(['a@1010', 'b@1010', 'c@1030']);
    expect(clock.now()).toBe(1030);
    await clock.advance(1);
    expect(seen.at(-1)).toBe('d@1031');
  });

  it('fires what a callback schedules within the same move', async () => {
    const every = () => {
      note('tick')();
      clock.schedule(10, every);
    };
    clock.schedule(10, every);
    await clock.advance(35);
    expect(seen).toEqual(['tick@1010', 'tick@1020', 'tick@1030']);
  });

  it('lets promises and I/O settle between two timers', async () => {
    const server = createServer((_request, response) => response.end('hello'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    clock.schedule(10, () => void Promise.resolve().then(note('after a')));
    clock.schedule(20, note('b'));
    await clock.advance(20);
    expect(seen).toEqual(['after a@1010', 'b@1020']);
    server.close();
  });

  it('forgets what is cancelled or cleared', async () => {
    clock.schedule(10, note('a')).cancel();
    clock.schedule(10, note('b'));
    clock.clear();
    await clock.advance(10);
    expect(seen).toEqual([]);
  });

  it('carries out overlapping moves one after the other', async () => {
    clock.schedule(15, note('a'));
    await Promise.all([clock.advance(10), clock.advance(10)]);
    expect(seen).toEqual(['a@1015']);
    expect(clock.now()).toBe(1020);
  });
});

describe('a client that sleeps on it', () => {
  let aws: LocalAws;

  beforeEach(async () => {
    aws = await startLocalAws({ clock: 'manual', startTime: 0 });
  });
  afterEach(() => aws.stop());

  /** Polls every five seconds, for `polls` times. Returns when it polled. */
  async function poll(polls: number): Promise<number[]> {
    const { ecs } = clientsOf(aws);
    const at: number[] = [];
    while (at.length < polls) {
      at.push(aws.clock.now());
      await ecs.send(new ListClustersCommand({}));
      await aws.clock.sleep(5000);
    }
    return at;
  }
  const everyFiveSeconds = (polls: number) => Array.from({ length: polls }, (_, index) => index * 5000);

  it('is waited for between two wake-ups', async () => {
    const polled = poll(20);
    // The first poll comes before the first sleep: nothing has told the clock of this client yet.
    while (aws.requests.length === 0) await aws.clock.advance(0);
    await aws.clock.advance(100_000);
    expect(await polled).toEqual(everyFiveSeconds(20));
    expect(aws.requests.map(({ at }) => at)).toEqual(everyFiveSeconds(20));
  });

  it('is run to its end', async () => {
    expect(await aws.clock.runUntil(poll(20))).toEqual(everyFiveSeconds(20));
    expect(aws.clock.now()).toBe(100_000);
  });

  it('is run with others', async () => {
    const [first, second] = await aws.clock.runUntil(Promise.all([poll(10), poll(3)]));
    expect(first).toEqual(everyFiveSeconds(10));
    expect(second).toEqual(everyFiveSeconds(3));
  });

  it('is waited for while it reads files', async () => {
    const slow = async () => {
      const at: number[] = [];
      for (let round = 0; round < 5; round += 1) {
        for (let read = 0; read < 20; read += 1) await readFile(new URL(import.meta.url));
        at.push(aws.clock.now());
        await aws.clock.sleep(5000);
      }
      return at;
    };
    const [read, polled] = await aws.clock.runUntil(Promise.all([slow(), poll(5)]));
    expect(read).toEqual(everyFiveSeconds(5));
    expect(polled).toEqual(everyFiveSeconds(5));
  });

  it('is given up when it takes longer than it should', async () => {
    const endless = poll(Number.POSITIVE_INFINITY);
    await expect(aws.clock.runUntil(endless, { limitMs: 60_000 })).rejects.toThrow(
      'Not settled within 60000 ms of the manual clock.',
    );
  });

  it('hands on what it rejects with', async () => {
    const failing = aws.clock.sleep(1000).then(() => Promise.reject(new Error('mine')));
    await expect(aws.clock.runUntil(failing)).rejects.toThrow('mine');
  });

  it('is woken by an abort', async () => {
    const abort = new AbortController();
    const asleep = aws.clock.sleep(1000, abort.signal);
    abort.abort(new Error('enough'));
    await expect(asleep).rejects.toThrow('enough');
    await expect(aws.clock.sleep(1000, abort.signal)).rejects.toThrow('enough');
    await aws.clock.advance(2000);
    expect(aws.clock.now()).toBe(2000);
  });
});
