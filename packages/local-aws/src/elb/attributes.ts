import type { XmlObject } from '../protocol/query.js';
import type { CallContext, QueryService } from '../protocol/service.js';
import type { ElbState, StateOf } from './state.js';

interface AttributesInput {
  LoadBalancerArn?: string;
  ListenerArn?: string;
  TargetGroupArn?: string;
  Attributes?: { Key: string; Value?: string }[];
}

/** What they have without anybody having said so. */
const LOAD_BALANCER_DEFAULTS = {
  'access_logs.s3.enabled': 'false',
  'access_logs.s3.bucket': '',
  'access_logs.s3.prefix': '',
  'client_keep_alive.seconds': '3600',
  'connection_logs.s3.enabled': 'false',
  'connection_logs.s3.bucket': '',
  'connection_logs.s3.prefix': '',
  'deletion_protection.enabled': 'false',
  'idle_timeout.timeout_seconds': '60',
  'load_balancing.cross_zone.enabled': 'true',
  'routing.http.desync_mitigation_mode': 'defensive',
  'routing.http.drop_invalid_header_fields.enabled': 'false',
  'routing.http.preserve_host_header.enabled': 'false',
  'routing.http.x_amzn_tls_version_and_cipher_suite.enabled': 'false',
  'routing.http.xff_client_port.enabled': 'false',
  'routing.http.xff_header_processing.mode': 'append',
  'routing.http2.enabled': 'true',
  'waf.fail_open.enabled': 'false',
  'zonal_shift.config.enabled': 'false',
};
const LISTENER_DEFAULTS = { 'routing.http.response.server.enabled': 'true' };
const TARGET_GROUP_DEFAULTS = {
  'deregistration_delay.timeout_seconds': '300',
  'load_balancing.algorithm.type': 'round_robin',
  'load_balancing.algorithm.anomaly_mitigation': 'off',
  'load_balancing.cross_zone.enabled': 'use_load_balancer_configuration',
  'slow_start.duration_seconds': '0',
  'stickiness.enabled': 'false',
  'stickiness.type': 'lb_cookie',
  'stickiness.lb_cookie.duration_seconds': '86400',
  'stickiness.app_cookie.duration_seconds': '86400',
  'target_group_health.dns_failover.minimum_healthy_targets.count': '1',
  'target_group_health.dns_failover.minimum_healthy_targets.percentage': 'off',
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.count': '1',
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage': 'off',
};

/**
 * Attributes of load balancers, listeners and target groups. `require` refuses an ARN of something
 * that is not there.
 */
export function createAttributeOperations(
  stateOf: StateOf,
  require: (state: ElbState, arn: string) => void,
): QueryService['operations'] {
  const pair = (
    kind: string,
    defaults: Readonly<Record<string, string>>,
    arnOf: (input: AttributesInput) => string,
  ) => {
    const describe = ({ attributes }: ElbState, arn: string): XmlObject => ({
      Attributes: Object.entries({ ...defaults, ...Object.fromEntries(attributes.get(arn) ?? []) }).map(
        ([key, value]) => ({ Key: key, Value: value }),
      ),
    });
    return {
      [`Describe${kind}Attributes`](input: AttributesInput, context: CallContext) {
        const state = stateOf(context);
        require(state, arnOf(input));
        return describe(state, arnOf(input));
      },
      [`Modify${kind}Attributes`](input: AttributesInput, context: CallContext) {
        const state = stateOf(context);
        const arn = arnOf(input);
        require(state, arn);
        const known = state.attributes.get(arn) ?? new Map<string, string>();
        for (const { Key: key, Value: value = '' } of input.Attributes ?? []) known.set(key, value);
        state.attributes.set(arn, known);
        return describe(state, arn);
      },
    };
  };
  return {
    ...pair('LoadBalancer', LOAD_BALANCER_DEFAULTS, ({ LoadBalancerArn: arn = '' }) => arn),
    ...pair('Listener', LISTENER_DEFAULTS, ({ ListenerArn: arn = '' }) => arn),
    ...pair('TargetGroup', TARGET_GROUP_DEFAULTS, ({ TargetGroupArn: arn = '' }) => arn),
  };
}
