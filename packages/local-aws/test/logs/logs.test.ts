import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DeleteLogStreamCommand,
  DeleteRetentionPolicyCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  ListTagsForResourceCommand,
  paginateDescribeLogGroups,
  paginateFilterLogEvents,
  PutLogEventsCommand,
  PutRetentionPolicyCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import type { CloudWatchLogsClient, GetLogEventsCommandInput } from '@aws-sdk/client-cloudwatch-logs';
import { startLocalAws } from '../../src/index.js';
import type { LocalAws } from '../../src/index.js';
import { clientsOf, errorOf } from '../support/clients.js';

const startTime = Date.parse('2026-11-24T08:00:00Z');
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const group = { logGroupName: '/ecs/web' };
const stream = { ...group, logStreamName: 'web/app/1' };
let aws: LocalAws;
let logs: CloudWatchLogsClient;

beforeAll(async () => {
  aws = await startLocalAws({ clock: 'manual', startTime });
  ({ logs } = clientsOf(aws));
});
afterAll(() => aws.stop());
beforeEach(async () => {
  await aws.reset();
  await logs.send(new CreateLogGroupCommand({ ...group, tags: { team: 'web' } }));
  await logs.send(new CreateLogStreamCommand(stream));
});

/** Puts one event a second, beginning now. */
async function put(messages: readonly string[], target = stream) {
  const now = aws.clock.now();
  const logEvents = messages.map((message, index) => ({ timestamp: now + index * 1000, message }));
  return logs.send(new PutLogEventsCommand({ ...target, logEvents }));
}

async function get(input: Partial<GetLogEventsCommandInput> = {}) {
  const { events = [], ...tokens } = await logs.send(new GetLogEventsCommand({ ...stream, ...input }));
  return { messages: events.map(({ message }) => message), events, ...tokens };
}

describe('groups and streams', () => {
  it('are described', async () => {
    await put(['one', 'two']);
    const { logGroups } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: '/ecs' }));
    expect(logGroups).toEqual([
      {
        logGroupName: '/ecs/web',
        creationTime: expect.any(Number),
        metricFilterCount: 0,
        arn: 'arn:aws:logs:us-east-1:123456789012:log-group:/ecs/web:*',
        logGroupArn: 'arn:aws:logs:us-east-1:123456789012:log-group:/ecs/web',
        storedBytes: 0,
        logGroupClass: 'STANDARD',
      },
    ]);
    const { logStreams } = await logs.send(new DescribeLogStreamsCommand(group));
    const now = aws.clock.now();
    expect(logStreams).toMatchObject([
      {
        logStreamName: 'web/app/1',
        firstEventTimestamp: now,
        lastEventTimestamp: now + 1000,
        lastIngestionTime: now,
        arn: 'arn:aws:logs:us-east-1:123456789012:log-group:/ecs/web:log-stream:web/app/1',
      },
    ]);
  });

  it('are their own in each region', async () => {
    const { logs: elsewhere } = clientsOf(aws, { region: 'eu-west-1' });
    expect((await elsewhere.send(new DescribeLogGroupsCommand({}))).logGroups).toEqual([]);
    await elsewhere.send(new CreateLogGroupCommand(group));
  });

  it('come in pages, sorted by name', async () => {
    for (let number = 9; number >= 1; number -= 1) {
      await logs.send(new CreateLogGroupCommand({ logGroupName: `/app/${number}` }));
    }
    const names: (string | undefined)[] = [];
    for await (const page of paginateDescribeLogGroups(
      { client: logs, pageSize: 4 },
      { logGroupNamePrefix: '/app' },
    )) {
      expect(page.logGroups!.length).toBeLessThanOrEqual(4);
      names.push(...page.logGroups!.map(({ logGroupName }) => logGroupName));
    }
    expect(names).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9].map((number) => `/app/${number}`));
  });

  it('are found by a part of their name', async () => {
    await logs.send(new CreateLogGroupCommand({ logGroupName: '/ecs/api' }));
    const { logGroups } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePattern: 'API' }));
    expect(logGroups!.map(({ logGroupName }) => logGroupName)).toEqual(['/ecs/api']);
  });

  it.each([
    [{ limit: 51 }, /less than or equal to 50/],
    [{ limit: 0 }, /greater than or equal to 1/],
    [{ nextToken: 'x' }, /nextToken is invalid/],
    [{ logGroupNamePrefix: 'a', logGroupNamePattern: 'b' }, /mutually exclusive/],
  ])('are not described by %j', async (input, message) => {
    const error = await errorOf(logs.send(new DescribeLogGroupsCommand(input)));
    expect(error.name).toBe('InvalidParameterException');
    expect(error.message).toMatch(message);
  });

  it('of streams are sorted by name or by their last event', async () => {
    const streams = ['b', 'c', 'a'];
    for (const logStreamName of streams) {
      await logs.send(new CreateLogStreamCommand({ ...group, logStreamName }));
      await put([logStreamName], { ...group, logStreamName });
      await aws.clock.advance(minute);
    }
    const names = async (input: object) =>
      (await logs.send(new DescribeLogStreamsCommand({ ...group, ...input }))).logStreams!.map(
        ({ logStreamName }) => logStreamName,
      );
    expect(await names({})).toEqual(['a', 'b', 'c', 'web/app/1']);
    expect(await names({ logStreamNamePrefix: 'web/' })).toEqual(['web/app/1']);
    expect(await names({ orderBy: 'LastEventTime', descending: true, limit: 2 })).toEqual(['a', 'c']);
  });

  it('are deleted', async () => {
    await logs.send(new DeleteLogStreamCommand(stream));
    expect((await errorOf(get())).message).toBe('The specified log stream does not exist.');
    await logs.send(new DeleteLogGroupCommand(group));
    expect((await errorOf(get())).message).toBe('The specified log group does not exist.');
  });

  it('carry tags', async () => {
    const resourceArn = 'arn:aws:logs:us-east-1:123456789012:log-group:/ecs/web';
    await logs.send(new TagResourceCommand({ resourceArn, tags: { env: 'prod' } }));
    await logs.send(new UntagResourceCommand({ resourceArn, tagKeys: ['team'] }));
    expect((await logs.send(new ListTagsForResourceCommand({ resourceArn }))).tags).toEqual({ env: 'prod' });
  });

  it.each<[string, () => Promise<unknown>, string, string]>([
    [
      'a group twice',
      () => logs.send(new CreateLogGroupCommand(group)),
      'ResourceAlreadyExistsException',
      'The specified log group already exists',
    ],
    [
      'a stream twice',
      () => logs.send(new CreateLogStreamCommand(stream)),
      'ResourceAlreadyExistsException',
      'The specified log stream already exists',
    ],
    [
      'a group of a bad name',
      () => logs.send(new CreateLogGroupCommand({ logGroupName: 'a b' })),
      'InvalidParameterException',
      String.raw`1 validation error detected: Value 'a b' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+`,
    ],
    [
      'a stream in a group that is not there',
      () => logs.send(new CreateLogStreamCommand({ logGroupName: 'nope', logStreamName: 'x' })),
      'ResourceNotFoundException',
      'The specified log group does not exist.',
    ],
  ])('are refused: %s', async (_what, call, name, message) => {
    expect(await errorOf(call())).toEqual({ name, message, status: 400 });
  });
});

describe('PutLogEvents', () => {
  const at = (...offsets: number[]) => {
    const now = aws.clock.now();
    return logs.send(
      new PutLogEventsCommand({
        ...stream,
        logEvents: offsets.map((offset) => ({ timestamp: now + offset, message: `${offset}` })),
      }),
    );
  };

  it('says which events it did not take', async () => {
    await logs.send(new PutRetentionPolicyCommand({ ...group, retentionInDays: 1 }));
    expect((await at(-15 * day)).rejectedLogEventsInfo).toEqual({
      tooOldLogEventEndIndex: 1,
      expiredLogEventEndIndex: 1,
    });
    expect((await at(-day - minute, -minute)).rejectedLogEventsInfo).toEqual({ expiredLogEventEndIndex: 1 });
    expect((await at(0, minute, 3 * hour)).rejectedLogEventsInfo).toEqual({ tooNewLogEventStartIndex: 2 });
    expect((await get({ startFromHead: true })).messages).toEqual(['-60000', '0', '60000']);
  });

  it.each<[string, number[], string]>([
    [
      'events out of order',
      [1000, 0],
      'Log events in a single PutLogEvents request must be in chronological order.',
    ],
    [
      'more than a day',
      [-25 * hour, 0],
      'The batch of log events in a single PutLogEvents request cannot span more than 24 hours.',
    ],
    [
      'no events',
      [],
      "1 validation error detected: Value '[]' at 'logEvents' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ],
  ])('refuses %s', async (_what, offsets, message) => {
    expect(await errorOf(at(...offsets))).toEqual({
      name: 'InvalidParameterException',
      message,
      status: 400,
    });
  });

  it('refuses more than a megabyte', async () => {
    const error = await errorOf(put(Array.from({ length: 5 }, () => 'x'.repeat(250_000))));
    expect(error.message).toBe('Upload too large: 1250130 bytes exceeds limit of 1048576');
  });
});

describe('GetLogEvents', () => {
  it('gives the end by default and the beginning from the head', async () => {
    await put(['1', '2', '3', '4', '5']);
    expect((await get({ limit: 2 })).messages).toEqual(['4', '5']);
    expect((await get({ limit: 2, startFromHead: true })).messages).toEqual(['1', '2']);
  });

  it('goes forward by tokens, and stays where it is at the end', async () => {
    await put(['1', '2', '3']);
    const first = await get({ limit: 2, startFromHead: true });
    const second = await get({ limit: 2, nextToken: first.nextForwardToken! });
    expect(second.messages).toEqual(['3']);
    const third = await get({ nextToken: second.nextForwardToken! });
    expect(third.messages).toEqual([]);
    expect(third.nextForwardToken).toBe(second.nextForwardToken);
    await aws.clock.advance(minute);
    await put(['4']);
    expect((await get({ nextToken: third.nextForwardToken! })).messages).toEqual(['4']);
  });

  it('goes backward by tokens, and comes back', async () => {
    await put(['1', '2', '3', '4', '5']);
    const last = await get({ limit: 2 });
    const middle = await get({ limit: 2, nextToken: last.nextBackwardToken! });
    expect(middle.messages).toEqual(['2', '3']);
    const first = await get({ limit: 2, nextToken: middle.nextBackwardToken! });
    expect(first.messages).toEqual(['1']);
    expect((await get({ nextToken: first.nextBackwardToken! })).messages).toEqual([]);
    expect((await get({ limit: 2, nextToken: first.nextForwardToken! })).messages).toEqual(['2', '3']);
  });

  it('follows a stream that was empty at first', async () => {
    const { nextForwardToken } = await get();
    await put(['1']);
    expect((await get({ nextToken: nextForwardToken! })).messages).toEqual(['1']);
  });

  it('keeps to a range of time, the end excluded', async () => {
    await put(['1', '2', '3']);
    const now = aws.clock.now();
    expect((await get({ startTime: now + 1000, endTime: now + 2000 })).messages).toEqual(['2']);
  });

  it('sorts late events in, and keeps the order of those of one moment', async () => {
    const now = aws.clock.now();
    const putAt = (offset: number, ...messages: string[]) =>
      logs.send(
        new PutLogEventsCommand({
          ...stream,
          logEvents: messages.map((message) => ({ timestamp: now + offset, message })),
        }),
      );
    await putAt(1000, 'b1', 'b2');
    await putAt(0, 'a1');
    await putAt(1000, 'b3');
    expect((await get({ startFromHead: true })).messages).toEqual(['a1', 'b1', 'b2', 'b3']);
  });

  it('takes the ARN of a group for its name', async () => {
    await put(['1']);
    const { events } = await logs.send(
      new GetLogEventsCommand({
        logGroupIdentifier: 'arn:aws:logs:us-east-1:123456789012:log-group:/ecs/web',
        logStreamName: stream.logStreamName,
      }),
    );
    expect(events).toMatchObject([
      { message: '1', timestamp: aws.clock.now(), ingestionTime: aws.clock.now() },
    ]);
  });

  it('refuses a token that is none', async () => {
    expect((await errorOf(get({ nextToken: 'x' }))).message).toBe('The specified nextToken is invalid.');
  });

  it('forgets what retention forgets', async () => {
    await put(['old']);
    await logs.send(new PutRetentionPolicyCommand({ ...group, retentionInDays: 1 }));
    await aws.clock.advance(2 * day);
    await put(['new']);
    expect((await get()).messages).toEqual(['new']);
    await logs.send(new DeleteRetentionPolicyCommand(group));
    const refused = errorOf(logs.send(new PutRetentionPolicyCommand({ ...group, retentionInDays: 2 })));
    expect((await refused).name).toBe('InvalidParameterException');
  });
});

describe('FilterLogEvents', () => {
  beforeEach(async () => {
    const other = { ...group, logStreamName: 'web/app/2' };
    await logs.send(new CreateLogStreamCommand(other));
    await put(['GET / 200', 'ERROR database is gone', 'GET /health 200']);
    await put(['ERROR [code=7] cannot listen', 'GET / 500'], other);
  });

  const filter = async (input: object = {}) =>
    (await logs.send(new FilterLogEventsCommand({ ...group, ...input }))).events!.map(
      ({ message }) => message,
    );

  it.each<[string | undefined, string[]]>([
    [
      undefined,
      ['GET / 200', 'ERROR [code=7] cannot listen', 'ERROR database is gone', 'GET / 500', 'GET /health 200'],
    ],
    ['ERROR', ['ERROR [code=7] cannot listen', 'ERROR database is gone']],
    ['GET 200', ['GET / 200', 'GET /health 200']],
    ['GET -health', ['GET / 200', 'GET / 500']],
    ['?500 ?listen', ['ERROR [code=7] cannot listen', 'GET / 500']],
    ['"database is"', ['ERROR database is gone']],
    ['"[code=7]"', ['ERROR [code=7] cannot listen']],
    ['%code=\\d%', ['ERROR [code=7] cannot listen']],
    ['error', []],
  ])('by %s', async (filterPattern, messages) => {
    expect(await filter({ filterPattern })).toEqual(messages);
  });

  it('in some streams', async () => {
    expect(await filter({ logStreamNames: ['web/app/2'] })).toEqual([
      'ERROR [code=7] cannot listen',
      'GET / 500',
    ]);
    expect(await filter({ logStreamNamePrefix: 'web/app/1', filterPattern: 'ERROR' })).toEqual([
      'ERROR database is gone',
    ]);
    const both = filter({ logStreamNamePrefix: 'a', logStreamNames: ['b'] });
    expect((await errorOf(both)).name).toBe('InvalidParameterException');
  });

  it('in pages', async () => {
    const seen: (string | undefined)[] = [];
    for await (const page of paginateFilterLogEvents({ client: logs, pageSize: 2 }, { ...group })) {
      seen.push(...page.events!.map(({ message }) => message));
    }
    expect(seen).toEqual(await filter());
  });

  it.each([
    [{ filterPattern: '{ $.level = "error" }' }, /knows patterns of terms only/],
    [{ filterPattern: '[ip, user]' }, /knows patterns of terms only/],
    [{ filterPattern: '%(%' }, /is no regular expression/],
    [{ nextToken: 'x' }, /nextToken is invalid/],
    [{ limit: 10_001 }, /must have value less than or equal to 10000/i],
    [{ limit: 0 }, /must have value greater than or equal to 1/i],
  ])('not by %j', async (input, message) => {
    const error = await errorOf(filter(input));
    expect(error.name).toBe('InvalidParameterException');
    expect(error.message).toMatch(message);
  });
});
