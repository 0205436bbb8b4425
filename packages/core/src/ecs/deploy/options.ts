import type { CodeDeployClient, CodeDeployClientConfig } from '@aws-sdk/client-codedeploy';
import type { ECSClient } from '@aws-sdk/client-ecs';
import type { EcsActionsError } from '../../errors.js';
import type { Clock, Logger } from '../../ports.js';
import type { TaskDefinitionDiff } from '../../task-definition/diff.js';
import type { LaunchType } from '../../task-definition/validate/rule.js';
import type { Finding } from '../../task-definition/validate/finding.js';
import type { Diagnosis } from '../diagnose/diagnose.js';
import type { LogsForRegion } from '../diagnose/log-tail.js';
import type { DeploymentEvent } from '../rollout/events.js';
import type { Outcome } from '../rollout/outcome.js';
import { createCallBudget, type CallBudget } from '../rollout/budget.js';
import { createPace, type Pace } from '../rollout/pace.js';
import {
  batchDescribeServiceDeployments,
  batchDescribeServices,
  type DescribeService,
  type DescribeServiceDeployment,
} from '../rollout/batched-reads.js';
import type { OrderGuard } from './order.js';
import type { PermissionCheck } from './permissions.js';
import type { ServiceDefinition, ServiceSettings, SettingChange } from './plan.js';
import type { DeployableTaskDefinition } from './task-definition.js';

/** One service of a deployment. */
export interface ServiceToDeploy {
  /** Name or ARN. */
  readonly service: string;
  /** Absent: keep what the service has, for a forced deployment or a change of settings. */
  readonly taskDefinition?: DeployableTaskDefinition | undefined;
}

export interface DeployServiceOptions {
  readonly clock: Clock;
  /** Chance for the jitter of polling: a number in [0, 1). Default `Math.random`. */
  readonly random?: (() => number) | undefined;
  /** Reads the logs of failing containers; without it a diagnosis has no log lines. */
  readonly logs?: LogsForRegion | undefined;
  /** Told of everything as it happens; `service` as in {@link ServiceToDeploy}. */
  readonly onEvent?: ((event: DeploymentEvent, service: string) => void) | undefined;
  /** Ends the wait with the outcome `cancelled`; see `onCancel`. Before the service is updated it rejects instead. */
  readonly signal?: AbortSignal | undefined;
  /** Whether to wait until the rollout has ended. Default true. */
  readonly wait?: boolean | undefined;
  /** Time budget of the wait, ms, from the update on, a rollback included. Default 30 minutes. */
  readonly timeoutMs?: number | undefined;
  /** Further settings for UpdateService; what the service has already is not sent. They go before `createIfMissing`. */
  readonly settings?: ServiceSettings | undefined;
  /** Creates a service that does not exist. */
  readonly createIfMissing?: ServiceDefinition | undefined;
  /**
   * What to do with a deployment that failed and that ECS does not roll back. `leave` leaves it as
   * it is. Default `rollback`, unless the service has a circuit breaker: one with `rollback: false`
   * says on purpose that failures stay.
   */
  readonly onFailure?: 'rollback' | 'leave' | undefined;
  /** Whether a cancelled run asks ECS to roll back. Default `leave`. */
  readonly onCancel?: 'rollback' | 'leave' | undefined;
  /**
   * Equal failures after which a deployment without a circuit breaker is given up; 0 never. Default
   * by the circuit breaker's formula: half the desired count, at least 3, at most 200.
   */
  readonly failFastAfter?: number | undefined;
  /** Deploys services whose controller is CODE_DEPLOY; without it they are refused. */
  readonly codeDeploy?: CodeDeployOptions | undefined;
  /** Refuses a release that is older than the one a service runs, and tags the revision with ours. */
  readonly order?: OrderGuard | undefined;
  /**
   * What to do about errors in task definitions and settings, before anything is changed. `strict`
   * refuses them, `warn` leaves the verdict to ECS, `off` does not look. Default `strict`.
   */
  readonly validate?: 'strict' | 'warn' | 'off' | undefined;
  /** Told once of everything that validation found, and once of what it found of a task that is run before. */
  readonly onFindings?: ((findings: readonly Finding[]) => void) | undefined;
  /** What the first task definition has to run on besides its service: that of a task that is run before. */
  readonly launchTypes?: readonly LaunchType[] | undefined;
  /** Hears of waits and fallbacks while a task definition is registered. */
  readonly logger?: Logger | undefined;
  /** Environment variables whose values are never shown, besides those whose names tell. */
  readonly redact?: readonly string[] | undefined;
  /** Log lines of a failing container. Default 20. */
  readonly logLines?: number | undefined;
}

/** How services are deployed that CodeDeploy deploys. */
export interface CodeDeployOptions {
  /** Makes the client: only now is CodeDeploy's client loaded. */
  readonly connect: (Client: new (config: CodeDeployClientConfig) => CodeDeployClient) => CodeDeployClient;
  /** Path of the AppSpec. */
  readonly appSpecFile: string;
  /** What a relative path is relative to; default: the working directory of the process. */
  readonly directory?: string | undefined;
  /** Default `AppECS-<cluster>-<service>`. */
  readonly application?: string | undefined;
  /** Default `DgpECS-<cluster>-<service>`. */
  readonly deploymentGroup?: string | undefined;
  /** Cut to the 512 characters that CodeDeploy takes. */
  readonly description?: string | undefined;
  /** Default: that of the deployment group. */
  readonly deploymentConfig?: string | undefined;
}

/** What became of one service. */
export interface DeploymentResult {
  /** As it was named; `undefined` where a task definition was registered for no service. */
  readonly service: string | undefined;
  readonly cluster: string;
  readonly serviceArn: string | undefined;
  readonly outcome: Outcome;
  /** One sentence. */
  readonly reason: string;
  /** What the service was told to run. */
  readonly taskDefinitionArn: string | undefined;
  /** What it ran before. */
  readonly previousTaskDefinitionArn: string | undefined;
  /** `ecs-svc/…` of our own deployment. */
  readonly deploymentId: string | undefined;
  readonly serviceDeploymentArn: string | undefined;
  /** Of a service that CodeDeploy deploys. */
  readonly codeDeployDeploymentId?: string | undefined;
  /** What the new task definition changes against the previous one; absent where there is nothing to compare. */
  readonly diff?: TaskDefinitionDiff | undefined;
  /** Settings of the service that a dry run would change. */
  readonly settingChanges?: readonly SettingChange[] | undefined;
  /** What a dry run learned about what the credentials in use may do. */
  readonly permissions?: PermissionCheck | undefined;
  /** Why it failed, most telling first; empty for a success. */
  readonly diagnoses: readonly Diagnosis[];
  /** Everything that happened, oldest first. */
  readonly events: readonly DeploymentEvent[];
  /** Epoch ms of the injected clock. */
  readonly startedAt: number;
  readonly endedAt: number;
  /**
   * What kept the deployment from being started, or followed to its end: then the outcome is `failed`
   * (or `cancelled`), and the reason says what goes on in ECS.
   */
  readonly error?: EcsActionsError | undefined;
}

/** What the services of one call share. */
export interface Run {
  readonly ecs: ECSClient;
  readonly cluster: string;
  readonly options: DeployServiceOptions;
  readonly describeService: DescribeService;
  readonly describeServiceDeployment: DescribeServiceDeployment;
  readonly pace: Pace;
  /** What reading a service may cost: one budget for each, however often it is watched. */
  readonly budgetOf: (service: string) => CallBudget;
}

/** What the services of one call share: reads go out together, polls keep one pace. */
export function createRun(ecs: ECSClient, cluster: string, options: DeployServiceOptions): Run {
  const { clock, random = Math.random } = options;
  const pace = createPace(clock, random);
  const budgets = new Map<string, CallBudget>();
  return {
    ecs,
    cluster,
    options,
    describeService: batchDescribeServices(ecs),
    describeServiceDeployment: batchDescribeServiceDeployments(ecs),
    pace,
    budgetOf: (service) => {
      const budget = budgets.get(service) ?? createCallBudget(clock, pace);
      budgets.set(service, budget);
      return budget;
    },
  };
}
