import { EcsActionsError } from '../errors.js';

/** Makes a call that names a cluster. Throws `CLUSTER_NOT_FOUND` where there is none of that name. */
export async function inCluster<T>(cluster: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ClusterNotFoundException') throw error;
    throw new EcsActionsError('CLUSTER_NOT_FOUND', `There is no cluster ${cluster}.`, {
      hint: 'Check the input cluster, and that aws-region and the account are the right ones.',
      cause: error,
    });
  }
}
