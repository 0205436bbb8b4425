import type { XmlObject } from '../protocol/query.js';
import { targetGroupNotFound, validationError } from './errors.js';
import type { Action, ElbState } from './state.js';

/** An action as it comes in a request: everything is text. */
export interface ActionInput {
  Type?: string;
  Order?: string;
  TargetGroupArn?: string;
  ForwardConfig?: { TargetGroups?: { TargetGroupArn?: string; Weight?: string }[] };
}

/** Reads the actions of a listener or rule. @throws AwsError `ValidationError`, `TargetGroupNotFound` */
export function parseActions(state: ElbState, inputs: readonly ActionInput[] = []): Action[] {
  if (inputs.length === 0) throw validationError('At least one action must be specified');
  return inputs.map(({ Type: type = '', Order: order, TargetGroupArn: only, ForwardConfig: forward }) => {
    const several = forward?.TargetGroups ?? [];
    const groups = several.length > 0 ? several : [{ TargetGroupArn: only ?? '', Weight: '1' }];
    const forwards =
      type !== 'forward'
        ? []
        : groups.map(({ TargetGroupArn: targetGroupArn = '', Weight: weight = '1' }) => {
            if (!state.targetGroups.has(targetGroupArn)) throw targetGroupNotFound();
            return { targetGroupArn, weight: Number(weight) };
          });
    return { type, ...(order !== undefined && { order: Number(order) }), forwards };
  });
}

/** An `Action` of the API. */
export function describeAction({ type, order, forwards }: Action): XmlObject {
  const [only] = forwards;
  return {
    Type: type,
    Order: order,
    TargetGroupArn: forwards.length === 1 ? only?.targetGroupArn : undefined,
    ForwardConfig:
      type === 'forward'
        ? {
            TargetGroups: forwards.map(({ targetGroupArn, weight }) => ({
              TargetGroupArn: targetGroupArn,
              Weight: weight,
            })),
            TargetGroupStickinessConfig: { Enabled: false },
          }
        : undefined,
  };
}
