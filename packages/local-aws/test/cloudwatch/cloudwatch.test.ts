import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import {
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { startLocalAws } from '../../src/index.js';
import type { LocalAws } from '../../src/index.js';
import { clientsOf, errorOf } from '../support/clients.js';

let aws: LocalAws;
let cloudwatch: ReturnType<typeof clientsOf>['cloudwatch'];

beforeAll(async () => {
  aws = await startLocalAws({ clock: 'manual', startTime: Date.parse('2026-03-01T12:00:00Z') });
  cloudwatch = clientsOf(aws).cloudwatch;
});
afterAll(() => aws.stop());
beforeEach(() => aws.reset());

const put = (AlarmName: string) =>
  cloudwatch.send(
    new PutMetricAlarmCommand({
      AlarmName,
      ComparisonOperator: 'GreaterThanThreshold',
      EvaluationPeriods: 1,
      MetricName: '5xx',
      Namespace: 'Shop',
      Period: 60,
      Statistic: 'Sum',
      Threshold: 1,
      Dimensions: [{ Name: 'Service', Value: 'web' }],
    }),
  );

const set = (AlarmName: string, StateValue: 'OK' | 'ALARM') =>
  cloudwatch.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: 'a test' }));

const describeAlarms = async (input: object = {}) =>
  (await cloudwatch.send(new DescribeAlarmsCommand(input))).MetricAlarms;

it('keeps alarms as they were put, in no state until one is set', async () => {
  await put('errors');
  expect(await describeAlarms()).toEqual([
    expect.objectContaining({
      AlarmName: 'errors',
      AlarmArn: 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:errors',
      StateValue: 'INSUFFICIENT_DATA',
      Threshold: 1,
      Dimensions: [{ Name: 'Service', Value: 'web' }],
      StateUpdatedTimestamp: new Date('2026-03-01T12:00:00Z'),
    }),
  ]);
  await aws.clock.advance(60_000);
  await set('errors', 'ALARM');
  await put('errors');
  expect(await describeAlarms({ AlarmNames: ['errors'] })).toEqual([
    expect.objectContaining({
      StateValue: 'ALARM',
      StateReason: 'a test',
      StateTransitionedTimestamp: new Date('2026-03-01T12:01:00Z'),
    }),
  ]);
});

it('finds alarms by name, prefix and state, a page at a time', async () => {
  for (const name of ['web-errors', 'web-latency', 'db-errors']) await put(name);
  await set('web-latency', 'OK');
  const names = async (input: object) => (await describeAlarms(input))?.map(({ AlarmName }) => AlarmName);
  expect(await names({ AlarmNamePrefix: 'web-' })).toEqual(['web-errors', 'web-latency']);
  expect(await names({ StateValue: 'OK' })).toEqual(['web-latency']);
  const first = await cloudwatch.send(new DescribeAlarmsCommand({ MaxRecords: 2 }));
  expect(first.MetricAlarms).toHaveLength(2);
  expect(await names({ MaxRecords: 2, NextToken: first.NextToken })).toEqual(['db-errors']);
  await cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: ['web-errors', 'web-latency'] }));
  expect(await names({})).toEqual(['db-errors']);
});

it('refuses what makes no sense', async () => {
  expect(await errorOf(set('nobody', 'OK'))).toMatchObject({ name: 'ResourceNotFound', status: 404 });
  await put('errors');
  expect(await errorOf(set('errors', 'RED' as 'OK'))).toMatchObject({
    name: 'InvalidParameterValueException',
  });
  const incomplete = new PutMetricAlarmCommand({ AlarmName: 'x' });
  expect(await errorOf(cloudwatch.send(incomplete))).toMatchObject({
    name: 'MissingRequiredParameterException',
    message: expect.stringContaining('ComparisonOperator'),
  });
});

it('is governed by permissions for cloudwatch, not for the name it signs with', async () => {
  const keys = aws.createUserKeys({
    name: 'watcher',
    policies: [{ Statement: { Effect: 'Allow', Action: 'cloudwatch:DescribeAlarms', Resource: '*' } }],
  });
  const watcher = clientsOf(aws, { credentials: keys }).cloudwatch;
  await watcher.send(new DescribeAlarmsCommand({}));
  const refused = watcher.send(new DeleteAlarmsCommand({ AlarmNames: ['x'] }));
  expect((await errorOf(refused)).message).toContain('perform: cloudwatch:DeleteAlarms');
});
