import { EcsActionsError } from '../errors.js';
import { isList, isObject, member, parseExactJson, type Json, type JsonObject } from './json.js';

/**
 * What becomes of a resource. `replace` is any combination that both makes and unmakes an object; `other` is a list of
 * actions that this version does not know.
 */
export type ResourceAction =
  'no-op' | 'create' | 'read' | 'update' | 'replace' | 'delete' | 'forget' | 'other';

/** Values before and after, with Terraform's own marks. Everything in here is in clear. */
export interface ValueChange {
  /** `null` where there is no object. */
  readonly before: Json;
  readonly after: Json;
  /** Same shape as `after`, `true` where the value is known after apply. */
  readonly afterUnknown: Json;
  /** Same shape as `before`; `true` covers everything below. Terraform before 0.15 marks nothing: all of it counts. */
  readonly beforeSensitive: Json;
  readonly afterSensitive: Json;
}

export interface ResourceChange {
  readonly address: string;
  readonly type: string;
  readonly mode: 'managed' | 'data';
  readonly action: ResourceAction;
  /** The actions in the plan's own words and order: `["create", "delete"]` creates first. */
  readonly actions: readonly string[];
  /** Why, in the plan's own words: `replace_because_cannot_update`, … */
  readonly reason: string | undefined;
  /** The attributes that force a replacement. */
  readonly replacePaths: readonly (readonly Json[])[];
  /** Key of the leftover object that this entry is about; several entries may share an address. */
  readonly deposed: string | undefined;
  /** Set if the resource moves. */
  readonly previousAddress: string | undefined;
  /** Set if an existing object is imported; the id is absent where it is only known later. */
  readonly importing: { readonly id: string | undefined } | undefined;
  readonly change: ValueChange;
}

export interface OutputChange {
  readonly name: string;
  readonly action: ResourceAction;
  readonly change: ValueChange;
}

export interface CheckResult {
  readonly address: string;
  readonly status: 'pass' | 'fail' | 'error' | 'unknown';
  readonly problems: readonly string[];
}

/** A `terraform plan` as data. Values are in clear: print it only after {@link redactPlan}. */
export interface Plan {
  readonly terraformVersion: string;
  /** The plan stopped on an error and must not be applied. */
  readonly errored: boolean;
  /** Whether there is anything to apply. OpenTofu does not say. */
  readonly applyable: boolean | undefined;
  /** False if more runs are needed, e.g. with `-target`. OpenTofu does not say. */
  readonly complete: boolean | undefined;
  /** In the plan's order, without the resources that stay as they are. */
  readonly resources: readonly ResourceChange[];
  /** Number of resources that stay as they are. */
  readonly unchanged: number;
  readonly outputs: readonly OutputChange[];
  /** What changed outside of Terraform since the last apply. */
  readonly drift: readonly ResourceChange[];
  /** What this plan puts off to a later one. */
  readonly deferred: readonly { readonly resource: ResourceChange; readonly reason: string | undefined }[];
  readonly checks: readonly CheckResult[];
  /** Addresses of provider actions that the apply would invoke. */
  readonly invokedActions: readonly string[];
  /** The whole document, where secrets are looked for. */
  readonly source: JsonObject;
}

/** How many resources each kind of change concerns. `add`, `change` and `destroy` are Terraform's own counts. */
export interface PlanCounts {
  /** Creations, those of replacements included. */
  readonly add: number;
  readonly change: number;
  /** Destructions, those of replacements included. */
  readonly destroy: number;
  readonly replace: number;
  readonly import: number;
  readonly move: number;
  /** Objects that leave the state and stay in the world. */
  readonly forget: number;
}

/**
 * Reads the output of `terraform show -json PLANFILE` (or OpenTofu's).
 *
 * @throws EcsActionsError `TERRAFORM_PLAN_UNREADABLE` if it is not a plan, or of an unknown major format.
 */
export function readPlan(text: string): Plan {
  const source = parsePlan(text);
  const version = textOf(source['format_version']) ?? '';
  if (!/^[01]\./.test(version)) {
    throw new EcsActionsError(
      'TERRAFORM_PLAN_UNREADABLE',
      `The plan has format version "${version}", which this version does not know.`,
      { hint: 'Use a newer version of ecs-actions, or an older one of Terraform.' },
    );
  }
  const entries = listOf(source['resource_changes']).map(readResource);
  const resources = entries.filter((resource) => !staysAsItIs(resource));
  return {
    terraformVersion: textOf(source['terraform_version']) ?? 'unknown',
    errored: source['errored'] === true,
    applyable: flag(source['applyable']),
    complete: flag(source['complete']),
    resources,
    unchanged: entries.length - resources.length,
    outputs: Object.entries(objectOf(source['output_changes']))
      .map(([name, change]) => ({ name, action: actionOf(actionsOf(change)), change: readValues(change) }))
      .filter(({ action }) => action !== 'no-op'),
    drift: listOf(source['resource_drift'])
      .map(readResource)
      .filter(({ action }) => action !== 'no-op'),
    deferred: listOf(source['deferred_changes']).map((entry) => ({
      resource: readResource(member(entry, 'resource_change') ?? null),
      reason: textOf(member(entry, 'reason')),
    })),
    checks: listOf(source['checks']).map(readCheck),
    invokedActions: listOf(source['action_invocations']).map(
      (invocation) => textOf(member(invocation, 'address')) ?? 'unnamed action',
    ),
    source,
  };
}

/** Counts by membership: a replacement adds and destroys, in whichever order it does so. */
export function countChanges(resources: readonly Pick<ResourceChange, keyof Countable>[]): PlanCounts {
  const managed = resources.filter(({ mode }) => mode === 'managed');
  const count = (test: (resource: Countable) => boolean) => managed.filter(test).length;
  return {
    add: count(({ actions }) => actions.includes('create')),
    change: count(({ actions }) => actions.includes('update')),
    destroy: count(({ actions }) => actions.includes('delete')),
    replace: count(({ action }) => action === 'replace'),
    import: count(({ importing }) => importing !== undefined),
    move: count(({ previousAddress }) => previousAddress !== undefined),
    forget: count(({ actions }) => actions.includes('forget')),
  };
}

type Countable = Pick<ResourceChange, 'mode' | 'action' | 'actions' | 'importing' | 'previousAddress'>;

/** What a list of actions amounts to. Order never matters, and no action of the list is overlooked. */
export function actionOf(actions: readonly string[]): ResourceAction {
  const [only] = actions;
  if (actions.length > 1) {
    const unmakes = actions.includes('delete') || actions.includes('forget');
    return actions.length === 2 && actions.includes('create') && unmakes ? 'replace' : 'other';
  }
  switch (only) {
    case 'no-op':
    case 'create':
    case 'read':
    case 'update':
    case 'delete':
    case 'forget':
      return only;
    default:
      return 'other';
  }
}

/** A pure move or import is a no-op to its object, but not to the state. */
function staysAsItIs({ action, previousAddress, importing }: ResourceChange): boolean {
  return action === 'no-op' && previousAddress === undefined && importing === undefined;
}

function parsePlan(text: string): JsonObject {
  let parsed: Json;
  try {
    parsed = parseExactJson(text);
  } catch (error) {
    throw new EcsActionsError('TERRAFORM_PLAN_UNREADABLE', 'The plan is not JSON.', {
      hint: 'It must be what `terraform show -json` prints, and nothing else: call the program itself, not a wrapper.',
      cause: error instanceof Error ? new Error(error.name) : undefined,
    });
  }
  return objectOf(parsed);
}

function readResource(entry: Json): ResourceChange {
  const change = member(entry, 'change') ?? null;
  const actions = actionsOf(change);
  const address = textOf(member(entry, 'address')) ?? 'unnamed resource';
  const previous = textOf(member(entry, 'previous_address'));
  const importing = member(change, 'importing');
  return {
    address,
    type: textOf(member(entry, 'type')) ?? 'unknown',
    mode: member(entry, 'mode') === 'data' ? 'data' : 'managed',
    action: actionOf(actions),
    actions,
    reason: textOf(member(entry, 'action_reason')),
    replacePaths: listOf(member(change, 'replace_paths')).map(listOf),
    deposed: textOf(member(entry, 'deposed')),
    previousAddress: previous === address ? undefined : previous,
    importing: isObject(importing) ? { id: textOf(importing['id']) } : undefined,
    change: readValues(change),
  };
}

function readValues(change: Json): ValueChange {
  return {
    before: member(change, 'before') ?? null,
    after: member(change, 'after') ?? null,
    afterUnknown: member(change, 'after_unknown') ?? false,
    beforeSensitive: member(change, 'before_sensitive') ?? true,
    afterSensitive: member(change, 'after_sensitive') ?? true,
  };
}

function readCheck(check: Json): CheckResult {
  const status = textOf(member(check, 'status'));
  return {
    address: textOf(member(member(check, 'address'), 'to_display')) ?? 'unnamed check',
    status: status === 'pass' || status === 'fail' || status === 'error' ? status : 'unknown',
    problems: listOf(member(check, 'instances'))
      .flatMap((instance) => listOf(member(instance, 'problems')))
      .flatMap((problem) => textOf(member(problem, 'message')) ?? []),
  };
}

function actionsOf(change: Json): string[] {
  return listOf(member(change, 'actions')).filter((action) => typeof action === 'string');
}

function listOf(value: Json | undefined): readonly Json[] {
  return isList(value) ? value : [];
}

function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function flag(value: Json | undefined): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
