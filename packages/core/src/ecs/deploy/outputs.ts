import { worstOutcome, type Outcome } from '../rollout/outcome.js';
import type { Diagnosis } from '../diagnose/diagnose.js';
import type { DeploymentResult } from './options.js';

/** One service in a form that is easy to read from a script. */
export interface ServiceSummary {
  readonly service: string | undefined;
  readonly outcome: Outcome;
  readonly reason: string;
  readonly taskDefinitionArn: string | undefined;
  readonly previousTaskDefinitionArn: string | undefined;
  readonly deploymentId: string | undefined;
  readonly serviceDeploymentArn: string | undefined;
  readonly codeDeployDeploymentId: string | undefined;
  readonly diagnosis: readonly Diagnosis[];
}

/**
 * What a script wants to know of a deployment: the worst outcome, the first service (of the ids that not
 * every service has: the first that has one), and all of them.
 */
export interface DeploymentSummary extends Omit<ServiceSummary, 'service' | 'reason' | 'outcome'> {
  /** Of several services the worst; `undefined` if nothing was deployed. */
  readonly outcome: Outcome | undefined;
  readonly services: readonly ServiceSummary[];
}

/** Log lines of a diagnosis are cut to this many characters: outputs of a job may take 1 MB together. */
const LONGEST_LINE = 1_000;

/** Sums up results as plain data. */
export function summarizeDeployments(results: readonly DeploymentResult[]): DeploymentSummary {
  const services = results.map((result): ServiceSummary => ({
    service: result.service,
    outcome: result.outcome,
    reason: result.reason,
    taskDefinitionArn: result.taskDefinitionArn,
    previousTaskDefinitionArn: result.previousTaskDefinitionArn,
    deploymentId: result.deploymentId,
    serviceDeploymentArn: result.serviceDeploymentArn,
    codeDeployDeploymentId: result.codeDeployDeploymentId,
    diagnosis: result.diagnoses.map(withShortLines),
  }));
  const [first] = services;
  const firstOf = (name: 'deploymentId' | 'serviceDeploymentArn' | 'codeDeployDeploymentId') =>
    services.find((service) => service[name] !== undefined)?.[name];
  return {
    outcome: results.length === 0 ? undefined : worstOutcome(results.map(({ outcome }) => outcome)),
    taskDefinitionArn: first?.taskDefinitionArn,
    previousTaskDefinitionArn: first?.previousTaskDefinitionArn,
    deploymentId: firstOf('deploymentId'),
    serviceDeploymentArn: firstOf('serviceDeploymentArn'),
    codeDeployDeploymentId: firstOf('codeDeployDeploymentId'),
    diagnosis: services.flatMap(({ diagnosis }) => diagnosis),
    services,
  };
}

function withShortLines(diagnosis: Diagnosis): Diagnosis {
  const { logTail } = diagnosis;
  if (logTail?.kind !== 'lines') return diagnosis;
  const lines = logTail.lines.map((line) =>
    line.length <= LONGEST_LINE ? line : `${line.slice(0, LONGEST_LINE)}…`,
  );
  return { ...diagnosis, logTail: { ...logTail, lines } };
}
