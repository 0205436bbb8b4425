import {
  DescribeServiceDeploymentsCommand,
  ListServiceDeploymentsCommand,
  type DeploymentLifecycleHookAction,
  type ECSClient,
  type Service,
  type ServiceDeployment,
} from '@aws-sdk/client-ecs';
import { callAws } from '../../aws-errors.js';
import { EcsActionsError } from '../../errors.js';
import type { Clock } from '../../ports.js';
import { shortName } from '../names.js';
import { patiently } from '../patience.js';
import { pausedHook } from '../rollout/judge-service-deployment.js';
import {
  isByCodeDeploy,
  isRevisionOf,
  primaryDeployment,
  type ExpectedRollout,
} from '../rollout/snapshot.js';
import { answerHook } from './answer-hook.js';
import { deployOne } from './one.js';
import {
  createRun,
  type CodeDeployOptions,
  type DeploymentResult,
  type DeployServiceOptions,
  type Run,
} from './options.js';
import { readServices } from './preflight.js';

/** A deployment that waits for a decision. */
interface PausedDeployment {
  readonly service: Service;
  readonly serviceDeployment: ServiceDeployment;
  readonly hookId: string;
}

interface CallOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Answers the PAUSE hooks at which deployments of the services wait, and follows the deployments
 * from there: `CONTINUE` lets them go on, `ROLLBACK` rolls them back (the outcome is then
 * `rolled-back`).
 *
 * Throws `DEPLOYMENT_NOT_PAUSED`, before anything is answered, naming every service that does not
 * wait, and what `deployServices` throws. Of one that stops waiting after that it is the result's error.
 */
export async function continueDeployments(
  subject: {
    readonly ecs: ECSClient;
    readonly cluster: string;
    readonly services: readonly string[];
    readonly action: DeploymentLifecycleHookAction;
  },
  options: DeployServiceOptions,
): Promise<DeploymentResult[]> {
  const { ecs, cluster, services, action } = subject;
  const { clock, signal } = options;
  const { codeDeploy } = options;
  const found = await readServices(ecs, cluster, services, {
    clock,
    signal,
    codeDeploy: codeDeploy !== undefined,
  });
  const byCodeDeploy = (name: string) => isByCodeDeploy(found.get(name));
  const paused = new Map<string, PausedDeployment>();
  for (const name of services.filter((one) => !byCodeDeploy(one))) {
    const service = found.get(name);
    const deployment = await findPaused(ecs, cluster, name, { clock, signal });
    if (service !== undefined && deployment !== undefined) paused.set(name, { service, ...deployment });
  }
  const others = services.filter((name) => !paused.has(name) && !byCodeDeploy(name));
  if (others.length > 0)
    throw new EcsActionsError(
      'DEPLOYMENT_NOT_PAUSED',
      `No deployment of service ${others.join(', ')} in cluster ${cluster} waits at a PAUSE hook.`,
      { hint: 'It may have been answered or have timed out: look at the deployments of the service.' },
    );
  const run = createRun(ecs, cluster, { ...options, wait: true });
  return Promise.all(
    services.flatMap((name): Promise<DeploymentResult>[] => {
      const service = found.get(name);
      if (service !== undefined && codeDeploy !== undefined && byCodeDeploy(name))
        return [continueThroughCodeDeploy(run, { name, service }, codeDeploy, action)];
      const deployment = paused.get(name);
      return deployment === undefined ? [] : [continueOne(run, name, deployment, action)];
    }),
  );
}

function continueOne(
  run: Run,
  name: string,
  deployment: PausedDeployment,
  action: DeploymentLifecycleHookAction,
): Promise<DeploymentResult> {
  return deployOne(run, {
    name,
    found: deployment.service,
    begin: async (tell) => {
      const { serviceDeploymentArn = '' } = deployment.serviceDeployment;
      const { hookId } = deployment;
      await answerHook(run.ecs, { serviceDeploymentArn, hookId, action }, run.options);
      tell({ type: 'pause-answered', hookId, action });
      const rollout = rolloutOf(run.cluster, name, deployment, action);
      return { state: 'rolling-out', service: deployment.service, rollout };
    },
  });
}

async function continueThroughCodeDeploy(
  run: Run,
  subject: { readonly name: string; readonly service: Service },
  codeDeploy: CodeDeployOptions,
  action: DeploymentLifecycleHookAction,
): Promise<DeploymentResult> {
  const { continueWithCodeDeploy } = await import(/* webpackMode: "eager" */ './codedeploy.js');
  return continueWithCodeDeploy(run, subject, codeDeploy, action);
}

function rolloutOf(
  cluster: string,
  name: string,
  { service, serviceDeployment, hookId }: PausedDeployment,
  action: DeploymentLifecycleHookAction,
): ExpectedRollout {
  const target = serviceDeployment.targetServiceRevision?.arn;
  const own =
    service.deployments?.find(({ id = '' }) => isRevisionOf(target, id)) ?? primaryDeployment(service);
  return {
    cluster,
    service: name,
    deploymentId: own?.id ?? '',
    createdAt: own?.createdAt?.getTime() ?? 0,
    taskDefinitionArn: own?.taskDefinition ?? '',
    serviceDeploymentArn: serviceDeployment.serviceDeploymentArn,
    rollbackRequested: action === 'ROLLBACK',
    answeredHookId: hookId,
  };
}

async function findPaused(
  ecs: ECSClient,
  cluster: string,
  name: string,
  { clock, signal }: CallOptions,
): Promise<Omit<PausedDeployment, 'service'> | undefined> {
  const abort = signal === undefined ? {} : { abortSignal: signal };
  const list = new ListServiceDeploymentsCommand({
    cluster,
    service: shortName(name),
    status: ['IN_PROGRESS'],
  });
  const listed = await callAws(`list the deployments of service ${name}`, 'ecs:ListServiceDeployments', () =>
    patiently(clock, () => ecs.send(list, abort), signal),
  );
  const serviceDeploymentArns = (listed.serviceDeployments ?? []).flatMap(
    (one) => one.serviceDeploymentArn ?? [],
  );
  if (serviceDeploymentArns.length === 0) return undefined;
  const describe = new DescribeServiceDeploymentsCommand({ serviceDeploymentArns });
  const described = await callAws(
    `describe the deployments of service ${name}`,
    'ecs:DescribeServiceDeployments',
    () => patiently(clock, () => ecs.send(describe, abort), signal),
  );
  for (const serviceDeployment of described.serviceDeployments ?? []) {
    const hookId = pausedHook(serviceDeployment)?.hookId;
    if (hookId !== undefined) return { serviceDeployment, hookId };
  }
  return undefined;
}
