/**
 * How the parts of the embedded AWS see each other. ECS asks the registry whether an image is
 * there and writes log lines; it knows nothing else of either.
 */

/** What a registry knows of an image reference. */
export type ImageLookup =
  | {
      readonly kind: 'found';
      /** `sha256:…` of the manifest that the reference names (an index stays an index). */
      readonly digest: string;
      /** `config.Labels` of the (first) image. */
      readonly labels: Readonly<Record<string, string>>;
      /** `os/architecture` of every image behind the reference. */
      readonly platforms: readonly string[];
    }
  /** On the local registry, but absent. `message` is what a container runtime would print. */
  | { readonly kind: 'missing'; readonly message: string }
  /** On a host that this world does not serve. */
  | { readonly kind: 'external' };

export type FindImage = (
  imageReference: string,
  context: { accountId: string; region: string },
) => ImageLookup;

export interface LogLine {
  /** Epoch milliseconds of the world's clock. */
  readonly timestamp: number;
  readonly message: string;
}

export interface LogSink {
  /** True if the group exists. awslogs fails a task's start where it does not (unless `awslogs-create-group`). */
  hasGroup(group: string, context: { accountId: string; region: string }): boolean;
  createGroup(group: string, context: { accountId: string; region: string }): void;
  /** Appends to a stream, creating the stream (and nothing else) if it is not there. */
  write(
    group: string,
    stream: string,
    lines: readonly LogLine[],
    context: { accountId: string; region: string },
  ): void;
}

/** A task, or whatever else, behind a load balancer: an instance id or an IP address, and a port. */
export interface TargetAddress {
  readonly id: string;
  readonly port: number;
  readonly zone?: string;
}

/**
 * Target groups as those see them who put tasks there. A group that was never created here is taken
 * at its word: it has no timings, and what is done to it has no effect.
 */
export interface TargetGroups {
  /** How long its checks and its draining take, in milliseconds. */
  timings(
    targetGroupArn: string,
  ): { readonly healthyMs: number; readonly unhealthyMs: number; readonly drainingMs: number } | undefined;
  register(targetGroupArn: string, target: TargetAddress): void;
  setHealth(
    targetGroupArn: string,
    target: TargetAddress,
    verdict:
      | { readonly state: 'healthy' }
      /** In ELB's words, e.g. `Health checks failed with these codes: [500]`. */
      | { readonly state: 'unhealthy'; readonly description: string },
  ): void;
  deregister(targetGroupArn: string, target: TargetAddress): void;
  /** What a listener or rule forwards to from now on: weights by target group ARN. */
  forward(listenerOrRuleArn: string, weights: Readonly<Record<string, number>>): void;
}

/** CloudWatch alarms as a deployment watches them. */
export interface Alarms {
  /** Those of the named alarms that are in state ALARM. One that does not exist never is. */
  alarming(names: readonly string[], context: { accountId: string; region: string }): readonly string[];
  /** Calls back whenever an alarm goes into state ALARM. */
  onAlarm(listener: (name: string, context: { accountId: string; region: string }) => void): void;
}
