import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openStage, taskDefinition, type Stage } from './stage.js';

let stage: Stage;
let cloudwatch: CloudWatchClient;
beforeEach(async () => {
  stage = await openStage();
  const { endpoint, region, credentials } = stage.aws;
  cloudwatch = new CloudWatchClient({ endpoint, region, credentials });
  await cloudwatch.send(
    new PutMetricAlarmCommand({
      AlarmName: 'web-5xx',
      MetricName: '5xx',
      Namespace: 'web',
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanThreshold',
    }),
  );
  await stage.create('web');
});
afterEach(async () => {
  cloudwatch.destroy();
  await stage.stop();
});

/** Deploys while an alarm goes off in the middle of it. */
const deployIntoAlarm = (rollback: boolean) => {
  stage.aws.clock.schedule(20_000, () => {
    const alarm = { AlarmName: 'web-5xx', StateValue: 'ALARM' as const, StateReason: 'too many' };
    void cloudwatch.send(new SetAlarmStateCommand(alarm));
  });
  const alarms = { alarmNames: ['web-5xx'], enable: true, rollback };
  return stage.deploy(
    { service: 'web', taskDefinition: taskDefinition('v2') },
    { settings: { deploymentConfiguration: { alarms } } },
  );
};

describe('an alarm during the rollout', () => {
  test('rolls back, and is named', async () => {
    const result = await deployIntoAlarm(true);
    expect(result).toMatchObject({ outcome: 'rolled-back', reason: expect.stringContaining('web-5xx') });
    expect(result.diagnoses[0]).toMatchObject({ id: 'alarm-triggered', source: 'statement' });
  });

  test('without rollback the deployment has failed, and is left', async () => {
    const result = await deployIntoAlarm(false);
    expect(result).toMatchObject({ outcome: 'failed' });
    expect(result.diagnoses[0]).toMatchObject({ id: 'alarm-triggered' });
  });
});
