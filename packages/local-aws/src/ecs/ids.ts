import { randomBytes, randomInt } from 'node:crypto';

/** Account and region: the boundary of everything this ECS knows. */
export interface Scope {
  readonly accountId: string;
  readonly region: string;
}

/** `arn:PARTITION:ecs:REGION:ACCOUNT:RESOURCE`. */
export function ecsArn({ accountId, region }: Scope, resource: string): string {
  return `arn:${partitionOf(region)}:ecs:${region}:${accountId}:${resource}`;
}

function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  if (region.startsWith('us-gov-')) return 'aws-us-gov';
  return 'aws';
}

/** 32 hex digits: tasks and container instances. */
export function randomHexId(): string {
  return randomBytes(16).toString('hex');
}

/** 19 digits: what a deployment (`ecs-svc/N`) and its service revision share. */
export function randomRevisionNumber(): string {
  let digits = String(randomInt(1, 10));
  while (digits.length < 19) digits += String(randomInt(10));
  return digits;
}

const ID_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-';

/** 21 characters: service deployments. */
export function randomServiceDeploymentId(): string {
  return Array.from({ length: 21 }, () => ID_ALPHABET[randomInt(ID_ALPHABET.length)]).join('');
}

/** The part after the last slash: the id or name in an ARN, or the text itself. */
export function lastSegment(arnOrName: string): string {
  return arnOrName.slice(arnOrName.lastIndexOf('/') + 1);
}
