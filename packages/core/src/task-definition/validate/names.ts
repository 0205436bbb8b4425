import type { Fault, Rule } from './rule.js';
import { called, eachContainer, inContainer, repeated } from './rule.js';

const NAME = /^[A-Za-z0-9_-]{1,255}$/;
const NAME_FIX = 'Use up to 255 letters, digits, underscores and hyphens.';
const PORT_NAME = /^[a-z0-9_][a-z0-9_-]{0,63}$/;

/** Source: API reference, RegisterTaskDefinition, ContainerDefinition, Volume, PortMapping. */
export const nameRules: readonly Rule[] = [
  {
    id: 'family-name',
    severity: 'error',
    summary: 'The family is up to 255 letters, digits, underscores and hyphens.',
    *check({ document: { family } }): Iterable<Fault> {
      if (family !== undefined && !NAME.test(family)) {
        yield {
          path: ['family'],
          reason: `The family "${family}" is not a name that ECS takes.`,
          fix: NAME_FIX,
        };
      }
    },
  },
  {
    id: 'container-name',
    severity: 'error',
    summary: 'Container names are up to 255 letters, digits, underscores and hyphens.',
    *check(subject): Iterable<Fault> {
      for (const [{ name }, index] of eachContainer(subject)) {
        if (name !== undefined && !NAME.test(name)) {
          const reason = `The container name "${name}" is not a name that ECS takes.`;
          yield { path: inContainer(index, 'name'), reason, fix: NAME_FIX };
        }
      }
    },
  },
  {
    id: 'container-name-unique',
    severity: 'error',
    summary: 'No two containers have the same name.',
    *check({ containers }): Iterable<Fault> {
      for (const [{ name }, index] of repeated(containers, (container) => container.name)) {
        yield {
          path: inContainer(index, 'name'),
          reason: `An earlier container is called "${name}" too.`,
          fix: 'Give every container its own name.',
        };
      }
    },
  },
  {
    id: 'volume-name',
    severity: 'error',
    summary: 'Volume names are up to 255 letters, digits, underscores and hyphens.',
    *check({ volumes }): Iterable<Fault> {
      for (const [index, { name }] of volumes.entries()) {
        if (name !== undefined && !NAME.test(name)) {
          const reason = `The volume name "${name}" is not a name that ECS takes.`;
          yield { path: ['volumes', index, 'name'], reason, fix: NAME_FIX };
        }
      }
    },
  },
  {
    id: 'volume-name-unique',
    severity: 'error',
    summary: 'No two volumes have the same name.',
    *check({ volumes }): Iterable<Fault> {
      for (const [{ name }, index] of repeated(volumes, (volume) => volume.name)) {
        yield {
          path: ['volumes', index, 'name'],
          reason: `An earlier volume is called "${name}" too.`,
          fix: 'Give every volume its own name.',
        };
      }
    },
  },
  {
    id: 'port-name',
    severity: 'error',
    summary:
      'Port names are up to 64 lowercase letters, digits, underscores and hyphens, not beginning with a hyphen.',
    *check(subject): Iterable<Fault> {
      for (const [container, index] of eachContainer(subject)) {
        for (const [at, { name }] of (container.portMappings ?? []).entries()) {
          if (name === undefined || PORT_NAME.test(name)) continue;
          yield {
            path: inContainer(index, 'portMappings', at, 'name'),
            reason: `The port name "${name}" of ${called(container, index)} is not one that ECS takes.`,
            fix: 'Use up to 64 lowercase letters, digits, underscores and hyphens; do not begin with a hyphen.',
          };
        }
      }
    },
  },
];
