import type { Fault, Rule, Subject } from './rule.js';
import { called, eachContainer, inContainer } from './rule.js';

export const deviceRules: readonly Rule[] = [
  {
    id: 'device-requirement',
    severity: 'error',
    summary:
      'A GPU has either a value or a sharing strategy; a Neuron device is ALL, once, on Managed Instances.',
    *check(subject): Iterable<Fault> {
      if (subject.launchTypes.has('FARGATE')) return;
      yield* deviceFaults(subject);
    },
  },
];

/** Source: API reference, ResourceRequirement. */
function* deviceFaults(subject: Subject): Iterable<Fault> {
  let neuronContainers = 0;
  for (const [container, index] of eachContainer(subject)) {
    for (const [at, { type, value, sharingStrategy }] of (container.resourceRequirements ?? []).entries()) {
      const path = (...rest: string[]) => inContainer(index, 'resourceRequirements', at, ...rest);
      const who = called(container, index);
      if (type === 'GPU' && (value === undefined) === (sharingStrategy === undefined)) {
        yield {
          path: path(),
          reason: `The GPU of ${who} has ${value === undefined ? 'neither' : 'both'} a value and a sharing strategy.`,
          fix: 'Write one of the two.',
        };
      }
      if (type === 'GPU' && value !== undefined && !/^(?:[1-9]\d*|ALL)$/.test(value)) {
        yield {
          path: path('value'),
          reason: `"${value}" is no number of GPUs for ${who}.`,
          fix: 'Write a number, or ALL.',
        };
      }
      if (type === 'GPU' && sharingStrategy !== undefined && subject.launchTypes.has('EXTERNAL')) {
        yield {
          path: path('sharingStrategy'),
          reason: `External instances do not share GPUs, as ${who} asks.`,
          fix: 'Write a value instead.',
        };
      }
      if (type !== 'NeuronDevice') continue;
      neuronContainers += 1;
      if (value !== 'ALL' || neuronContainers > 1) {
        yield {
          path: path(),
          reason: `The Neuron devices of ${who} are not "ALL" of one container.`,
          fix: 'Write "ALL", in one container.',
        };
      }
      if (
        subject.launchTypes.size > 0 &&
        ![...subject.launchTypes].every((type) => type === 'MANAGED_INSTANCES')
      ) {
        yield {
          path: path('type'),
          reason: 'Only Managed Instances have Neuron devices.',
          fix: 'Write "requiresCompatibilities": ["MANAGED_INSTANCES"].',
        };
      }
    }
  }
}
