import { classifyAwsError } from '../../aws-errors.js';

/** Asks for one thing of a group; `undefined` if AWS does not have it. */
export type BatchedRead<T> = (group: string, key: string, signal?: AbortSignal) => Promise<T | undefined>;

/** Asks for several things of a group in one call; gives what finds each in the answer. */
export type ReadMany<T> = (group: string, keys: readonly string[]) => Promise<(key: string) => T | undefined>;

interface Asked<T> {
  readonly key: string;
  readonly resolve: (found: T | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One read for many callers: whatever is asked for in the same turn of the event loop goes out
 * together, `perCall` keys of a group a call. What AWS refuses for several it is asked for one by one,
 * since a policy may allow some of them. An aborted caller stops waiting; the call goes on for the others.
 */
export function batchReads<T>(perCall: number, readMany: ReadMany<T>): BatchedRead<T> {
  const waiting = new Map<string, Asked<T>[]>();

  const send = async (group: string, asked: readonly Asked<T>[]): Promise<void> => {
    const keys = [...new Set(asked.map(({ key }) => key))];
    try {
      const find = await readMany(group, keys);
      for (const { key, resolve } of asked) resolve(find(key));
    } catch (error) {
      const kind = classifyAwsError(error);
      if (keys.length > 1 && (kind === 'denied' || kind === 'refused'))
        for (const key of keys)
          void send(
            group,
            asked.filter((one) => one.key === key),
          );
      else for (const { reject } of asked) reject(error);
    }
  };

  const flush = (group: string) => {
    const asked = waiting.get(group) ?? [];
    waiting.delete(group);
    for (let start = 0; start < asked.length; start += perCall)
      void send(group, asked.slice(start, start + perCall));
  };

  return (group, key, signal) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      const asked = waiting.get(group);
      const one = { key, resolve, reject };
      if (asked !== undefined) return void asked.push(one);
      waiting.set(group, [one]);
      setImmediate(() => flush(group));
    });
}
