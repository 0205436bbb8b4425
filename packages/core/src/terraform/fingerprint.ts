import { createHash } from 'node:crypto';
import type { RedactedOutput, RedactedPlan, RedactedResource } from './redact.js';

/**
 * SHA-256 (hex) of what a plan would do: equal for two plans that do the same, whenever and wherever they were made.
 *
 * It is made from the redacted plan, so that it can be published without letting anyone guess a short secret from it;
 * two plans that differ in nothing but sensitive values have the same fingerprint. Drift, checks and order do not count.
 */
export function fingerprintPlan(plan: Pick<RedactedPlan, 'resources' | 'outputs'>): string {
  const facts = [...plan.resources.map(resourceFacts), ...plan.outputs.map(outputFacts)];
  const hash = createHash('sha256');
  for (const fact of facts.map((fact) => JSON.stringify(fact)).sort()) hash.update(fact).update('\n');
  return hash.digest('hex');
}

function resourceFacts(resource: RedactedResource): unknown[] {
  const { address, actions, deposed, previousAddress, importing, attributes } = resource;
  return [
    'resource',
    address,
    actions,
    deposed ?? null,
    previousAddress ?? null,
    importing?.id ?? importing !== undefined,
    attributes.map(({ path, before, after }) => [path, before, after]),
  ];
}

function outputFacts({ name, action, attributes }: RedactedOutput): unknown[] {
  return ['output', name, action, attributes.map(({ path, before, after }) => [path, before, after])];
}
