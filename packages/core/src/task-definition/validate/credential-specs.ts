import type { Fault, Rule } from './rule.js';
import { called, eachContainer, inContainer } from './rule.js';

/** Source: API reference, ContainerDefinition, `credentialSpecs`. */
export const credentialSpecRules: readonly Rule[] = [
  {
    id: 'credential-specs',
    severity: 'error',
    summary: 'A container has at most one credential spec, with its prefix.',
    *check(subject): Iterable<Fault> {
      for (const [container, index] of eachContainer(subject)) {
        const specs = container.credentialSpecs ?? [];
        if (specs.length > 1) {
          yield {
            path: inContainer(index, 'credentialSpecs'),
            reason: `${called(container, index)} has ${specs.length} credential specs; ECS takes one.`,
            fix: 'Keep one.',
          };
        }
        for (const [at, spec] of specs.entries()) {
          if (/^credentialspec(?:domainless)?:./.test(spec)) continue;
          yield {
            path: inContainer(index, 'credentialSpecs', at),
            reason: `A credential spec of ${called(container, index)} does not say of which kind it is.`,
            fix: 'Write credentialspec:ARN or credentialspecdomainless:ARN.',
          };
        }
      }
    },
  },
];
