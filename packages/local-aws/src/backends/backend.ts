/**
 * What runs containers. The scheduler decides *that* a task runs; a backend makes it run and
 * reports what becomes of it. `scripted.ts` plays behaviours on the world's clock, `docker.ts`
 * starts real containers.
 */

export interface ContainerSpec {
  readonly name: string;
  readonly image: string;
  readonly essential: boolean;
  readonly command?: readonly string[];
  readonly entryPoint?: readonly string[];
  readonly workingDirectory?: string;
  readonly user?: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly dockerLabels: Readonly<Record<string, string>>;
  readonly portMappings: readonly { containerPort: number; hostPort?: number; protocol: 'tcp' | 'udp' }[];
  /** MiB; the container is killed above it. */
  readonly memoryMiB?: number;
  readonly healthCheck?: {
    readonly command: readonly string[];
    readonly intervalMs: number;
    readonly timeoutMs: number;
    readonly retries: number;
    readonly startPeriodMs: number;
  };
  /** Where its output goes, already resolved to group and stream (`prefix/container/taskId`). */
  readonly log?: { readonly group: string; readonly stream: string };
  readonly dependsOn: readonly {
    containerName: string;
    condition: 'START' | 'COMPLETE' | 'SUCCESS' | 'HEALTHY';
  }[];
  readonly stopTimeoutMs: number;
}

export interface TaskSpec {
  readonly taskArn: string;
  readonly taskId: string;
  readonly clusterName: string;
  readonly family: string;
  readonly accountId: string;
  readonly region: string;
  readonly launchType: 'EC2' | 'FARGATE' | 'EXTERNAL';
  readonly containers: readonly ContainerSpec[];
}

/** Where a container's port can be reached. */
export interface HostPort {
  readonly containerPort: number;
  readonly hostPort: number;
  readonly protocol: 'tcp' | 'udp';
  /**
   * The address of this machine at which it really answers. Shown in network mode `awsvpc` too, where ECS shows no
   * bindings: a task's own address leads nowhere here.
   */
  readonly bindIp?: string;
}

/** What a backend reports, in this order for a task: containers first, then the task as a whole. */
export type BackendEvent =
  | { readonly type: 'pulled'; readonly container: string; readonly imageDigest?: string }
  | {
      readonly type: 'container-running';
      readonly container: string;
      readonly hostPorts: readonly HostPort[];
    }
  | {
      readonly type: 'container-health';
      readonly container: string;
      readonly health: 'HEALTHY' | 'UNHEALTHY';
    }
  /** What a target group's checks say of the container; without a word the target counts as healthy. */
  | {
      readonly type: 'target-health';
      readonly container: string;
      readonly health: 'HEALTHY' | 'UNHEALTHY';
      /** As ELB words it, e.g. `Health checks failed with these codes: [500]`. */
      readonly reason?: string;
    }
  | {
      readonly type: 'container-stopped';
      readonly container: string;
      readonly exitCode?: number;
      readonly reason?: string;
    }
  /** The task could not be started at all, in ECS's words (`CannotPullContainerError: …`). */
  | { readonly type: 'start-failed'; readonly container?: string; readonly reason: string };

export interface RunningTask {
  /** Asks the containers to end (SIGTERM, then SIGKILL after `stopTimeoutMs`); events follow. */
  stop(): void;
}

export interface Backend {
  readonly kind: 'scripted' | 'docker';
  /** Why Fargate has no room for a task just now, in AWS's words; without a word there is room. */
  findNoCapacity?(task: TaskSpec): string | undefined;
  /** Starts pulling and running; reports through `emit` until every container has stopped. */
  start(task: TaskSpec, emit: (event: BackendEvent) => void): RunningTask;
  /** Ends and removes everything it started. */
  close(): Promise<void>;
}

/** Why a container does not start whose dependency ended without reaching the condition. */
export const DEPENDENCY_FAILED =
  'DependencyFailed: a container this one depends on did not reach its condition';
