import type { CallContext } from '../protocol/service.js';
import type { RequiredAction } from './permissions.js';

type Input = Readonly<Record<string, unknown>>;
type Scope = Pick<CallContext, 'accountId' | 'region'>;

/**
 * What a caller must be allowed to do for one request: the operation itself on each resource it
 * names, tagging where the request carries tags, and passing the roles it names to ECS. `known`: the
 * resources, where the service itself has to look them up.
 */
export function requiredActions(
  service: string,
  operation: string,
  input: Input,
  scope: Scope,
  known?: readonly string[],
): RequiredAction[] {
  const resources = known ?? resourceTables[service]?.(operation, input, scope) ?? ['*'];
  const context = contextOf(service, operation, input, scope);
  const required: RequiredAction[] = resources.map((resource) => ({
    action: `${actionPrefixes[service] ?? service}:${operation}`,
    resource,
    context,
  }));
  if (service === 'ecs') {
    required.push(...taggingOf(operation, input, scope, context), ...passedRolesOf(input, scope));
  }
  return required;
}

/** What IAM calls a service that signs with another name. */
const actionPrefixes: Readonly<Record<string, string>> = { monitoring: 'cloudwatch' };

type ResourceTable = (operation: string, input: Input, scope: Scope) => string[];

const resourceTables: Readonly<Record<string, ResourceTable>> = {
  ecs: ecsResources,
  ecr: ecrResources,
  logs: logsResources,
};

function ecsResources(operation: string, input: Input, scope: Scope): string[] {
  const cluster = shortName(text(input['cluster']) ?? 'default');
  const named = (type: string, name: string) =>
    name.startsWith('arn:') ? name : ecsArn(scope, `${type}/${cluster}/${name}`);
  switch (operation) {
    case 'CreateService':
      return [named('service', text(input['serviceName']) ?? '')];
    case 'UpdateService':
    case 'DeleteService':
    case 'ListServiceDeployments':
      return [named('service', text(input['service']) ?? '')];
    case 'DescribeServices':
      return texts(input['services']).map((name) => named('service', name));
    case 'DescribeServiceDeployments':
      return texts(input['serviceDeploymentArns']);
    case 'DescribeServiceRevisions':
      return texts(input['serviceRevisionArns']);
    case 'StopServiceDeployment':
    case 'ContinueServiceDeployment':
      return [text(input['serviceDeploymentArn']) ?? '*'];
    case 'RunTask':
    case 'StartTask':
      return [taskDefinitionArn(scope, text(input['taskDefinition']) ?? '')];
    case 'DeleteTaskDefinitions':
      return texts(input['taskDefinitions']).map((name) => taskDefinitionArn(scope, name));
    case 'StopTask':
      return [named('task', text(input['task']) ?? '')];
    case 'DescribeTasks':
      return texts(input['tasks']).map((name) => named('task', name));
    case 'ListTasks':
      return [ecsArn(scope, `container-instance/${cluster}/*`)];
    case 'DescribeContainerInstances':
      return texts(input['containerInstances']).map((name) => named('container-instance', name));
    case 'DescribeClusters':
      return (input['clusters'] === undefined ? ['default'] : texts(input['clusters'])).map((name) =>
        ecsArn(scope, `cluster/${shortName(name)}`),
      );
    case 'DeleteCluster':
    case 'UpdateCluster':
    case 'RegisterContainerInstance':
    case 'DeregisterContainerInstance':
    case 'ListContainerInstances':
      return [ecsArn(scope, `cluster/${cluster}`)];
    case 'TagResource':
    case 'UntagResource':
    case 'ListTagsForResource':
      return [text(input['resourceArn']) ?? '*'];
    default:
      return ['*'];
  }
}

/** What is tagged as it is made also needs `ecs:TagResource`. */
function taggingOf(
  operation: string,
  input: Input,
  scope: Scope,
  context: RequiredAction['context'],
): RequiredAction[] {
  const tags = input['tags'];
  if (!Array.isArray(tags) || tags.length === 0 || operation === 'TagResource') return [];
  const cluster = shortName(text(input['cluster']) ?? 'default');
  const resources: Readonly<Record<string, string>> = {
    CreateCluster: `cluster/${text(input['clusterName']) ?? 'default'}`,
    CreateService: `service/${cluster}/${text(input['serviceName'])}`,
    RegisterTaskDefinition: `task-definition/${text(input['family'])}:*`,
    RunTask: `task/${cluster}/*`,
  };
  const resource = resources[operation];
  if (resource === undefined) return [];
  return [{ action: 'ecs:TagResource', resource: ecsArn(scope, resource), ...(context && { context }) }];
}

/** Task role and execution role, of a task definition or of a run's overrides, go to ECS. */
function passedRolesOf(input: Input, scope: Scope): RequiredAction[] {
  const overrides = (input['overrides'] ?? {}) as Input;
  const roles = [input, overrides].flatMap((holder) => [holder['taskRoleArn'], holder['executionRoleArn']]);
  return [...new Set(roles.map(text))]
    .filter((role) => role !== undefined && role !== '')
    .map((role) => ({
      action: 'iam:PassRole',
      resource: role!.startsWith('arn:') ? role! : `arn:aws:iam::${scope.accountId}:role/${role!}`,
      context: { 'iam:passedtoservice': 'ecs-tasks.amazonaws.com' },
    }));
}

function ecrResources(operation: string, input: Input, scope: Scope): string[] {
  if (operation === 'GetAuthorizationToken') return ['*'];
  const account = text(input['registryId']) ?? scope.accountId;
  const repository = (name: string) => `arn:aws:ecr:${scope.region}:${account}:repository/${name}`;
  if (operation === 'DescribeRepositories') {
    const names = texts(input['repositoryNames']);
    return (names.length === 0 ? ['*'] : names).map(repository);
  }
  const name = text(input['repositoryName']);
  return [name === undefined ? (text(input['resourceArn']) ?? '*') : repository(name)];
}

function logsResources(_operation: string, input: Input, scope: Scope): string[] {
  const identified = text(input['logGroupIdentifier']) ?? text(input['resourceArn']);
  if (identified?.startsWith('arn:') === true) return [identified];
  const group = text(input['logGroupName']) ?? identified ?? '';
  const stream = text(input['logStreamName']) ?? '';
  return [`arn:aws:logs:${scope.region}:${scope.accountId}:log-group:${group}:log-stream:${stream}`];
}

function contextOf(
  service: string,
  operation: string,
  input: Input,
  scope: Scope,
): NonNullable<RequiredAction['context']> {
  const region = { 'aws:requestedregion': scope.region };
  if (service !== 'ecs' || !isInCluster(operation)) return region;
  const cluster = shortName(text(input['cluster']) ?? 'default');
  return { ...region, 'ecs:cluster': ecsArn(scope, `cluster/${cluster}`) };
}

function isInCluster(operation: string): boolean {
  return !/TaskDefinition|Clusters?$|Resource$|AccountSetting/.test(operation);
}

function ecsArn(scope: Scope, resource: string): string {
  return `arn:aws:ecs:${scope.region}:${scope.accountId}:${resource}`;
}

function taskDefinitionArn(scope: Scope, name: string): string {
  if (name.startsWith('arn:')) return name;
  return ecsArn(scope, `task-definition/${name.includes(':') ? name : `${name}:*`}`);
}

function shortName(nameOrArn: string): string {
  return nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
