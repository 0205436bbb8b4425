import { AwsError, type Operation } from '../../protocol/service.js';
import { InvalidParameterError, lifecyclePolicyNotFound, repositoryPolicyNotFound } from '../errors.js';
import { parsePolicy } from '../policy.js';
import type { RegistryState } from '../state.js';
import { requireLength, requireString } from '../validation.js';
import { nameOf, type RepositoryInput, repositoryOf } from './scope.js';

/** The calls about a repository's two documents. Lifecycle policies are kept, but expire nothing here. */
export function policyOperations(state: RegistryState): Record<string, Operation> {
  return {
    SetRepositoryPolicy(input: RepositoryInput & { policyText?: string; force?: boolean }, context) {
      const repository = repositoryOf(state, input, context, 'SetRepositoryPolicy');
      const policyText = requireString('policyText', input.policyText);
      requireLength('policyText', policyText, 0, 10_240);
      const document = parsePolicy(policyText);
      if (!document) throw new InvalidParameterError('PolicyText', 'Invalid repository policy provided');
      repository.policy = { text: policyText, document };
      return { ...nameOf(repository), policyText };
    },

    GetRepositoryPolicy(input: RepositoryInput, context) {
      const repository = repositoryOf(state, input, context, 'GetRepositoryPolicy');
      if (!repository.policy) throw repositoryPolicyNotFound(repository);
      return { ...nameOf(repository), policyText: repository.policy.text };
    },

    DeleteRepositoryPolicy(input: RepositoryInput, context) {
      const repository = repositoryOf(state, input, context, 'DeleteRepositoryPolicy');
      const { policy } = repository;
      if (!policy) throw repositoryPolicyNotFound(repository);
      delete repository.policy;
      return { ...nameOf(repository), policyText: policy.text };
    },

    PutLifecyclePolicy(input: RepositoryInput & { lifecyclePolicyText?: string }, context) {
      const repository = repositoryOf(state, input, context, 'PutLifecyclePolicy');
      const lifecyclePolicyText = requireString('lifecyclePolicyText', input.lifecyclePolicyText);
      requireLength('lifecyclePolicyText', lifecyclePolicyText, 100, 30_720);
      requireLifecycleRules(lifecyclePolicyText);
      repository.lifecyclePolicyText = lifecyclePolicyText;
      return { ...nameOf(repository), lifecyclePolicyText };
    },

    GetLifecyclePolicy(input: RepositoryInput, context) {
      const repository = repositoryOf(state, input, context, 'GetLifecyclePolicy');
      if (repository.lifecyclePolicyText === undefined) throw lifecyclePolicyNotFound(repository);
      return { ...nameOf(repository), lifecyclePolicyText: repository.lifecyclePolicyText };
    },

    DeleteLifecyclePolicy(input: RepositoryInput, context) {
      const repository = repositoryOf(state, input, context, 'DeleteLifecyclePolicy');
      const { lifecyclePolicyText } = repository;
      if (lifecyclePolicyText === undefined) throw lifecyclePolicyNotFound(repository);
      delete repository.lifecyclePolicyText;
      return { ...nameOf(repository), lifecyclePolicyText };
    },
  };
}

interface LifecycleRule {
  readonly rulePriority?: unknown;
  readonly selection?: { readonly tagStatus?: unknown; readonly countType?: unknown };
  readonly action?: { readonly type?: unknown };
}

/** The shape of a lifecycle policy: rules of distinct priority, each with a selection and an action. */
function requireLifecycleRules(text: string): void {
  const rules = parseRules(text);
  const priorities = rules.map(({ rulePriority }) => rulePriority);
  const complete = rules.every(
    ({ rulePriority, selection, action }) =>
      Number.isInteger(rulePriority) && selection?.tagStatus && selection.countType && action?.type,
  );
  if (rules.length === 0 || !complete || new Set(priorities).size < priorities.length)
    throw invalidLifecyclePolicy();
}

function parseRules(text: string): LifecycleRule[] {
  try {
    const { rules } = JSON.parse(text);
    return Array.isArray(rules) ? rules : [];
  } catch {
    throw invalidLifecyclePolicy();
  }
}

function invalidLifecyclePolicy(): AwsError {
  return new InvalidParameterError('LifecyclePolicyText', 'Lifecycle policy validation failure');
}
