import type { Fault, Rule } from './rule.js';
import { called, eachContainer, inContainer } from './rule.js';

const IPC_SYSTEM_CONTROL =
  /^(?:kernel\.(?:msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced)$|fs\.mqueue\.)/;

/** Source: API reference, SystemControl and LinuxParameters. */
export const kernelRules: readonly Rule[] = [
  {
    id: 'ipc-system-controls',
    severity: 'error',
    summary: 'With the ipcMode host, there are no IPC system controls.',
    *check(subject): Iterable<Fault> {
      if (subject.document.ipcMode !== 'host') return;
      for (const [container, index] of eachContainer(subject)) {
        for (const [at, { namespace = '' }] of (container.systemControls ?? []).entries()) {
          if (!IPC_SYSTEM_CONTROL.test(namespace)) continue;
          yield {
            path: inContainer(index, 'systemControls', at, 'namespace'),
            reason: `${called(container, index)} sets ${namespace}, which the host’s IPC namespace does not allow.`,
            fix: 'Remove it, or write "ipcMode": "task".',
          };
        }
      }
    },
  },
  {
    id: 'swappiness',
    severity: 'error',
    summary: 'maxSwap is not negative, and swappiness is 0 to 100.',
    *check(subject): Iterable<Fault> {
      if (subject.launchTypes.has('FARGATE')) return;
      for (const [container, index] of eachContainer(subject)) {
        const { maxSwap = 0, swappiness = 0 } = container.linuxParameters ?? {};
        const path = (name: string) => inContainer(index, 'linuxParameters', name);
        if (maxSwap < 0) {
          yield {
            path: path('maxSwap'),
            reason: `maxSwap of ${called(container, index)} is ${maxSwap}.`,
            fix: 'Write 0 or more.',
          };
        }
        if (swappiness < 0 || swappiness > 100) {
          yield {
            path: path('swappiness'),
            reason: `swappiness of ${called(container, index)} is ${swappiness}.`,
            fix: 'Write 0 to 100.',
          };
        }
      }
    },
  },
];
