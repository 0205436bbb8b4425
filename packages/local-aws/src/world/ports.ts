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

/** How long the checks of a target group and its draining take, in milliseconds. */
export interface TargetGroupTimings {
  readonly healthyMs: number;
  readonly unhealthyMs: number;
  readonly drainingMs: number;
}

/** What a target group is to those who put tasks behind it. */
export interface TargetGroupView extends TargetGroupTimings {
  /** Some listener or rule of a load balancer forwards to it. */
  readonly inUse: boolean;
  /** `ip`, `instance` or `lambda`. */
  readonly targetType: string;
}

/** Looks up a target group; `undefined` for one that was never created here and is taken at its word. */
export type FindTargetGroup = (targetGroupArn: string) => TargetGroupView | undefined;

/** The ARN of the target group of a name; `undefined` if none was created here. */
export type FindTargetGroupArn = (
  name: string,
  context: { accountId: string; region: string },
) => string | undefined;

/** Makes a listener or rule forward to target groups in these shares; one that was never created here is passed over. */
export type ForwardTraffic = (listenerOrRuleArn: string, weights: Readonly<Record<string, number>>) => void;

/** A target that somebody else put behind a target group. */
export interface ForeignTarget {
  /** An IP address or an instance id. */
  readonly id: string;
  readonly port: number;
  readonly availabilityZone: string;
  readonly state: 'initial' | 'healthy' | 'unhealthy' | 'draining';
  /** Why it is unhealthy, in ELB's words, e.g. `Health checks failed with these codes: [500]`. */
  readonly description?: string;
}

/** The tasks of ECS that are registered with a target group. */
export type FindTargets = (
  targetGroupArn: string,
  context: { accountId: string; region: string },
) => readonly ForeignTarget[];

/** The named CloudWatch alarms that are in state ALARM. One that does not exist never is. */
export type FindAlarming = (
  names: readonly string[],
  context: { accountId: string; region: string },
) => readonly string[];
