import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import type { Fault, Rule, Subject } from './rule.js';
import { called, eachContainer } from './rule.js';

const ROLE = /^(?:arn:[\w-]+:iam::\d{12}:role\/[\w+=,.@/-]+|[\w+=.@-]{1,64})$/;
const PRIVATE_ECR = /^\d{12}\.dkr[.-]ecr(?:-fips)?\.[\w-]+\.(?:amazonaws\.|on\.)/;

/** Source: API reference, RegisterTaskDefinition; developer guide, "Task execution IAM role". */
export const roleRules: readonly Rule[] = [
  {
    id: 'role',
    severity: 'error',
    summary: 'A role is the ARN of an IAM role, or its name.',
    *check({ document }): Iterable<Fault> {
      for (const name of ['taskRoleArn', 'executionRoleArn'] as const) {
        const role = document[name];
        if (role === undefined || ROLE.test(role)) continue;
        yield {
          path: [name],
          reason: `"${role}" is not an IAM role.`,
          fix: 'Write arn:aws:iam::123456789012:role/name, with your account.',
        };
      }
    },
  },
  {
    id: 'execution-role',
    severity: 'error',
    summary:
      'There is an execution role if ECS fetches secrets or credentials, or on Fargate pulls from ECR or writes to CloudWatch Logs.',
    *check(subject): Iterable<Fault> {
      if (subject.document.executionRoleArn !== undefined) return;
      const reasons = [...executionRoleReasons(subject)];
      if (reasons.length === 0) return;
      yield {
        path: ['executionRoleArn'],
        reason: `There is no execution role, but ${reasons.join('; ')}.`,
        fix: 'Add "executionRoleArn", for example that of ecsTaskExecutionRole.',
      };
    },
  },
];

/** What the agent needs a role for, once each. */
function executionRoleReasons(subject: Subject): ReadonlySet<string> {
  const onFargate = subject.launchTypes.has('FARGATE');
  const reasons = new Set<string>();
  for (const [container, index] of eachContainer(subject)) {
    const who = called(container, index);
    if (fetchesSecrets(container)) reasons.add(`${who} has secrets to fetch`);
    if (container.repositoryCredentials !== undefined)
      reasons.add(`${who} has repository credentials to fetch`);
    if ((container.environmentFiles?.length ?? 0) > 0) reasons.add(`${who} has environment files to fetch`);
    if (onFargate && PRIVATE_ECR.test(container.image ?? '')) reasons.add(`${who} has an image in ECR`);
    if (onFargate && container.logConfiguration?.logDriver === 'awslogs')
      reasons.add(`${who} writes to CloudWatch Logs`);
  }
  return reasons;
}

function fetchesSecrets({ secrets = [], logConfiguration }: ContainerDefinition): boolean {
  return secrets.length > 0 || (logConfiguration?.secretOptions?.length ?? 0) > 0;
}
