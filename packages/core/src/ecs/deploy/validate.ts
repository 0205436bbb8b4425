import type { CapacityProviderStrategyItem, ECSClient, Service } from '@aws-sdk/client-ecs';
import { EcsActionsError } from '../../errors.js';
import type { TaskDefinitionDocument } from '../../task-definition/document.js';
import type { LaunchType } from '../../task-definition/validate/rule.js';
import { validateServiceSettings } from '../../task-definition/validate/service.js';
import { listFindings } from '../../task-definition/validate/finding.js';
import { validateTaskDefinition } from '../../task-definition/validate/validate.js';
import { isByCodeDeploy, primaryDeployment, primaryTaskSet } from '../rollout/snapshot.js';
import { acceptedBefore, asWarning, type AcceptedRevision } from './accepted-before.js';
import { UNTOUCHED } from './failure.js';
import { givenSettings, type GivenSettings, type ValidatedPart } from './given-settings.js';
import type { DeployServiceOptions, ServiceToDeploy } from './options.js';
import { completeDefinition, completedTaskDefinition, type ServiceDefinition } from './plan.js';
import { documentOf, type DeployableTaskDefinition, type WrittenTaskDefinition } from './task-definition.js';

/** What is validated together: a service with its task definition, or a task definition alone. */
export interface ValidatedDeployment extends Partial<Pick<ServiceToDeploy, 'service'>> {
  readonly taskDefinition?: DeployableTaskDefinition | undefined;
  /** As the service is; absent for one that is to be created, and where there is none. */
  readonly found?: Service | undefined;
}

/** A member of a task definition whose name is mistyped: a mistake, but ECS ignores it, so that it is no reason to refuse. */
const IGNORED_BY_ECS = 'unknown-member';

/**
 * Holds everything that is about to be deployed to ECS's rules before anything is changed, and hands
 * all findings to `onFindings`; those that are advice only with `advice`. AWS is asked only about an
 * error: a rule that the revision in use breaks as well, and ECS has accepted, is a warning.
 *
 * Throws `TASK_DEFINITION_INVALID`, or `SERVICE_DEFINITION_INVALID` where only settings are wrong, with
 * every error; not with `validate: 'warn'`.
 */
export async function validateDeployments(
  ecs: ECSClient,
  deployments: readonly ValidatedDeployment[],
  options: DeployServiceOptions,
  { advice = false }: { readonly advice?: boolean | undefined } = {},
): Promise<void> {
  const { validate = 'strict', onFindings } = options;
  if (validate === 'off') return;
  const given = givenSettings(options);
  const checked = [
    ...sharedDocuments(deployments).map((users) =>
      validateDocument(users, given, users[0] === deployments[0] ? options.launchTypes : []),
    ),
    ...deployments.flatMap((one) => validateSettings(one, given)),
  ];
  const parts = [
    ...(deployments.some(isTold) ? given.parts : []),
    ...(await Promise.all(
      checked.map(async ({ findings, ...part }) => {
        const shown = advice ? findings : findings.filter(({ severity }) => severity === 'error');
        const accepted = await acceptedBefore(ecs, shown, part, options);
        return {
          ...part,
          findings: accepted.map((finding) =>
            finding.rule === IGNORED_BY_ECS ? asWarning(finding) : finding,
          ),
        };
      }),
    )),
  ];
  const findings = parts.flatMap((part) => part.findings);
  if (findings.length > 0) onFindings?.(findings);
  const refused = parts.flatMap(({ code, what, findings: all }) => {
    const errors = all.filter(({ severity }) => severity === 'error');
    return errors.length === 0 ? [] : [{ code, text: `${what}:\n${listFindings(errors)}` }];
  });
  const [first] = refused;
  if (first === undefined || validate === 'warn') return;
  throw new EcsActionsError(first.code, refused.map(({ text }) => text).join('\n'), {
    hint: `Correct these places, or set validate to warn to leave the verdict to ECS. ${UNTOUCHED}`,
  });
}

/** Whether ECS is told settings of the service: CodeDeploy is told none. */
function isTold({ service, found }: ValidatedDeployment): boolean {
  return service !== undefined && !isByCodeDeploy(found);
}

/** Deployments by the document they share; those of a revision have none. */
function sharedDocuments(deployments: readonly ValidatedDeployment[]): ValidatedDeployment[][] {
  const groups = new Map<unknown, ValidatedDeployment[]>();
  for (const one of deployments) {
    const document = documentOf(one.taskDefinition);
    if (document === undefined) continue;
    groups.set(document, [...(groups.get(document) ?? []), one]);
  }
  return [...groups.values()];
}

function validateDocument(
  users: readonly ValidatedDeployment[],
  given: GivenSettings,
  moreLaunchTypes: readonly LaunchType[] = [],
): ValidatedPart & AcceptedRevision {
  const subject = users[0]!;
  const { document, source } = subject.taskDefinition as WrittenTaskDefinition;
  const launchTypes = [
    ...users.flatMap(({ found, service }) => (service === undefined ? [] : launchTypesOf(found, given))),
    ...moreLaunchTypes,
  ];
  return {
    code: 'TASK_DEFINITION_INVALID',
    what: `ECS would refuse the task definition from ${source?.origin ?? document.family ?? 'the document'}`,
    findings: validateTaskDefinition(document, { source, launchTypes }),
    inUse: revisionInUse(subject),
    validateAccepted: (accepted) => validateTaskDefinition(accepted, { launchTypes }),
  };
}

/** The settings of a service that ECS deploys. */
function validateSettings(
  subject: ValidatedDeployment,
  given: GivenSettings,
): (ValidatedPart & AcceptedRevision)[] {
  const { service, found, taskDefinition } = subject;
  if (!isTold(subject)) return [];
  const validate = (effective: ServiceDefinition, document: TaskDefinitionDocument | undefined) =>
    validateServiceSettings(effective, document)
      .filter((finding) => !given.isExplained(finding))
      .map((finding) => ({ ...finding, path: `service ${service}, ${finding.path}` }));
  const document = documentOf(taskDefinition);
  return [
    {
      code: 'SERVICE_DEFINITION_INVALID',
      what: `ECS would refuse the settings of service ${service}, or could not deploy with them`,
      findings: validate(effectiveSettings(found, given), document),
      inUse: revisionInUse(subject),
      validateAccepted: (accepted) => (found === undefined ? [] : validate(askedFor(found), accepted)),
    },
  ];
}

/** What the service will be like; what DescribeServices answers has the members of CreateService, and more. */
function effectiveSettings(
  found: Service | undefined,
  { createIfMissing, settings }: GivenSettings,
): ServiceDefinition {
  return completeDefinition(found === undefined ? createIfMissing : askedFor(found), settings);
}

/** A service as it was asked for: the count that ECS tells of a daemon is that of its tasks. */
function askedFor({ desiredCount, ...found }: Service): ServiceDefinition {
  return found.schedulingStrategy === 'DAEMON' ? found : { ...found, desiredCount };
}

function launchTypesOf(found: Service | undefined, given: GivenSettings): LaunchType[] {
  const { launchType, capacityProviderStrategy = [] } = effectiveSettings(found, given);
  const ofTaskSet = primaryTaskSet(found);
  const providers = [...capacityProviderStrategy, ...(ofTaskSet?.capacityProviderStrategy ?? [])];
  if (providers.some(isFargate)) return ['FARGATE'];
  const asked = launchType ?? ofTaskSet?.launchType;
  return providers.length > 0 || asked === undefined ? [] : [asked];
}

/** Whether a capacity provider is one of AWS's own for Fargate. */
export function isFargate({ capacityProvider }: CapacityProviderStrategyItem): boolean {
  return capacityProvider === 'FARGATE' || capacityProvider === 'FARGATE_SPOT';
}

/** What the service runs, or else the family that the document belongs to. */
function revisionInUse({ found, taskDefinition }: ValidatedDeployment): string | undefined {
  const running =
    found === undefined
      ? undefined
      : (completedTaskDefinition(found) ??
        (primaryDeployment(found) ?? primaryTaskSet(found))?.taskDefinition);
  return running ?? documentOf(taskDefinition)?.family;
}
