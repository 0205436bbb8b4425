import { isPlaintextSecret } from '../secrets.js';
import type { Fault, Rule } from './rule.js';
import { called, eachContainer, inContainer } from './rule.js';

/** What ECS takes and experience advises against. */
export const adviceRules: readonly Rule[] = [
  {
    id: 'image-moving-tag',
    severity: 'warning',
    summary: 'An image has a tag other than latest, or better a digest.',
    *check(subject): Iterable<Fault> {
      for (const [container, index] of eachContainer(subject)) {
        const { image = '' } = container;
        const tag = /:([\w.-]+)$/.exec(image)?.[1];
        if (image === '' || image.includes('@') || (tag !== undefined && tag !== 'latest')) continue;
        yield {
          path: inContainer(index, 'image'),
          reason: `The image of ${called(container, index)} has ${tag === undefined ? 'no tag' : 'the tag latest'}: a task that starts tomorrow may run another image, and a rollback may not bring back the old one.`,
          fix: 'Use the tag of this build, or better its digest.',
        };
      }
    },
  },
  {
    id: 'plaintext-secret',
    severity: 'warning',
    summary: 'Secrets come from Secrets Manager or Parameter Store, not from plain environment variables.',
    *check(subject): Iterable<Fault> {
      for (const [container, index] of eachContainer(subject)) {
        for (const [at, { name = '', value = '' }] of (container.environment ?? []).entries()) {
          if (!isPlaintextSecret(name, value)) continue;
          yield {
            path: inContainer(index, 'environment', at),
            reason: `${name} of ${called(container, index)} looks like a secret in plain text: everybody who may describe the task definition can read it.`,
            fix: 'Keep it in Secrets Manager or Parameter Store, and name it under "secrets".',
          };
        }
      }
    },
  },
  {
    id: 'log-configuration-missing',
    severity: 'warning',
    summary: 'Every container says where its log goes.',
    *check(subject): Iterable<Fault> {
      for (const [container, index] of eachContainer(subject)) {
        if (container.logConfiguration !== undefined || container.firelensConfiguration !== undefined)
          continue;
        yield {
          path: inContainer(index, 'logConfiguration'),
          reason: `${called(container, index)} has no log configuration: nobody will see why it failed.`,
          fix: 'Add a logConfiguration, for example with the driver awslogs.',
        };
      }
    },
  },
  {
    id: 'shared-role',
    severity: 'warning',
    summary: 'The task role and the execution role are two roles.',
    *check({ document: { taskRoleArn, executionRoleArn } }): Iterable<Fault> {
      if (taskRoleArn === undefined || taskRoleArn !== executionRoleArn) return;
      yield {
        path: ['taskRoleArn'],
        reason:
          'The task role is the execution role: the application can read every secret that ECS fetches for it.',
        fix: 'Give the application a role of its own.',
      };
    },
  },
  {
    id: 'inference-accelerators',
    severity: 'warning',
    summary: 'Elastic Inference is no longer available.',
    *check({ document: { inferenceAccelerators = [] } }): Iterable<Fault> {
      if (inferenceAccelerators.length === 0) return;
      yield {
        path: ['inferenceAccelerators'],
        reason: 'AWS has ended Elastic Inference.',
        fix: 'Remove "inferenceAccelerators".',
      };
    },
  },
];
