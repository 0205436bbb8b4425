import { CodeDeployClient, GetDeploymentCommand } from '@aws-sdk/client-codedeploy';
import { loadAppSpec } from './appspec.js';
import { readGroup } from './codedeploy-start.js';
import type { CodeDeployOptions, DeployServiceOptions } from './options.js';
import { probe, type CheckedPermission } from './permissions.js';

/** Stands in an AppSpec for the revision that is not known yet. */
const NO_REVISION = '<TASK_DEFINITION>';

/**
 * Makes sure that the AppSpec can be read and that each service has its application and deployment
 * group, before a task definition is registered for them.
 *
 * Throws `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `APPSPEC_INVALID`, `DEPLOYMENT_GROUP_NOT_FOUND`,
 * `DEPLOYMENT_GROUP_MISMATCH` and the errors of `callAws`.
 */
export async function requireCodeDeploy(
  { cluster, services }: { readonly cluster: string; readonly services: readonly string[] },
  codeDeploy: CodeDeployOptions,
  options: DeployServiceOptions,
): Promise<void> {
  await loadAppSpec(codeDeploy.appSpecFile, NO_REVISION, codeDeploy.directory);
  for (const service of services) await readGroup({ cluster, options }, service, codeDeploy);
}

/** The id of no deployment. */
const NO_DEPLOYMENT = 'd-000000000';

/** Tries the read by which a deployment of CodeDeploy is followed; {@link requireCodeDeploy} has tried the other. */
export async function probeCodeDeploy({ connect }: CodeDeployOptions): Promise<CheckedPermission[]> {
  const command = new GetDeploymentCommand({ deploymentId: NO_DEPLOYMENT });
  return [
    { action: 'codedeploy:GetDeploymentGroup' },
    ...(await probe('codedeploy:GetDeployment', 'read the deployments of CodeDeploy', () =>
      connect(CodeDeployClient).send(command),
    )),
  ];
}
