import * as core from '@actions/core';
import type { Logger } from '@ecs-actions/core';

/** The runner's log as the library's {@link Logger}. */
export const runnerLogger: Logger = {
  debug: (message) => core.debug(message),
  info: (message) => core.info(neutralise(message)),
  notice: (message) => core.notice(message),
  warning: (message) => core.warning(message),
  group: (title, body) => core.group(title, body),
};

/**
 * Text from elsewhere (a container's log, a program's output) may hold lines that the runner would take for commands of
 * ours: `::error::` at their start, `##[group]` anywhere. A zero-width space keeps them text. It goes inside the marks,
 * since the runner compares by culture and may overlook one in front of them.
 */
function neutralise(message: string): string {
  return message.replace(/^(\s*:):/gm, '$1\u200b:').replaceAll('##[', '##\u200b[');
}
