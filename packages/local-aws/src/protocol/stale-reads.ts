/** Answers to reads, kept so that one can be given again: AWS is not consistent at once either. */
export class StaleReads {
  readonly #answers = new Map<string, string>();

  remember(key: string, body: string): void {
    this.#answers.delete(key);
    this.#answers.set(key, body);
    if (this.#answers.size > mostAnswers) this.#answers.delete(this.#answers.keys().next().value!);
  }

  recall(key: string): string | undefined {
    return this.#answers.get(key);
  }

  clear(): void {
    this.#answers.clear();
  }
}

const mostAnswers = 500;

export function isRead(operation: string): boolean {
  return /^(?:Describe|List|Get|BatchGet|Filter)/.test(operation);
}

/**
 * What a read says of things that it does not see yet, for the operations of ECS that list what is
 * missing. Undefined for others.
 */
export function missingAnswer(
  operation: string,
  input: Readonly<Record<string, unknown>>,
  scope: { readonly accountId: string; readonly region: string },
): string | undefined {
  const members: Readonly<Record<string, [member: string, type: string]>> = {
    DescribeTasks: ['tasks', 'task'],
    DescribeServices: ['services', 'service'],
    DescribeClusters: ['clusters', 'cluster'],
    DescribeServiceDeployments: ['serviceDeployments', 'service-deployment'],
    DescribeServiceRevisions: ['serviceRevisions', 'service-revision'],
  };
  const [member, type] = members[operation] ?? [];
  if (member === undefined) return undefined;
  const asked = input[member] ?? input[member.replace(/s$/, 'Arns')];
  const cluster = text(input['cluster'], 'default').replace(/^.*\//, '');
  const path = type === 'cluster' ? type : `${type}/${cluster}`;
  const failures = (Array.isArray(asked) ? asked : []).map((name) => ({
    arn: String(name).startsWith('arn:')
      ? String(name)
      : `arn:aws:ecs:${scope.region}:${scope.accountId}:${path}/${String(name)}`,
    reason: 'MISSING',
  }));
  return JSON.stringify({ [member]: [], failures });
}

function text(value: unknown, fallback: string): string {
  return typeof value === 'string' ? value : fallback;
}
