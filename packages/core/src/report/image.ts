import type { EcrLogin } from '../ecr/login.js';

/** The registries that the later steps of the job are logged in to. */
export function reportEcrLogins(logins: readonly EcrLogin[]): string {
  const rows = logins.map(({ hosts, accountId, region, expiresAt }) => [
    hosts.map((host) => `\`${host}\``).join('<br>'),
    accountId === undefined ? '' : `\`${accountId}\``,
    `\`${region}\``,
    expiresAt === undefined ? '' : `${expiresAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`,
  ]);
  return [
    '### Logged in to Amazon ECR',
    '',
    '| Registry | Account | Region | Until |',
    '| --- | --- | --- | --- |',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
    '',
  ].join('\n');
}
