import { createHash } from 'node:crypto';
import { parse } from 'yaml';
import type { NetworkConfiguration } from '../ecs/wire.js';
import { invalidRevision } from './errors.js';
import { lifecycleEventNames } from './lifecycle.js';
import type { LifecycleEventName } from './lifecycle.js';

/** What an AppSpec says about an ECS service. */
export interface AppSpec {
  readonly taskDefinition: string;
  readonly containerName: string;
  readonly containerPort: number;
  readonly platformVersion?: string;
  readonly networkConfiguration?: NetworkConfiguration;
  /** Lambda function (name or ARN) by the lifecycle event that it is a hook of. */
  readonly hooks: Readonly<Partial<Record<LifecycleEventName, string>>>;
}

/** A `RevisionLocation` whose content is in the request. */
export interface Revision {
  revisionType?: string;
  appSpecContent?: { content?: string; sha256?: string };
  /** Where a revision of type `String` has it. */
  string?: { content?: string; sha256?: string };
}

/** Reads the AppSpec (JSON or YAML) of a revision. @throws AwsError `InvalidRevisionException` */
export function readAppSpec(revision: Revision): AppSpec {
  const { content, sha256 } = revision.appSpecContent ?? revision.string ?? {};
  if (content === undefined || content.trim() === '') {
    throw invalidRevision('The AppSpec file cannot be located in the specified revision');
  }
  if (sha256 !== undefined && sha256 !== createHash('sha256').update(content).digest('hex')) {
    throw invalidRevision('The SHA-256 hash of the AppSpec content does not match the one that was given');
  }
  const document = parseDocument(content);
  const [service, ...others] = asList(member(document, 'Resources')).flatMap((item) =>
    Object.values(asObject(item)),
  );
  if (service === undefined || others.length > 0) {
    throw invalidRevision('AppSpec file must have exactly one resource of type AWS::ECS::Service');
  }
  if (member(service, 'Type') !== 'AWS::ECS::Service') {
    throw invalidRevision('The resource of an AppSpec file for Amazon ECS must be of type AWS::ECS::Service');
  }
  return { ...readService(member(service, 'Properties')), hooks: readHooks(member(document, 'Hooks')) };
}

function parseDocument(content: string): unknown {
  try {
    return parse(content) as unknown;
  } catch {
    throw invalidRevision('The AppSpec file is neither valid YAML nor valid JSON');
  }
}

function readService(properties: unknown): Omit<AppSpec, 'hooks'> {
  const loadBalancer = member(properties, 'LoadBalancerInfo');
  const containerName = member(loadBalancer, 'ContainerName');
  const containerPort = member(loadBalancer, 'ContainerPort');
  const taskDefinition = member(properties, 'TaskDefinition');
  const platformVersion = member(properties, 'PlatformVersion');
  if (typeof taskDefinition !== 'string') throw invalidRevision('AppSpec file must name a TaskDefinition');
  if (typeof containerName !== 'string' || containerPort === undefined) {
    throw invalidRevision('AppSpec file must have LoadBalancerInfo with ContainerName and ContainerPort');
  }
  const networkConfiguration = readNetwork(member(properties, 'NetworkConfiguration'));
  return {
    taskDefinition,
    containerName,
    containerPort: Number(containerPort),
    ...(typeof platformVersion === 'string' && { platformVersion }),
    ...(networkConfiguration !== undefined && { networkConfiguration }),
  };
}

/** The AppSpec writes in capitals what ECS writes in small letters. */
function readNetwork(value: unknown): NetworkConfiguration | undefined {
  const awsvpc = member(value, 'AwsvpcConfiguration');
  if (awsvpc === undefined) return undefined;
  const assignPublicIp = member(awsvpc, 'AssignPublicIp');
  return {
    awsvpcConfiguration: {
      subnets: asList(member(awsvpc, 'Subnets')).map(String),
      securityGroups: asList(member(awsvpc, 'SecurityGroups')).map(String),
      ...((assignPublicIp === 'ENABLED' || assignPublicIp === 'DISABLED') && { assignPublicIp }),
    },
  };
}

function readHooks(value: unknown): AppSpec['hooks'] {
  const entries = asList(value).flatMap((item) => Object.entries(asObject(item)));
  const unknown = entries.find(([name]) => !lifecycleEventNames.some((event) => event === name));
  if (unknown !== undefined) throw invalidRevision(`${unknown[0]} is not a valid lifecycle event hook`);
  return Object.fromEntries(entries.map(([name, target]) => [name, String(target)]));
}

/** CodeDeploy does not mind how the members of an AppSpec are capitalised. */
function member(value: unknown, name: string): unknown {
  const entry = Object.entries(asObject(value)).find(([key]) => key.toLowerCase() === name.toLowerCase());
  return entry?.[1];
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
