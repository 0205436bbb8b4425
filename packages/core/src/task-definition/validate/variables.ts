import type { Fault, Rule } from './rule.js';
import { called, eachContainer, inContainer, repeated } from './rule.js';

const MAX_ENVIRONMENT_FILES = 10;
const ENVIRONMENT_FILE = /^arn:[\w-]+:s3:::[^/]+\/.*\.env$/;
const SECRET_ARN = /^arn:[\w-]+:(?:secretsmanager:[\w-]+:\d{12}:secret:.+|ssm:[\w-]+:\d{12}:parameter\/.+)$/;
const PARAMETER_NAME = /^[\w.\-/]+$/;

/** Source: API reference, ContainerDefinition (`environment`, `environmentFiles`, `secrets`), EnvironmentFile, Secret. */
export const variableRules: readonly Rule[] = [
  {
    id: 'variable-name',
    severity: 'error',
    summary: 'The name of a variable or secret is not empty.',
    *check(subject): Iterable<Fault> {
      for (const [container, index] of eachContainer(subject)) {
        for (const member of ['environment', 'secrets'] as const) {
          for (const [at, { name }] of (container[member] ?? []).entries()) {
            if (name !== '') continue;
            yield {
              path: inContainer(index, member, at, 'name'),
              reason: `A name in ${member} of ${called(container, index)} is empty.`,
              fix: 'Name it, or remove it.',
            };
          }
        }
      }
    },
  },
  {
    id: 'secret-unique',
    severity: 'error',
    summary: 'A secret has a name of its own, which no other secret and no variable of the container has.',
    *check(subject): Iterable<Fault> {
      for (const [container, index] of eachContainer(subject)) {
        const { environment = [], secrets = [] } = container;
        for (const [{ name }, at] of repeated([...environment, ...secrets], (variable) => variable.name)) {
          if (at < environment.length) continue;
          yield {
            path: inContainer(index, 'secrets', at - environment.length, 'name'),
            reason: `${name} is given to ${called(container, index)} twice.`,
            fix: 'Keep one of them. A patch removes a plain variable with NAME: null.',
          };
        }
      }
    },
  },
  {
    id: 'variable-unique',
    severity: 'warning',
    summary: 'A container has one plain variable of a name.',
    *check(subject): Iterable<Fault> {
      for (const [container, index] of eachContainer(subject)) {
        for (const [{ name }, at] of repeated(container.environment ?? [], (variable) => variable.name)) {
          yield {
            path: inContainer(index, 'environment', at, 'name'),
            reason: `${name} is given to ${called(container, index)} twice: one of the values is lost.`,
            fix: 'Keep one of them.',
          };
        }
      }
    },
  },
  {
    id: 'secret-source',
    severity: 'error',
    summary:
      'A secret’s valueFrom is the ARN of a Secrets Manager secret or a parameter, or a parameter’s name.',
    *check(subject): Iterable<Fault> {
      for (const [container, index] of eachContainer(subject)) {
        for (const [at, { name, valueFrom }] of (container.secrets ?? []).entries()) {
          if (isSecretSource(valueFrom)) continue;
          yield secretFault(inContainer(index, 'secrets', at, 'valueFrom'), name);
        }
        for (const [at, { name, valueFrom }] of (container.logConfiguration?.secretOptions ?? []).entries()) {
          if (isSecretSource(valueFrom)) continue;
          yield secretFault(inContainer(index, 'logConfiguration', 'secretOptions', at, 'valueFrom'), name);
        }
      }
    },
  },
  {
    id: 'environment-file',
    severity: 'error',
    summary: 'A container has up to 10 environment files, each the ARN of an .env object in S3.',
    *check(subject): Iterable<Fault> {
      for (const [container, index] of eachContainer(subject)) {
        const files = container.environmentFiles ?? [];
        if (files.length > MAX_ENVIRONMENT_FILES) {
          yield {
            path: inContainer(index, 'environmentFiles'),
            reason: `${called(container, index)} has ${files.length} environment files; ECS takes ${MAX_ENVIRONMENT_FILES}.`,
            fix: 'Join some of them.',
          };
        }
        for (const [at, { value }] of files.entries()) {
          if (value === undefined || ENVIRONMENT_FILE.test(value)) continue;
          yield {
            path: inContainer(index, 'environmentFiles', at, 'value'),
            reason: `"${value}" is not the ARN of an environment file.`,
            fix: 'Write arn:aws:s3:::bucket/path/name.env.',
          };
        }
      }
    },
  },
];

/** What is not an ARN at all may be the name of a parameter. */
function isSecretSource(valueFrom: string | undefined): boolean {
  if (valueFrom === undefined) return true;
  return valueFrom.startsWith('arn:') ? SECRET_ARN.test(valueFrom) : PARAMETER_NAME.test(valueFrom);
}

function secretFault(path: Fault['path'], name: string | undefined): Fault {
  return {
    path,
    reason: `valueFrom of ${name ?? 'a secret'} names no secret and no parameter.`,
    fix: 'Write the ARN of a Secrets Manager secret or of a Parameter Store parameter, or a parameter’s name.',
  };
}
