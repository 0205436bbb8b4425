/** One recorded call, bodies as text. `target` is the header `X-Amz-Target`. */
export interface RecordedCall {
  readonly target?: string;
  readonly request: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly response: string;
}

export interface Verdict {
  /** Endpoint prefix and operation, e.g. `ecs RunTask`. */
  readonly operation: string;
  readonly failed?: boolean;
  readonly problems: readonly string[];
}

export function createJudge(
  models: Readonly<Record<string, object>>,
): (call: RecordedCall) => Verdict | undefined;
