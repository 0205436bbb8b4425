import { member, type Json } from './json.js';
import { readUiLine, textOf } from './ui-stream.js';

/**
 * What a line of `plan -json` says, in one line for the log; `undefined` for what is not worth one. It is composed from
 * addresses and actions: ids are left out, since a provider may derive them from what is sensitive.
 */
export function progressOfUiLine(line: string): string | undefined {
  const message = readUiLine(line);
  switch (textOf(message, 'type')) {
    case 'version':
    case 'change_summary':
    case 'state_lock_acquire':
      return textOf(message, '@message');
    case 'refresh_start':
      return subject(message, 'hook', 'refreshing');
    case 'planned_change':
      return subject(message, 'change', `plan to ${textOf(member(message, 'change'), 'action') ?? 'change'}`);
    case 'resource_drift':
      return subject(message, 'change', 'changed outside of Terraform');
    default:
      return undefined;
  }
}

function subject(message: Json | undefined, holder: string, what: string): string | undefined {
  const address = textOf(member(member(message, holder), 'resource'), 'addr');
  return address === undefined ? undefined : `${address}: ${what}`;
}
