/** The last segment of an ARN (`web` of `arn:…:service/prod/web`); a name stays as it is. */
export function shortName(nameOrArn: string): string {
  return nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1);
}

/** `web:12` of a task definition's ARN. */
export function taskDefinitionName(arn: string | undefined): string {
  return arn === undefined ? 'an unknown task definition' : shortName(arn);
}

/** The id of no task: who may look for one is told that there is none. */
export const NO_TASK = '0'.repeat(32);
