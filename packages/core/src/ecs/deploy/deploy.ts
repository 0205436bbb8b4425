import type { ECSClient } from '@aws-sdk/client-ecs';
import { isByCodeDeploy } from '../rollout/snapshot.js';
import { begin } from './begin.js';
import { checkServices, type ServicesToDeploy } from './check.js';
import type { CodeDeploySubject } from './codedeploy-start.js';
import { deployOne } from './one.js';
import {
  createRun,
  type CodeDeployOptions,
  type DeploymentResult,
  type DeployServiceOptions,
  type Run,
  type ServiceToDeploy,
} from './options.js';
import { releaseProvenance, retag } from './order.js';
import {
  resolveEachOnce,
  type DeployableTaskDefinition,
  type ResolvedTaskDefinition,
} from './task-definition.js';

/**
 * Deploys a task definition to a service and tells what happened.
 *
 * A rollout that fails is a result, not an exception: see {@link DeploymentResult.outcome} and
 * `OUTCOME_ERROR_CODES`. Thrown are the errors that keep it from being started or followed:
 * `CLUSTER_NOT_FOUND`, `SERVICE_NOT_FOUND`, `SERVICE_NOT_ACTIVE`, `SERVICE_CONTROLLER_UNSUPPORTED`,
 * `TASK_DEFINITION_INVALID`, `SERVICE_DEFINITION_INVALID`, `APPSPEC_INVALID`,
 * `DEPLOYMENT_GROUP_NOT_FOUND`, `DEPLOYMENT_GROUP_MISMATCH`, `DEPLOYMENT_OUT_OF_ORDER` (all before anything is registered),
 * `TASK_DEFINITION_*`, `SERVICE_UPDATE_REFUSED`, `CANCELLED`, `ACCESS_DENIED`, `CREDENTIALS_EXPIRED` and the other errors of `callAws`.
 *
 * @example
 * const result = await deployService(
 *   { ecs, cluster: 'prod', service: 'web', taskDefinition: { revision: 'web:12' } },
 *   { clock: systemClock, onEvent: (event) => print(event) },
 * );
 */
export async function deployService(
  subject: { readonly ecs: ECSClient; readonly cluster: string } & ServiceToDeploy,
  options: DeployServiceOptions,
): Promise<DeploymentResult> {
  const { ecs, cluster, ...service } = subject;
  const [result] = await deployServices({ ecs, cluster, services: [service] }, options);
  if (result?.error !== undefined) throw result.error;
  return result!;
}

/**
 * Deploys several services of a cluster together: all are checked before anything is registered, a
 * document that several share is registered once, the rollouts run side by side and are polled
 * together. Results are in the order of `services`.
 *
 * Throws what {@link deployService} throws before anything is started; what goes wrong with one
 * service after that is the `error` of its result, so that the others are still followed.
 */
export async function deployServices(
  subject: ServicesToDeploy,
  options: DeployServiceOptions,
): Promise<DeploymentResult[]> {
  const { ecs, cluster, services } = subject;
  const { clock, signal, logger, order } = options;
  const { found, named, warnings: told } = await checkServices(subject, options);
  const warnings = [...told];
  const provenance = order === undefined ? undefined : releaseProvenance(order.release);
  const resolve = resolveEachOnce(ecs, { clock, signal, logger, provenance });
  const settle = async (wanted: DeployableTaskDefinition | undefined) =>
    wanted !== undefined && 'revision' in wanted
      ? named.get(wanted.revision)
      : wanted && (await resolve(wanted));
  // One after the other: ECS refuses concurrent registrations of a family.
  const resolved: (ResolvedTaskDefinition | undefined)[] = [];
  for (const { taskDefinition } of services) resolved.push(await settle(taskDefinition));
  if (order !== undefined)
    for (const arn of reusedRevisions(resolved)) {
      const warning = await retag(ecs, arn, order.release, { clock, signal });
      if (warning !== undefined) warnings.push(warning);
    }
  for (const warning of warnings) logger?.warning(warning);
  const run = createRun(ecs, cluster, options);
  return Promise.all(
    services.map(({ service, taskDefinition }, index) => {
      const settled = resolved[index];
      const taskDefinitionArn = settled?.taskDefinitionArn;
      const existing = found.get(service);
      const { codeDeploy } = options;
      if (existing && isByCodeDeploy(existing) && codeDeploy && taskDefinitionArn)
        return throughCodeDeploy(run, { name: service, service: existing, taskDefinitionArn }, codeDeploy);
      return deployOne(run, {
        name: service,
        found: existing,
        wanted: taskDefinition,
        taskDefinitionArn,
        begin: (tell) => {
          if (settled !== undefined && settled.origin !== 'named')
            tell({
              type: 'task-definition-registered',
              taskDefinitionArn: settled.taskDefinitionArn,
              reused: settled.origin === 'reused',
            });
          return begin(run, service, existing, taskDefinitionArn, tell);
        },
      });
    }),
  );
}

async function throughCodeDeploy(
  run: Run,
  subject: CodeDeploySubject,
  codeDeploy: CodeDeployOptions,
): Promise<DeploymentResult> {
  // Few services need it, and its client takes longer to load than all the rest here.
  const { deployWithCodeDeploy } = await import(/* webpackMode: "eager" */ './codedeploy.js');
  return deployWithCodeDeploy(run, subject, codeDeploy);
}

function reusedRevisions(resolved: readonly (ResolvedTaskDefinition | undefined)[]): Set<string> {
  return new Set(resolved.flatMap((one) => (one?.origin === 'reused' ? [one.taskDefinitionArn] : [])));
}
