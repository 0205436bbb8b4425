import { diffShapes, printPath, sameShape, type AttributeChange } from './diff.js';
import type { Json } from './json.js';
import {
  countChanges,
  type CheckResult,
  type Plan,
  type PlanCounts,
  type ResourceAction,
  type ResourceChange,
  type ValueChange,
} from './plan.js';
import { shapeMaker, type MakeShape, type Shape } from './shape.js';
import { collectTaint, type Taint } from './taint.js';

/** A resource and what changes in it; nothing sensitive is left in it. */
export interface RedactedResource extends Omit<ResourceChange, 'change' | 'replacePaths'> {
  /** The attributes that force a replacement. */
  readonly forcedBy: readonly string[];
  /** What differs; empty for what is destroyed or forgotten. */
  readonly attributes: readonly AttributeChange[];
  /** Number of top-level attributes that stay as they are. */
  readonly unchangedAttributes: number;
}

export interface RedactedOutput {
  readonly name: string;
  readonly action: ResourceAction;
  readonly attributes: readonly AttributeChange[];
}

/** A plan that can be printed: see {@link redactPlan}. Plain data, without the values that were taken out. */
export interface RedactedPlan {
  readonly terraformVersion: string;
  readonly errored: boolean;
  readonly complete: boolean | undefined;
  readonly counts: PlanCounts;
  readonly resources: readonly RedactedResource[];
  readonly unchanged: number;
  readonly outputs: readonly RedactedOutput[];
  readonly drift: readonly RedactedResource[];
  readonly deferred: readonly { readonly resource: RedactedResource; readonly reason: string | undefined }[];
  readonly checks: readonly CheckResult[];
  readonly invokedActions: readonly string[];
}

export interface RedactOptions {
  /** Values known to be secret from elsewhere: credentials, masked inputs. */
  readonly secrets?: readonly string[];
}

/**
 * Takes everything sensitive out of a plan, and reduces each change to what differs. Sensitive is what is marked on
 * either side, what repeats a marked value of at least four characters (as it is, or encoded), what an environment
 * variable's name gives away, a password in a URL, and `secrets`.
 *
 * What Terraform itself cannot know stays in: the mark of another state's sensitive output, for one, is lost when
 * `terraform_remote_state` reads it.
 */
export function redactPlan(plan: Plan, { secrets = [] }: RedactOptions = {}): RedactedPlan {
  const taint = collectTaint(plan, secrets);
  const makeShape = shapeMaker(taint);
  const redact = (resource: ResourceChange) => redactResource(resource, makeShape, taint);
  return {
    terraformVersion: plan.terraformVersion,
    errored: plan.errored,
    complete: plan.complete,
    counts: countChanges(plan.resources),
    resources: plan.resources.map(redact),
    unchanged: plan.unchanged,
    outputs: plan.outputs.map(({ name, action, change }) => ({
      name,
      action,
      attributes: diffShapes(...shapesOf(change, action, makeShape)),
    })),
    drift: plan.drift.map(redact),
    deferred: plan.deferred.map(({ resource, reason }) => ({ resource: redact(resource), reason })),
    checks: plan.checks.map((check) => ({ ...check, problems: check.problems.map(taint.clean) })),
    invokedActions: plan.invokedActions,
  };
}

function redactResource(
  { change, replacePaths, importing, ...rest }: ResourceChange,
  makeShape: MakeShape,
  taint: Taint,
): RedactedResource {
  const goes = rest.action === 'delete' || rest.action === 'forget';
  const [before, after] = goes ? [undefined, undefined] : shapesOf(change, rest.action, makeShape);
  return {
    ...rest,
    importing: importing && { id: importing.id === undefined ? undefined : taint.clean(importing.id) },
    forcedBy: replacePaths.map((path) => printPath(path.filter(isStep))),
    attributes: diffShapes(before, after, replacePaths),
    unchangedAttributes: countUnchanged(before, after),
  };
}

/** Both sides of a change; `undefined` where there is nothing rather than a `null`. */
function shapesOf(
  change: ValueChange,
  action: ResourceAction,
  makeShape: MakeShape,
): [before: Shape | undefined, after: Shape | undefined] {
  const marks = [change.beforeSensitive, change.afterSensitive];
  const before = makeShape({ value: change.before, marks });
  const after = makeShape({ value: change.after, marks, unknown: change.afterUnknown });
  if (change.before === null && action !== 'update') return [undefined, withoutNulls(after)];
  return [before, action === 'delete' ? undefined : after];
}

/** The attributes that a new object leaves unset say nothing. */
function withoutNulls(shape: Shape): Shape {
  if (shape.kind !== 'map') return shape;
  const set = [...shape.entries].filter(([, item]) => item.kind !== 'scalar' || item.value !== null);
  return { kind: 'map', entries: new Map(set) };
}

function countUnchanged(before: Shape | undefined, after: Shape | undefined): number {
  if (before?.kind !== 'map' || after?.kind !== 'map') return 0;
  return [...before.entries].filter(([key, item]) => {
    const other = after.entries.get(key);
    return other !== undefined && sameShape(item, other);
  }).length;
}

function isStep(step: Json): step is string | number {
  return typeof step === 'string' || typeof step === 'number';
}
