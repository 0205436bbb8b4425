import type { XmlObject } from '../protocol/query.js';
import type { CallContext, QueryService } from '../protocol/service.js';
import type { WorldClock } from '../world/clock.js';
import { describeAction, parseActions } from './actions.js';
import type { ActionInput } from './actions.js';
import {
  listenerNotFound,
  loadBalancerNotFound,
  ruleNotFound,
  targetGroupNotFound,
  validationError,
} from './errors.js';
import { elbArn, randomElbId } from './state.js';
import { addTags } from './tags.js';
import type { ElbState, Listener, LoadBalancer, Rule, StateOf, Tag } from './state.js';

interface ListenerInput {
  LoadBalancerArn?: string;
  ListenerArn?: string;
  Port?: string;
  Protocol?: string;
  DefaultActions?: ActionInput[];
  Tags?: Tag[];
}

interface RuleInput {
  ListenerArn?: string;
  RuleArn?: string;
  Priority?: string;
  Conditions?: unknown;
  Actions?: ActionInput[];
  Tags?: Tag[];
}

/** Load balancers, their listeners and rules: just enough of them for traffic to have a way. */
export function createLoadBalancerOperations(
  stateOf: StateOf,
  clock: WorldClock,
): QueryService['operations'] {
  return {
    CreateLoadBalancer(input: LoadBalancerInput, context: CallContext) {
      const state = stateOf(context);
      const { Name: name = '', Type: type = 'application' } = input;
      if (!/^[A-Za-z0-9-]{1,32}$/.test(name))
        throw validationError(`The load balancer name '${name}' is not valid`);
      const loadBalancer: LoadBalancer = {
        arn: elbArn(state, `loadbalancer/${type === 'network' ? 'net' : 'app'}/${name}/${randomElbId()}`),
        name,
        type,
        scheme: input.Scheme ?? 'internet-facing',
        subnets: listOf(input.Subnets),
        securityGroups: listOf(input.SecurityGroups),
        createdAt: clock.now(),
      };
      state.loadBalancers.set(loadBalancer.arn, loadBalancer);
      addTags(state, loadBalancer.arn, input.Tags);
      return { LoadBalancers: [describeLoadBalancer(state, loadBalancer)] };
    },

    DescribeLoadBalancers(input: { LoadBalancerArns?: string[]; Names?: string[] }, context: CallContext) {
      const state = stateOf(context);
      const found = choose(
        [...state.loadBalancers.values()],
        listOf(input.LoadBalancerArns),
        listOf(input.Names),
      );
      if (found === undefined) throw loadBalancerNotFound();
      return { LoadBalancers: found.map((loadBalancer) => describeLoadBalancer(state, loadBalancer)) };
    },

    DeleteLoadBalancer({ LoadBalancerArn: arn = '' }: { LoadBalancerArn?: string }, context: CallContext) {
      const state = stateOf(context);
      state.loadBalancers.delete(arn);
      for (const listener of state.listeners.values()) {
        if (listener.loadBalancer.arn === arn) deleteListener(state, listener.arn);
      }
      return {};
    },

    CreateListener(input: ListenerInput, context: CallContext) {
      const state = stateOf(context);
      const loadBalancer = state.loadBalancers.get(input.LoadBalancerArn ?? '');
      if (loadBalancer === undefined) throw loadBalancerNotFound();
      const listener: Listener = {
        arn: `${loadBalancer.arn.replace(':loadbalancer/', ':listener/')}/${randomElbId()}`,
        loadBalancer,
        port: Number(input.Port ?? 80),
        protocol: input.Protocol ?? 'HTTP',
        actions: parseActions(state, input.DefaultActions),
      };
      state.listeners.set(listener.arn, listener);
      addTags(state, listener.arn, input.Tags);
      return { Listeners: [describeListener(listener)] };
    },

    ModifyListener(input: ListenerInput, context: CallContext) {
      const state = stateOf(context);
      const listener = requireListener(state, input.ListenerArn);
      if (input.DefaultActions !== undefined) listener.actions = parseActions(state, input.DefaultActions);
      if (input.Port !== undefined) listener.port = Number(input.Port);
      if (input.Protocol !== undefined) listener.protocol = input.Protocol;
      return { Listeners: [describeListener(listener)] };
    },

    DescribeListeners(input: { LoadBalancerArn?: string; ListenerArns?: string[] }, context: CallContext) {
      const state = stateOf(context);
      const { LoadBalancerArn: arn } = input;
      if (arn !== undefined && !state.loadBalancers.has(arn)) throw loadBalancerNotFound();
      const found = choose([...state.listeners.values()], listOf(input.ListenerArns));
      if (found === undefined) throw listenerNotFound();
      return {
        Listeners: found
          .filter(({ loadBalancer }) => arn === undefined || loadBalancer.arn === arn)
          .map(describeListener),
      };
    },

    DeleteListener({ ListenerArn: arn }: { ListenerArn?: string }, context: CallContext) {
      const state = stateOf(context);
      deleteListener(state, requireListener(state, arn).arn);
      return {};
    },

    CreateRule(input: RuleInput, context: CallContext) {
      const state = stateOf(context);
      const listener = requireListener(state, input.ListenerArn);
      const rule: Rule = {
        arn: `${listener.arn.replace(':listener/', ':listener-rule/')}/${randomElbId()}`,
        listener,
        priority: input.Priority ?? '1',
        conditions: input.Conditions ?? [],
        actions: parseActions(state, input.Actions),
      };
      state.rules.set(rule.arn, rule);
      addTags(state, rule.arn, input.Tags);
      return { Rules: [describeRule(rule)] };
    },

    ModifyRule(input: RuleInput, context: CallContext) {
      const state = stateOf(context);
      const rule = state.rules.get(input.RuleArn ?? '');
      if (rule === undefined) throw ruleNotFound();
      if (input.Actions !== undefined) rule.actions = parseActions(state, input.Actions);
      return { Rules: [describeRule(rule)] };
    },

    DescribeRules(input: { ListenerArn?: string; RuleArns?: string[] }, context: CallContext) {
      const state = stateOf(context);
      const { ListenerArn: arn } = input;
      const listener = arn === undefined ? undefined : requireListener(state, arn);
      const found = choose([...state.rules.values()], listOf(input.RuleArns));
      if (found === undefined) throw ruleNotFound();
      return {
        Rules: [
          ...found.filter((rule) => listener === undefined || rule.listener === listener).map(describeRule),
          ...(listener === undefined ? [] : [describeDefaultRule(listener)]),
        ],
      };
    },

    DeleteRule({ RuleArn: arn = '' }: { RuleArn?: string }, context: CallContext) {
      if (!stateOf(context).rules.delete(arn)) throw ruleNotFound();
      return {};
    },
  };
}

interface LoadBalancerInput {
  Name?: string;
  Type?: string;
  Scheme?: string;
  Subnets?: string[];
  SecurityGroups?: string[];
  Tags?: Tag[];
}

/** An empty list comes as an empty text. */
export function listOf(value: readonly string[] | string | undefined): readonly string[] {
  return typeof value === 'object' ? value : [];
}

/** All, or those with one of the ARNs or names; `undefined` if one of them is not there. */
export function choose<T extends { readonly arn: string; readonly name?: string }>(
  all: readonly T[],
  arns: readonly string[],
  names: readonly string[] = [],
): readonly T[] | undefined {
  if (arns.length + names.length === 0) return all;
  const found = all.filter(
    ({ arn, name }) => arns.includes(arn) || (name !== undefined && names.includes(name)),
  );
  return found.length === arns.length + names.length ? found : undefined;
}

/** @throws AwsError if the ARN is of no load balancer, listener or target group */
export function requireResource(state: ElbState, arn: string): void {
  const { listeners, loadBalancers, targetGroups } = state;
  if (listeners.has(arn) || loadBalancers.has(arn) || targetGroups.has(arn)) return;
  if (arn.includes(':listener/')) throw listenerNotFound();
  throw arn.includes(':targetgroup/') ? targetGroupNotFound() : loadBalancerNotFound();
}

function requireListener(state: ElbState, arn = ''): Listener {
  const listener = state.listeners.get(arn);
  if (listener === undefined) throw listenerNotFound();
  return listener;
}

function deleteListener(state: ElbState, arn: string): void {
  state.listeners.delete(arn);
  for (const rule of state.rules.values()) if (rule.listener.arn === arn) state.rules.delete(rule.arn);
}

function describeLoadBalancer({ region }: ElbState, loadBalancer: LoadBalancer): XmlObject {
  const { arn, name, type, scheme, subnets, securityGroups, createdAt } = loadBalancer;
  return {
    LoadBalancerArn: arn,
    DNSName: `${name}-${arn.slice(-10)}.${region}.elb.amazonaws.com`,
    CanonicalHostedZoneId: 'Z35SXDOTRQ7X7K',
    CreatedTime: new Date(createdAt).toISOString(),
    LoadBalancerName: name,
    Scheme: scheme,
    VpcId: 'vpc-local',
    State: { Code: 'active' },
    Type: type,
    AvailabilityZones: subnets.map((subnet, index) => ({
      ZoneName: `${region}${'abc'[index % 3]}`,
      SubnetId: subnet,
    })),
    SecurityGroups: securityGroups,
    IpAddressType: 'ipv4',
  };
}

function describeListener({ arn, loadBalancer, port, protocol, actions }: Listener): XmlObject {
  return {
    ListenerArn: arn,
    LoadBalancerArn: loadBalancer.arn,
    Port: port,
    Protocol: protocol,
    DefaultActions: actions.map(describeAction),
  };
}

function describeRule({ arn, priority, conditions, actions }: Rule): XmlObject {
  return {
    RuleArn: arn,
    Priority: priority,
    Conditions: conditions as XmlObject[],
    Actions: actions.map(describeAction),
    IsDefault: false,
  };
}

function describeDefaultRule({ arn, actions }: Listener): XmlObject {
  return {
    RuleArn: `${arn.replace(':listener/', ':listener-rule/')}/default`,
    Priority: 'default',
    Conditions: [],
    Actions: actions.map(describeAction),
    IsDefault: true,
  };
}
