import { shortName } from '../names.js';

/** Console hosts by partition. Partitions whose console is not public have none. */
const CONSOLE_HOSTS: Readonly<Record<string, (region: string) => string>> = {
  aws: (region) => `${region}.console.aws.amazon.com`,
  'aws-cn': (region) => `${region}.console.amazonaws.cn`,
  'aws-us-gov': (region) => `${region}.console.amazonaws-us-gov.com`,
  'aws-eusc': (region) => `${region}.console.amazonaws-eusc.eu`,
};

interface Place {
  readonly origin: string;
  readonly region: string;
}

function placeOf(arn: string): Place | undefined {
  const [, partition = '', , region = ''] = arn.split(':');
  const host = CONSOLE_HOSTS[partition];
  return host === undefined || region === '' ? undefined : { origin: `https://${host(region)}`, region };
}

/** The ECS console's page of a task; `undefined` in a partition without a public console. */
export function taskConsoleUrl(taskArn: string): string | undefined {
  const place = placeOf(taskArn);
  const [, cluster, taskId] = taskArn.split('/');
  if (place === undefined || cluster === undefined || taskId === undefined) return undefined;
  return `${place.origin}/ecs/v2/clusters/${cluster}/tasks/${taskId}/configuration?region=${place.region}`;
}

/** The ECS console's page of a service's deployments. `serviceArn` in the long format (with the cluster). */
export function serviceConsoleUrl(serviceArn: string): string | undefined {
  const place = placeOf(serviceArn);
  const [, cluster, service] = serviceArn.split('/');
  if (place === undefined || cluster === undefined || service === undefined) return undefined;
  return `${place.origin}/ecs/v2/clusters/${cluster}/services/${service}/deployments?region=${place.region}`;
}

/** The CloudWatch console's page of a log stream; partition and region are taken from `arn`. */
export function logStreamConsoleUrl(
  arn: string,
  { logGroup, logStream, region }: { logGroup: string; logStream: string; region?: string | undefined },
): string | undefined {
  const [, partition = '', , ownRegion = ''] = arn.split(':');
  const host = CONSOLE_HOSTS[partition];
  const at = region ?? ownRegion;
  if (host === undefined || at === '') return undefined;
  // The console decodes this part of its fragment twice, with $25 for the inner percent sign.
  const part = (text: string) => encodeURIComponent(encodeURIComponent(text)).replaceAll('%', '$');
  return `https://${host(at)}/cloudwatch/home?region=${at}#logsV2:log-groups/log-group/${part(logGroup)}/log-events/${part(logStream)}`;
}

/** `family:revision` page of a task definition. */
export function taskDefinitionConsoleUrl(taskDefinitionArn: string): string | undefined {
  const place = placeOf(taskDefinitionArn);
  const [family, revision] = shortName(taskDefinitionArn).split(':');
  if (place === undefined || family === undefined || revision === undefined) return undefined;
  return `${place.origin}/ecs/v2/task-definitions/${family}/${revision}/containers?region=${place.region}`;
}
