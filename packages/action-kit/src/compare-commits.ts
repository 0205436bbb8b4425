import type { CompareCommits } from '@ecs-actions/core';
import type { RunContext } from './run-context.js';

/** GitHub is asked for no longer than this, ms: the order of run numbers is the next best thing. */
const TIMEOUT_MS = 10_000;
const RELATIONS = ['identical', 'ahead', 'behind', 'diverged'] as const;

/**
 * Compares commits of the run's repository through GitHub ("Compare two commits"). Without a token,
 * or where GitHub does not know a commit or gives no answer, it cannot be told.
 */
export function compareCommitsOnGitHub(
  { apiUrl, repository }: Pick<RunContext, 'apiUrl' | 'repository'>,
  token: string | undefined,
): CompareCommits | undefined {
  if (token === undefined || repository === undefined) return undefined;
  return async (base, head) => {
    try {
      const response = await fetch(`${apiUrl}/repos/${repository}/compare/${base}...${head}?per_page=1`, {
        headers: {
          accept: 'application/vnd.github+json',
          authorization: `Bearer ${token}`,
          'user-agent': 'ecs-actions',
          'x-github-api-version': '2022-11-28',
        },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (!response.ok) return undefined;
      const { status } = (await response.json()) as { status?: unknown };
      return RELATIONS.find((relation) => relation === status);
    } catch {
      return undefined;
    }
  };
}
