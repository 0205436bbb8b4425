import { beforeEach, describe, expect, it } from '@jest/globals';
import { createLogs } from '../../src/logs/logs.js';
import type { Logs } from '../../src/logs/logs.js';
import { Activity } from '../../src/world/activity.js';
import { ManualClock } from '../../src/world/manual-clock.js';

const scope = { accountId: '123456789012', region: 'us-east-1' };
const context = { ...scope, principalArn: 'arn:aws:iam::123456789012:user/x', requestId: 'r' };
let logs: Logs;

const read = (logStreamName: string) =>
  logs.service.operations['GetLogEvents']?.({ logGroupName: '/ecs/web', logStreamName }, context);

beforeEach(() => {
  logs = createLogs({
    clock: new ManualClock(5000, new Activity()),
    ...scope,
    host: () => '127.0.0.1:1',
  });
});

describe('what containers write', () => {
  it('makes a stream where there is a group', () => {
    logs.sink.createGroup('/ecs/web', scope);
    expect(logs.sink.hasGroup('/ecs/web', scope)).toBe(true);
    logs.sink.write('/ecs/web', 'web/app/1', [{ timestamp: 4000, message: 'hello' }], scope);
    logs.sink.write('/ecs/web', 'web/app/1', [{ timestamp: 4500, message: 'bye' }], scope);
    expect(read('web/app/1')).toMatchObject({
      events: [
        { timestamp: 4000, message: 'hello', ingestionTime: 5000 },
        { timestamp: 4500, message: 'bye', ingestionTime: 5000 },
      ],
    });
  });

  it('is lost where there is none, in that region or at all', () => {
    logs.sink.createGroup('/ecs/web', { ...scope, region: 'eu-west-1' });
    expect(logs.sink.hasGroup('/ecs/web', scope)).toBe(false);
    logs.sink.write('/ecs/web', 'web/app/1', [{ timestamp: 4000, message: 'hello' }], scope);
    expect(() => read('web/app/1')).toThrow('The specified log group does not exist.');
  });

  it('is gone after a reset', () => {
    logs.sink.createGroup('/ecs/web', scope);
    logs.reset();
    expect(logs.sink.hasGroup('/ecs/web', scope)).toBe(false);
  });
});
