import { DescribeServicesCommand, type ECSClient, type Service } from '@aws-sdk/client-ecs';
import { shortName } from '../names.js';

/** Reads a service; `undefined` if DescribeServices calls it MISSING. */
export type DescribeService = (
  cluster: string,
  service: string,
  signal?: AbortSignal,
) => Promise<Service | undefined>;

/** DescribeServices takes this many services a call. */
const SERVICES_PER_CALL = 10;

/**
 * DescribeServices for many callers: whatever is asked for in the same turn of the event loop goes
 * out together, ten services a call. An aborted caller stops waiting; the call goes on for the others.
 */
export function batchDescribeServices(ecs: ECSClient): DescribeService {
  interface Asked {
    readonly service: string;
    readonly resolve: (service: Service | undefined) => void;
    readonly reject: (error: unknown) => void;
  }
  const waiting = new Map<string, Asked[]>();

  const send = async (cluster: string, asked: readonly Asked[]) => {
    try {
      const services = [...new Set(asked.map(({ service }) => service))];
      const answer = await ecs.send(new DescribeServicesCommand({ cluster, services }));
      for (const { service, resolve } of asked)
        resolve(
          answer.services?.find(
            (found) => found.serviceArn === service || found.serviceName === shortName(service),
          ),
        );
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  };

  const flush = (cluster: string) => {
    const asked = waiting.get(cluster) ?? [];
    waiting.delete(cluster);
    for (let start = 0; start < asked.length; start += SERVICES_PER_CALL)
      void send(cluster, asked.slice(start, start + SERVICES_PER_CALL));
  };

  return (cluster, service, signal) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      const asked = waiting.get(cluster);
      const one = { service, resolve, reject };
      if (asked !== undefined) return void asked.push(one);
      waiting.set(cluster, [one]);
      setImmediate(() => flush(cluster));
    });
}
