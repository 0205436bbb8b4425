import { expect, test } from '@jest/globals';
import { createCloudWatch } from '../../src/cloudwatch/cloudwatch.js';
import { Activity } from '../../src/world/activity.js';
import { ManualClock } from '../../src/world/manual-clock.js';

const clock = new ManualClock(Date.parse('2026-03-01T12:00:00Z'), new Activity());
const context = { accountId: '123456789012', region: 'us-east-1', principalArn: 'arn', requestId: 'id' };

function startCloudWatch() {
  const states: unknown[] = [];
  const { queryService, service } = createCloudWatch(
    { clock },
    { onAlarmState: (...told) => states.push(told) },
  );
  const call = (operation: string, input: object): any =>
    queryService.operations[operation]?.(input, context);
  return { call, json: service.operations, states };
}

test('numbers, switches and absent lists come as text, and times go out as text', () => {
  const { call, json } = startCloudWatch();
  call('PutMetricAlarm', {
    AlarmName: 'errors',
    ComparisonOperator: 'GreaterThanThreshold',
    EvaluationPeriods: '2',
    Threshold: '1.5',
    ActionsEnabled: 'false',
    AlarmActions: '',
    Dimensions: [{ Name: 'Service', Value: 'web' }],
    Tags: [{ Key: 'team', Value: 'shop' }],
  });
  const { MetricAlarms } = call('DescribeAlarms', { AlarmNames: ['errors'], MaxRecords: '10' });
  expect(MetricAlarms).toEqual([
    expect.objectContaining({
      EvaluationPeriods: 2,
      Threshold: 1.5,
      ActionsEnabled: false,
      AlarmActions: [],
      Dimensions: [{ Name: 'Service', Value: 'web' }],
      StateUpdatedTimestamp: '2026-03-01T12:00:00.000Z',
    }),
  ]);
  expect(json['DescribeAlarms']?.({}, context)).toMatchObject({
    MetricAlarms: [{ EvaluationPeriods: 2, StateUpdatedTimestamp: 1_772_366_400 }],
  });
  const { AlarmArn } = MetricAlarms[0];
  call('TagResource', { ResourceARN: AlarmArn, Tags: [{ Key: 'stage', Value: 'test' }] });
  call('UntagResource', { ResourceARN: AlarmArn, TagKeys: ['team'] });
  expect(call('ListTagsForResource', { ResourceARN: AlarmArn }).Tags).toEqual([
    { Key: 'stage', Value: 'test' },
  ]);
});

test('a state that is set is told, and so is the end of an alarm', () => {
  const { call, states } = startCloudWatch();
  call('PutMetricAlarm', { AlarmName: 'a', ComparisonOperator: 'x', EvaluationPeriods: '1' });
  call('SetAlarmState', { AlarmName: 'a', StateValue: 'ALARM', StateReason: 'a test' });
  call('DeleteAlarms', { AlarmNames: ['a', 'b'] });
  expect(states).toEqual([
    ['a', 'ALARM', context],
    ['a', undefined, context],
  ]);
});

test.each([
  ['PutMetricAlarm', { AlarmName: 'a' }, 'MissingParameter'],
  ['SetAlarmState', { AlarmName: 'nobody', StateValue: 'OK' }, 'ResourceNotFound'],
  ['ListTagsForResource', { ResourceARN: 'arn' }, 'ResourceNotFound'],
])('%s is refused by the name of this protocol', (operation, input, code) => {
  const { call } = startCloudWatch();
  let refusal: unknown;
  try {
    call(operation, input);
  } catch (error) {
    refusal = error;
  }
  expect(refusal).toMatchObject({ code });
});
