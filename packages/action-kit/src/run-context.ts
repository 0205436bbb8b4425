/** What the runner says of the run: every environment variable of GitHub's that we read is named here, once. */
export interface RunContext {
  /** `owner/name`. */
  readonly repository: string | undefined;
  readonly commit: string | undefined;
  /** `refs/heads/main`, `refs/pull/7/merge`, … */
  readonly ref: string | undefined;
  /** Path of the workflow's file, `.github/workflows/deploy.yml`: two files may have one name. */
  readonly workflow: string | undefined;
  readonly runId: string | undefined;
  readonly runNumber: number | undefined;
  readonly runAttempt: number | undefined;
  readonly eventName: string | undefined;
  readonly actor: string | undefined;
  readonly serverUrl: string;
  readonly apiUrl: string;
  /** Path of the JSON of the event that started the run. */
  readonly eventPath: string | undefined;
  readonly workspace: string;
  /** Whether the job may ask for ID tokens. */
  readonly canMintIdToken: boolean;
}

/** Reads {@link RunContext} from the environment. */
export function readRunContext(env: NodeJS.ProcessEnv = process.env): RunContext {
  const text = (name: string) => (env[name] === '' ? undefined : env[name]);
  const number = (name: string) => (/^\d+$/.test(env[name] ?? '') ? Number(env[name]) : undefined);
  return {
    repository: text('GITHUB_REPOSITORY'),
    commit: text('GITHUB_SHA'),
    ref: text('GITHUB_REF'),
    workflow: workflowFile(text('GITHUB_WORKFLOW_REF')) ?? text('GITHUB_WORKFLOW'),
    runId: text('GITHUB_RUN_ID'),
    runNumber: number('GITHUB_RUN_NUMBER'),
    runAttempt: number('GITHUB_RUN_ATTEMPT'),
    eventName: text('GITHUB_EVENT_NAME'),
    actor: text('GITHUB_ACTOR'),
    serverUrl: text('GITHUB_SERVER_URL') ?? 'https://github.com',
    apiUrl: text('GITHUB_API_URL') ?? 'https://api.github.com',
    eventPath: text('GITHUB_EVENT_PATH'),
    workspace: text('GITHUB_WORKSPACE') ?? process.cwd(),
    canMintIdToken:
      text('ACTIONS_ID_TOKEN_REQUEST_URL') !== undefined &&
      text('ACTIONS_ID_TOKEN_REQUEST_TOKEN') !== undefined,
  };
}

/** `.github/workflows/deploy.yml` of `owner/name/.github/workflows/deploy.yml@refs/heads/main`; either may have an `@`. */
function workflowFile(reference = ''): string | undefined {
  const [, path] =
    /^[^/]+\/[^/]+\/(.+?)@refs\//.exec(reference) ?? /^[^/]+\/[^/]+\/(.+)@/.exec(reference) ?? [];
  return path;
}

/** Address of the run's page, or `undefined` outside a run. */
export function runUrl({ serverUrl, repository, runId }: RunContext): string | undefined {
  return repository === undefined || runId === undefined
    ? undefined
    : `${serverUrl}/${repository}/actions/runs/${runId}`;
}
