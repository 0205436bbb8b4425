import type { JsonService, Operation } from '../../protocol/service.js';
import type { RegistryState } from '../state.js';
import { requireList, requireRegistryId } from '../validation.js';
import { imageOperations } from './images.js';
import { layerOperations } from './layers.js';
import { policyOperations } from './policies.js';
import { repositoryOperations } from './repositories.js';
import { tagOperations } from './resource-tags.js';
import { scanOperations } from './scans.js';
import { seconds } from './scope.js';

/** ECR's JSON API. */
export function createEcrService(state: RegistryState): JsonService {
  return {
    targetPrefix: 'AmazonEC2ContainerRegistry_V20150921',
    signingName: 'ecr',
    operations: {
      ...authorizationOperations(state),
      ...repositoryOperations(state),
      ...policyOperations(state),
      ...tagOperations(state),
      ...imageOperations(state),
      ...layerOperations(state),
      ...scanOperations(state),
    },
  };
}

/**
 * GetAuthorizationToken. All registries of this world share one host, so that it is the token that
 * says which of them a client means: the caller's own, or one for each of `registryIds`.
 */
function authorizationOperations(state: RegistryState): Record<string, Operation> {
  return {
    GetAuthorizationToken(input: { registryIds?: string[] }, { accountId, region, principalArn }) {
      const registryIds = input.registryIds
        ? requireList<string>('registryIds', input.registryIds, 1, 10)
        : [accountId];
      return {
        authorizationData: registryIds.map((id) => {
          const registryId = requireRegistryId('registryIds', id);
          const { password, expiresAtMs } = state.tokens.issue({
            registryId,
            region,
            accountId,
            principalArn,
          });
          return {
            authorizationToken: Buffer.from(`AWS:${password}`).toString('base64'),
            expiresAt: seconds(expiresAtMs),
            proxyEndpoint: `http://${state.world.host()}`,
          };
        }),
      };
    },
  };
}
