/** Where a task of the EC2 launch type goes: decisions over plain data. */
import { evaluateExpression } from './placement-expression.js';
import type { Reservation } from './state.js';
import type { PlacementConstraint, PlacementStrategy } from './wire.js';

/** A container instance with what is left of it. */
export interface InstanceView {
  readonly id: string;
  readonly arn: string;
  readonly ec2InstanceId: string;
  readonly agentConnected: boolean;
  readonly attributes: ReadonlyMap<string, string>;
  /** What is left: CPU units and MiB. */
  readonly cpu: number;
  readonly memory: number;
  readonly takenTcpPorts: ReadonlySet<number>;
  readonly takenUdpPorts: ReadonlySet<number>;
  /** Tasks on it that have not stopped. */
  readonly tasks: number;
  /** Groups of those tasks, one entry a task. */
  readonly groups: readonly string[];
}

/** What one task needs of an instance, and which it prefers. */
export interface PlacementRequest {
  readonly reservation: Reservation;
  readonly requiredAttributes: readonly { name: string; value?: string }[];
  readonly constraints: readonly PlacementConstraint[];
  readonly strategy: readonly PlacementStrategy[];
  readonly group: string;
}

/** Why an instance does not take a task, as RunTask's `failures[].reason` says it. */
export type Refusal =
  | 'AGENT'
  | 'ATTRIBUTE'
  | 'MemberOf placement constraint unsatisfied.'
  | 'DistinctInstance placement constraint unsatisfied.'
  | 'RESOURCE:CPU'
  | 'RESOURCE:MEMORY'
  | 'RESOURCE:PORTS';

/** Where a task goes, or why it goes nowhere. */
export type Placement =
  | { readonly kind: 'placed'; readonly instanceId: string }
  /** `refusals`: one an instance, the closest match first. */
  | {
      readonly kind: 'refused';
      readonly refusals: readonly { readonly instance: InstanceView; readonly reason: Refusal }[];
    }
  /** Fargate has no room just now. `reason` in AWS's words. */
  | { readonly kind: 'no-capacity'; readonly reason: string };

const CHECKS: readonly [Refusal, (instance: InstanceView, request: PlacementRequest) => boolean][] = [
  ['AGENT', (instance) => instance.agentConnected],
  [
    'ATTRIBUTE',
    (instance, { requiredAttributes }) =>
      requiredAttributes.every((wanted) => hasAttribute(instance, wanted)),
  ],
  ['MemberOf placement constraint unsatisfied.', (instance, request) => isMember(instance, request)],
  [
    'DistinctInstance placement constraint unsatisfied.',
    (instance, request) => isDistinct(instance, request),
  ],
  ['RESOURCE:CPU', (instance, { reservation }) => instance.cpu >= reservation.cpu],
  ['RESOURCE:MEMORY', (instance, { reservation }) => instance.memory >= reservation.memory],
  ['RESOURCE:PORTS', (instance, { reservation }) => hasPorts(instance, reservation)],
];

/** Places one task: filters instances by what it needs, then ranks them by the strategy. */
export function placeTask(instances: readonly InstanceView[], request: PlacementRequest): Placement {
  const verdicts = instances.map((instance) => ({
    instance,
    failedAt: CHECKS.findIndex(([, passes]) => !passes(instance, request)),
  }));
  const eligible = verdicts.filter(({ failedAt }) => failedAt === -1).map(({ instance }) => instance);
  const [best] = rank(eligible, request);
  if (best !== undefined) return { kind: 'placed', instanceId: best.id };
  const refusals = verdicts
    .toSorted((a, b) => b.failedAt - a.failedAt)
    .map(({ instance, failedAt }) => ({ instance, reason: CHECKS[failedAt]?.[0] ?? 'ATTRIBUTE' }));
  return { kind: 'refused', refusals };
}

function hasAttribute(instance: InstanceView, { name, value }: { name: string; value?: string }): boolean {
  return instance.attributes.has(name) && (value === undefined || instance.attributes.get(name) === value);
}

function isMember(instance: InstanceView, { constraints }: PlacementRequest): boolean {
  return constraints
    .filter(({ type }) => type === 'memberOf')
    .every(({ expression }) => expression === undefined || evaluateExpression(expression, instance));
}

function isDistinct(instance: InstanceView, { constraints, group }: PlacementRequest): boolean {
  return !constraints.some(({ type }) => type === 'distinctInstance') || !instance.groups.includes(group);
}

function hasPorts(instance: InstanceView, reservation: Reservation): boolean {
  return (
    reservation.tcpPorts.every((port) => !instance.takenTcpPorts.has(port)) &&
    reservation.udpPorts.every((port) => !instance.takenUdpPorts.has(port))
  );
}

/**
 * Best first. `random` and the absence of a strategy both take the emptiest instance, so that a run
 * can be repeated.
 */
function rank(eligible: readonly InstanceView[], { strategy, group }: PlacementRequest): InstanceView[] {
  return eligible.toSorted((a, b) => {
    for (const { type, field = '' } of strategy) {
      const difference =
        type === 'spread'
          ? tasksBeside(a, eligible, field, group) - tasksBeside(b, eligible, field, group)
          : type === 'binpack'
            ? remaining(a, field) - remaining(b, field)
            : 0;
      if (difference !== 0) return difference;
    }
    return a.tasks - b.tasks;
  });
}

/** Tasks of the group on instances that share the instance's value of the spread field. */
function tasksBeside(
  instance: InstanceView,
  instances: readonly InstanceView[],
  field: string,
  group: string,
): number {
  const value = fieldOf(instance, field);
  return instances
    .filter((other) => fieldOf(other, field) === value)
    .reduce((total, other) => total + other.groups.filter((each) => each === group).length, 0);
}

function fieldOf(instance: InstanceView, field: string): string | undefined {
  if (['instanceid', 'host'].includes(field.toLowerCase())) return instance.id;
  return instance.attributes.get(field.replace(/^attribute:/, ''));
}

const remaining = (instance: InstanceView, field: string): number =>
  field.toLowerCase() === 'cpu' ? instance.cpu : instance.memory;

/** The sentence of a service event for why no instance took the task. */
export function explainRefusal(placement: Placement): string {
  const [closest] = placement.kind === 'refused' ? placement.refusals : [];
  if (closest === undefined) return 'Reason: No Container Instances were found in your cluster.';
  return `The closest matching (container-instance ${closest.instance.id}) ${REFUSAL_TEXT[closest.reason]}.`;
}

const REFUSAL_TEXT: Readonly<Record<Refusal, string>> = {
  AGENT: `doesn't have the agent connected`,
  ATTRIBUTE: 'is missing an attribute required by your task',
  'MemberOf placement constraint unsatisfied.': 'does not satisfy a memberOf placement constraint',
  'DistinctInstance placement constraint unsatisfied.':
    'does not satisfy the distinctInstance placement constraint',
  'RESOURCE:CPU': 'has insufficient CPU units available',
  'RESOURCE:MEMORY': 'has insufficient memory available',
  'RESOURCE:PORTS': 'is already using a port required by your task',
};
