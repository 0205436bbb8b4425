import type { Fault, Rule } from './rule.js';

/** Source: API reference, ProxyConfiguration; developer guide, "Amazon ECS clusters for external instances". */
export const proxyRules: readonly Rule[] = [
  {
    id: 'proxy-container',
    severity: 'error',
    summary: 'The App Mesh proxy is a container of the task definition.',
    *check({ document: { proxyConfiguration }, containers }): Iterable<Fault> {
      const name = proxyConfiguration?.containerName;
      if (name === undefined || containers.some((container) => container.name === name)) return;
      yield {
        path: ['proxyConfiguration', 'containerName'],
        reason: `The proxy "${name}" is no container.`,
        fix: 'Write the name of the proxy’s container.',
      };
    },
  },
  {
    id: 'external-proxy',
    severity: 'error',
    summary: 'On external instances, there is no App Mesh proxy.',
    *check({ document: { proxyConfiguration }, launchTypes }): Iterable<Fault> {
      if (!launchTypes.has('EXTERNAL') || proxyConfiguration === undefined) return;
      yield {
        path: ['proxyConfiguration'],
        reason: 'External instances do not support App Mesh.',
        fix: 'Remove "proxyConfiguration".',
      };
    },
  },
];
