import type { CallContext, JsonService } from '../protocol/service.js';
import { AwsError } from '../protocol/service.js';
import type { WorldClock } from '../world/clock.js';

/** As the API spells them. */
export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** A metric alarm without a metric: its state is set by hand. Times are epoch milliseconds. */
export interface Alarm {
  readonly name: string;
  readonly arn: string;
  /** The members of the request that made it. */
  readonly members: Readonly<Record<string, unknown>>;
  readonly configuredAt: number;
  readonly tags: Map<string, string>;
  state: AlarmState;
  stateReason: string;
  stateReasonData?: string;
  stateChangedAt: number;
}

interface DescribeInput {
  AlarmNames?: string[];
  AlarmNamePrefix?: string;
  StateValue?: AlarmState;
  MaxRecords?: number;
  NextToken?: string;
}

interface Tag {
  Key: string;
  Value?: string;
}

interface TagInput {
  ResourceARN?: string;
  Tags?: Tag[];
  TagKeys?: string[];
}

interface StateInput {
  AlarmName?: string;
  StateValue?: string;
  StateReason?: string;
  StateReasonData?: string;
}

const STATES: readonly string[] = ['OK', 'ALARM', 'INSUFFICIENT_DATA'] satisfies AlarmState[];
const DEFAULT_PAGE = 50;

/** Is told whenever the state of an alarm is set, or a deletion ends it. */
export type OnAlarmState = (
  name: string,
  state: AlarmState | undefined,
  context: { accountId: string; region: string },
) => void;

/** Alarms and their tags. */
export function createAlarmOperations(
  clock: WorldClock,
  alarmsOf: (context: CallContext) => Map<string, Alarm>,
  onAlarmState: OnAlarmState,
): JsonService['operations'] {
  return {
    PutMetricAlarm(input: Record<string, unknown>, context: CallContext) {
      const { AlarmName: name, Tags: tags, ...members } = input;
      if (typeof name !== 'string' || name === '') throw missing('AlarmName');
      for (const member of ['ComparisonOperator', 'EvaluationPeriods']) {
        if (members[member] === undefined) throw missing(member);
      }
      const alarms = alarmsOf(context);
      const now = clock.now();
      const known = alarms.get(name);
      alarms.set(name, {
        name,
        arn: `arn:aws:cloudwatch:${context.region}:${context.accountId}:alarm:${name}`,
        members,
        configuredAt: now,
        tags: known?.tags ?? tagMap(tags as Tag[] | undefined),
        state: known?.state ?? 'INSUFFICIENT_DATA',
        stateReason: known?.stateReason ?? 'Unchecked: Initial alarm creation',
        stateChangedAt: known?.stateChangedAt ?? now,
      });
      return {};
    },

    DescribeAlarms(input: DescribeInput, context: CallContext) {
      const { AlarmNames: names = [], AlarmNamePrefix: prefix = '', StateValue: state } = input;
      const found = [...alarmsOf(context).values()]
        .filter(({ name }) => (names.length === 0 || names.includes(name)) && name.startsWith(prefix))
        .filter((alarm) => state === undefined || alarm.state === state);
      const start = Number(input.NextToken ?? 0);
      const end = start + (input.MaxRecords ?? DEFAULT_PAGE);
      return {
        MetricAlarms: found.slice(start, end).map(describeAlarm),
        CompositeAlarms: [],
        ...(end < found.length && { NextToken: String(end) }),
      };
    },

    SetAlarmState(input: StateInput, context: CallContext) {
      const { AlarmName: name = '', StateValue: state = '', StateReason: reason = '' } = input;
      const alarm = alarmsOf(context).get(name);
      if (alarm === undefined) {
        throw new AwsError('ResourceNotFound', `Unknown alarm: ${name}`, { status: 404 });
      }
      if (!STATES.includes(state)) {
        throw new AwsError(
          'InvalidParameterValueException',
          `StateValue must be one of ${STATES.join(', ')}.`,
        );
      }
      alarm.state = state as AlarmState;
      alarm.stateReason = reason;
      alarm.stateChangedAt = clock.now();
      if (input.StateReasonData !== undefined) alarm.stateReasonData = input.StateReasonData;
      onAlarmState(name, alarm.state, context);
      return {};
    },

    ListTagsForResource({ ResourceARN: arn }: TagInput, context: CallContext) {
      const tags = requireByArn(alarmsOf(context), arn).tags;
      return { Tags: [...tags].map(([key, value]) => ({ Key: key, Value: value })) };
    },

    TagResource({ ResourceARN: arn, Tags: added }: TagInput, context: CallContext) {
      const { tags } = requireByArn(alarmsOf(context), arn);
      for (const [key, value] of tagMap(added)) tags.set(key, value);
      return {};
    },

    UntagResource({ ResourceARN: arn, TagKeys: keys = [] }: TagInput, context: CallContext) {
      const { tags } = requireByArn(alarmsOf(context), arn);
      for (const key of keys) tags.delete(key);
      return {};
    },

    DeleteAlarms({ AlarmNames: names = [] }: { AlarmNames?: string[] }, context: CallContext) {
      for (const name of names) {
        if (alarmsOf(context).delete(name)) onAlarmState(name, undefined, context);
      }
      return {};
    },
  };
}

const tagMap = (tags: readonly Tag[] = []): Map<string, string> =>
  new Map(tags.map(({ Key: key, Value: value = '' }) => [key, value]));

function requireByArn(alarms: Map<string, Alarm>, arn: string | undefined): Alarm {
  const alarm = [...alarms.values()].find((candidate) => candidate.arn === arn);
  if (alarm !== undefined) return alarm;
  throw new AwsError('ResourceNotFoundException', `Unknown resource: ${arn ?? ''}`, { status: 404 });
}

function missing(member: string): AwsError {
  return new AwsError(
    'MissingRequiredParameterException',
    `The request must contain the parameter ${member}.`,
  );
}

function describeAlarm(alarm: Alarm): object {
  return {
    AlarmName: alarm.name,
    AlarmArn: alarm.arn,
    ActionsEnabled: true,
    OKActions: [],
    AlarmActions: [],
    InsufficientDataActions: [],
    Dimensions: [],
    ...alarm.members,
    AlarmConfigurationUpdatedTimestamp: alarm.configuredAt / 1000,
    StateValue: alarm.state,
    StateReason: alarm.stateReason,
    ...(alarm.stateReasonData !== undefined && { StateReasonData: alarm.stateReasonData }),
    StateUpdatedTimestamp: alarm.stateChangedAt / 1000,
    StateTransitionedTimestamp: alarm.stateChangedAt / 1000,
  };
}
