import { EcsActionsError } from '../../errors.js';
import type { Cover } from '../cover.js';
import type { TaskDefinitionDocument } from '../document.js';
import type { LoadedTaskDefinition } from '../load.js';
import { normaliseTaskDefinition } from '../normalise.js';
import type { DocumentPath } from '../path.js';
import { formatPath } from '../path.js';
import { shownStep } from '../redact.js';
import { coverDocuments } from '../secrets-in.js';
import { redactText } from '../secrets.js';
import { taskDefinitionShape } from '../shape/members.js';
import { memberShape, type Shape } from '../shape/shape.js';
import { adviceRules } from './advice.js';
import { credentialSpecRules } from './credential-specs.js';
import { dependencyRules } from './dependencies.js';
import { deviceRules } from './devices.js';
import { externalRules } from './external.js';
import { fargateSizeRules } from './fargate-size.js';
import { fargateRules } from './fargate.js';
import { listFindings, type Finding } from './finding.js';
import { healthRules } from './health.js';
import { imageRules } from './images.js';
import { kernelRules } from './kernel.js';
import { limitRules } from './limits.js';
import { loggingRules } from './logging.js';
import { managedInstancesRules } from './managed-instances.js';
import { nameRules } from './names.js';
import { networkRules } from './network.js';
import { proxyRules } from './proxy.js';
import type { Locator, Source } from './locate.js';
import { locator } from './locate.js';
import { resourceRules } from './resources.js';
import { roleRules } from './roles.js';
import type { Fault, LaunchType, Rule, Subject } from './rule.js';
import { SEVERITIES } from './rule.js';
import { variableRules } from './variables.js';
import { volumeRules } from './volumes.js';
import { windowsRules } from './windows.js';
import { writeJson } from '../../write-json.js';
import type { TypeFault } from './well-typed.js';
import { explainedPaths, extensionFaults, typeRules, wellTyped } from './well-typed.js';

/** A rule as it is listed: what it is called, how serious it is, and what it asks for. */
export type RuleDescription = Omit<Rule, 'check'>;

/** What is known of a document beside itself. */
export interface ValidateTaskDefinitionOptions {
  /** What the document was read from, before any edits: gives findings their line and column. */
  readonly source?: (Source & Partial<Pick<LoadedTaskDefinition, 'removed'>>) | undefined;
  /** What the placeholders of the source were filled with, if they were. */
  readonly variables?: Readonly<Record<string, string>> | undefined;
  /** What it has to run on, beside its own `requiresCompatibilities`. */
  readonly launchTypes?: readonly LaunchType[] | undefined;
  /** Secrets that are known from elsewhere ({@link secretsInEdits}): no finding shows them. */
  readonly secrets?: readonly string[] | undefined;
}

const rules: readonly Rule[] = [
  ...nameRules,
  ...limitRules,
  ...imageRules,
  ...fargateSizeRules,
  ...fargateRules,
  ...networkRules,
  ...resourceRules,
  ...healthRules,
  ...dependencyRules,
  ...volumeRules,
  ...variableRules,
  ...loggingRules,
  ...roleRules,
  ...windowsRules,
  ...managedInstancesRules,
  ...externalRules,
  ...proxyRules,
  ...deviceRules,
  ...kernelRules,
  ...credentialSpecRules,
  ...adviceRules,
];

/** Every rule that a task definition is held to. */
export const taskDefinitionRules: readonly RuleDescription[] = [...typeRules, ...rules].map(
  ({ id, severity, summary }) => ({ id, severity, summary }),
);

/**
 * Holds a document to every rule, without asking AWS, and returns all findings: errors first, then warnings,
 * and in the order of the document. None of them shows a value of what is called like a secret.
 */
export function validateTaskDefinition(
  document: TaskDefinitionDocument,
  { source, variables, launchTypes = [], secrets }: ValidateTaskDefinitionOptions = {},
): readonly Finding[] {
  const { document: normalised, removed } = normaliseTaskDefinition(document);
  const cover = coverDocuments([normalised], secrets);
  const { value, faults } = wellTyped(normalised, cover);
  const typeFaults = [...faults, ...extensionFaults([...(source?.removed ?? []), ...removed])];
  const subject = subjectOf(value as TaskDefinitionDocument, launchTypes, normalised);
  const explained = new Set(typeFaults.flatMap(explainedPaths).map(formatPath));
  const found = [
    ...typeFaults.map((fault) => ({ rule: typeRuleById[fault.rule], fault: fault as Fault })),
    ...rules.flatMap((rule) =>
      [...rule.check(subject)]
        .filter(({ path }) => explained.size === 0 || !isWithin(path, explained))
        .map((fault) => ({ rule, fault })),
    ),
  ];
  const locate = locator(normalised, source, variables);
  return found
    .map(({ rule, fault }) => toFinding(rule, fault, { locate, cover }))
    .sort((a, b) => rank(a) - rank(b) || (a.line ?? 0) - (b.line ?? 0));
}

/**
 * Throws `TASK_DEFINITION_INVALID` listing every error among the findings. `origin` is what the
 * document was read from.
 */
export function requireValidTaskDefinition(findings: readonly Finding[], origin: string): void {
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return;
  throw new EcsActionsError(
    'TASK_DEFINITION_INVALID',
    `ECS would refuse the task definition from ${origin}:\n${listFindings(errors)}`,
    { hint: 'Correct these places, or set validate to warn to leave the verdict to ECS.' },
  );
}

const typeRuleById = Object.fromEntries(typeRules.map((rule) => [rule.id, rule])) as Readonly<
  Record<TypeFault['rule'], RuleDescription>
>;

/** True for a path that is, or lies below, one of these. */
function isWithin(path: DocumentPath, places: ReadonlySet<string>): boolean {
  const outer = Array.from({ length: path.length + 1 }, (_, depth) => path.slice(0, depth));
  return outer.some((above) => places.has(formatPath(above)));
}

function subjectOf(
  document: TaskDefinitionDocument,
  launchTypes: readonly LaunchType[],
  normalised: TaskDefinitionDocument,
): Subject {
  const family = document.runtimePlatform?.operatingSystemFamily ?? '';
  const isWindows = family.startsWith('WINDOWS');
  return {
    document,
    containers: document.containerDefinitions ?? [],
    volumes: document.volumes ?? [],
    launchTypes: new Set<string>([...(document.requiresCompatibilities ?? []), ...launchTypes]),
    isWindows,
    networkMode: document.networkMode ?? (isWindows ? undefined : 'bridge'),
    bytes: Buffer.byteLength(writeJson(normalised)),
  };
}

function toFinding(
  { id, severity }: RuleDescription,
  { path, reason, fix }: Fault,
  { locate, cover }: { readonly locate: Locator; readonly cover: Cover },
): Finding {
  return {
    rule: id,
    severity,
    path: formatPath(shownPath(path, cover)),
    reason: capital(redactText(cover(reason))),
    fix: cover(fix),
    ...locate(path),
  };
}

/** Names are free, and somebody may have put more than a name there: `PASSWORD=hunter2`. */
function shownPath(path: DocumentPath, cover: Cover): DocumentPath {
  let shape: Shape | undefined = taskDefinitionShape;
  return path.map((step) => {
    const outer: Shape | undefined = shape;
    if (typeof step === 'number') {
      shape = outer?.kind === 'list' ? outer.item : undefined;
      return step;
    }
    shape = memberShape(outer, step);
    return shownStep(outer, step, cover);
  });
}

function rank({ severity }: Finding): number {
  return SEVERITIES.indexOf(severity);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
