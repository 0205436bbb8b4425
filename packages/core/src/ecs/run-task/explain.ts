import { EcsActionsError } from '../../errors.js';
import type { Diagnosis } from '../diagnose/diagnose.js';
import { TASK_RUN_ERROR_CODES, type TaskRunResult } from './result.js';

/** The error that a result amounts to, with the most telling diagnosis; `undefined` for a success. */
export function explainTaskRun(result: TaskRunResult): EcsActionsError | undefined {
  const code = TASK_RUN_ERROR_CODES[result.outcome];
  if (code === undefined) return undefined;
  const [diagnosis] = result.diagnoses;
  const tail = diagnosis?.logTail?.kind === 'lines' ? diagnosis.logTail.lines.slice(-10) : [];
  const known = diagnosis !== undefined && diagnosis.weight !== 'unknown' ? diagnosis : undefined;
  return new EcsActionsError(
    code,
    [
      result.reason,
      ...(known === undefined ? [] : [known.cause]),
      ...(tail.length === 0 ? [] : ['Its last log lines:', ...tail.map((line) => `  ${line}`)]),
    ].join('\n'),
    { hint: known === undefined ? HINTS[code] : taskRemedy(known) },
  );
}

/** What to do about a diagnosis where the task is no service's: it is meant to end. */
export function taskRemedy({ id, remedy }: Pick<Diagnosis, 'id' | 'remedy'>): string {
  return id === 'application-exited' ? 'Its last log lines tell why.' : remedy;
}

const HINTS: Partial<Record<string, string>> = {
  TASK_FAILED: 'The log of this step and the job summary show what the container wrote.',
  TASK_TIMED_OUT: 'Raise wait-for-minutes if it needs longer; the log of this step shows how far it came.',
  TASK_CANCELLED: 'Run the job again to run the task from the start.',
};
