import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';

/** Inputs and outputs of aws-actions/amazon-ecs-deploy-task-definition 2.6.3, with their defaults. */
const INPUTS: Readonly<Record<string, string | undefined>> = {
  'task-definition': undefined,
  'desired-count': undefined,
  service: undefined,
  cluster: undefined,
  'wait-for-service-stability': undefined,
  'wait-for-minutes': undefined,
  'wait-max-delay-seconds': undefined,
  'codedeploy-appspec': undefined,
  'codedeploy-application': undefined,
  'codedeploy-deployment-group': undefined,
  'codedeploy-deployment-description': undefined,
  'codedeploy-deployment-config': undefined,
  'force-new-deployment': undefined,
  'service-managed-ebs-volume-name': undefined,
  'service-managed-ebs-volume': undefined,
  'run-task': undefined,
  'run-task-container-overrides': undefined,
  'run-task-security-groups': undefined,
  'run-task-subnets': undefined,
  'run-task-assign-public-IP': 'DISABLED',
  'run-task-capacity-provider-strategy': undefined,
  'run-task-launch-type': 'FARGATE',
  'run-task-started-by': 'GitHub-Actions',
  'run-task-tags': undefined,
  'run-task-managed-ebs-volume-name': undefined,
  'run-task-managed-ebs-volume': undefined,
  'wait-for-task-stopped': undefined,
  'enable-ecs-managed-tags': undefined,
  'propagate-tags': undefined,
  'keep-null-value-keys': undefined,
  'max-retries': '3',
};
const OUTPUTS = ['task-definition-arn', 'codedeploy-deployment-id', 'run-task-arn'];

test('every input and output of the official action is there, with its default where that says something', async () => {
  const action = parse(await readFile(new URL('../action.yml', import.meta.url), 'utf8')) as {
    inputs: Record<string, { default?: string }>;
    outputs: Record<string, unknown>;
  };
  expect(Object.keys(INPUTS)).toHaveLength(31);
  for (const [name, fallback] of Object.entries(INPUTS)) {
    expect(Object.keys(action.inputs)).toContain(name);
    if (fallback !== undefined) expect(action.inputs[name]?.default).toBe(fallback);
  }
  expect(Object.keys(action.outputs)).toEqual(expect.arrayContaining(OUTPUTS));
});
