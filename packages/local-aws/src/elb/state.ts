import { randomBytes } from 'node:crypto';
import type { CallContext } from '../protocol/service.js';
import type { Timer } from '../world/clock.js';

/** Everything that load balancing knows in one account and region. */
export interface ElbState {
  readonly accountId: string;
  readonly region: string;
  readonly loadBalancers: Map<string, LoadBalancer>;
  readonly listeners: Map<string, Listener>;
  /** Rules other than the default one of a listener. */
  readonly rules: Map<string, Rule>;
  readonly targetGroups: Map<string, TargetGroup>;
  /** Tags and attributes that were set, by the ARN of any of these. */
  readonly tags: Map<string, Map<string, string>>;
  readonly attributes: Map<string, Map<string, string>>;
}

/** The state of the account and region that a call is for. */
export type StateOf = (context: Pick<CallContext, 'accountId' | 'region'>) => ElbState;

/** As a request has it. */
export interface Tag {
  readonly Key: string;
  readonly Value?: string;
}

/** `…:loadbalancer/app/NAME/0123456789abcdef` */
export interface LoadBalancer {
  readonly arn: string;
  readonly name: string;
  readonly type: string;
  readonly scheme: string;
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  readonly createdAt: number;
}

/** A port of a load balancer, and what it does with what no rule takes. */
export interface Listener {
  readonly arn: string;
  readonly loadBalancer: LoadBalancer;
  port: number;
  protocol: string;
  actions: Action[];
}

/** What a listener does with some of its requests. */
export interface Rule {
  readonly arn: string;
  readonly listener: Listener;
  readonly priority: string;
  readonly conditions: unknown;
  actions: Action[];
}

/** What a listener does with a request. */
export interface Action {
  readonly type: string;
  readonly order?: number;
  /** For `forward`: what share of the traffic each target group gets, as weights. */
  readonly forwards: readonly { readonly targetGroupArn: string; readonly weight: number }[];
}

/** `…:targetgroup/NAME/0123456789abcdef` */
export interface TargetGroup {
  readonly arn: string;
  readonly name: string;
  readonly targetType: string;
  readonly protocol: string;
  readonly port: number;
  readonly vpcId: string;
  healthCheck: HealthCheck;
  readonly targets: Map<string, Target>;
}

/** How the targets of a group are checked. */
export interface HealthCheck {
  readonly protocol: string;
  readonly port: string;
  readonly path: string;
  readonly matcher: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly healthyThresholdCount: number;
  readonly unhealthyThresholdCount: number;
}

/** A target that a caller registered; tasks of ECS are not among them. */
export interface Target {
  readonly id: string;
  readonly port: number;
  readonly zone?: string;
  /** What its checks have said; `initial` until the first. */
  state: 'initial' | 'healthy' | 'draining';
  timer?: Timer;
}

/** Nothing is there at first. */
export function createElbState(accountId: string, region: string): ElbState {
  return {
    accountId,
    region,
    loadBalancers: new Map(),
    listeners: new Map(),
    rules: new Map(),
    targetGroups: new Map(),
    tags: new Map(),
    attributes: new Map(),
  };
}

/** `arn:aws:elasticloadbalancing:REGION:ACCOUNT:RESOURCE` */
export function elbArn({ accountId, region }: ElbState, resource: string): string {
  return `arn:aws:elasticloadbalancing:${region}:${accountId}:${resource}`;
}

/** 16 hex digits, the last part of every ARN here. */
export function randomElbId(): string {
  return randomBytes(8).toString('hex');
}

/** Every target group that some listener or rule forwards to, whatever its weight. */
export function targetGroupsInUse(state: ElbState): Set<string> {
  const holders = [...state.listeners.values(), ...state.rules.values()];
  return new Set(
    holders.flatMap(({ actions }) =>
      actions.flatMap(({ forwards }) => forwards.map(({ targetGroupArn }) => targetGroupArn)),
    ),
  );
}

/** Load balancers whose listeners or rules forward to the target group. */
export function loadBalancersOf(state: ElbState, targetGroupArn: string): string[] {
  const holders = [
    ...[...state.listeners.values()].map((listener) => ({ listener, actions: listener.actions })),
    ...state.rules.values(),
  ];
  const found = holders
    .filter(({ actions }) =>
      actions.some(({ forwards }) => forwards.some((forward) => forward.targetGroupArn === targetGroupArn)),
    )
    .map(({ listener }) => listener.loadBalancer.arn);
  return [...new Set(found)];
}
