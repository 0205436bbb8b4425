import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** Inputs of the official actions, as of the versions that the page names. */
const THEIRS = {
  'deploy-service': `task-definition desired-count service cluster wait-for-service-stability wait-for-minutes
    wait-max-delay-seconds codedeploy-appspec codedeploy-application codedeploy-deployment-group
    codedeploy-deployment-description codedeploy-deployment-config force-new-deployment
    service-managed-ebs-volume-name service-managed-ebs-volume run-task run-task-container-overrides
    run-task-security-groups run-task-subnets run-task-assign-public-IP run-task-capacity-provider-strategy
    run-task-launch-type run-task-started-by run-task-tags run-task-managed-ebs-volume-name
    run-task-managed-ebs-volume wait-for-task-stopped enable-ecs-managed-tags propagate-tags
    keep-null-value-keys max-retries`,
  'render-taskdef': `task-definition task-definition-arn task-definition-family task-definition-revision container-name
    image environment-variables secrets env-files log-configuration-log-driver log-configuration-options
    docker-labels command task-role-arn execution-role-arn`,
  'login-ecr': 'registries registry-type mask-password skip-logout',
};

describe.each(Object.entries(THEIRS))('%s', (action, names) => {
  const inputs = names.split(/\s+/);
  const declared = Object.keys((parse(read(`actions/${action}/action.yml`)) as { inputs: object }).inputs);
  const page = read('docs/migrating-from-aws-actions.md');

  test.each(inputs)('accepts %s, and the page on migrating says so', (input) => {
    expect(declared).toContain(input);
    expect(page).toContain(`\`${input}\``);
  });
});

test('all outputs of the official deployment are there', () => {
  const { outputs } = parse(read('actions/deploy-service/action.yml')) as { outputs: object };
  expect(Object.keys(outputs)).toEqual(
    expect.arrayContaining(['task-definition-arn', 'codedeploy-deployment-id', 'run-task-arn']),
  );
});
