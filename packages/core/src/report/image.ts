import type { EcrLogin } from '../ecr/login.js';
import { pinTarget, targetReferences } from '../image/image-target.js';
import type { ShippedImage } from '../ecr/ship-image.js';

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

/** The image that a build or push left, with everything that names it. */
export function reportShippedImage(shipped: ShippedImage): string {
  const { targets, digest, created, madeBy, repositoriesCreated, durationMs } = shipped;
  const code = (text: string) => `\`${text}\``;
  const rows: [string, string][] = [
    [
      'Image',
      digest === undefined
        ? 'not pushed'
        : targets.map((target) => code(pinTarget(target, digest))).join('<br>'),
    ],
    ['Tags', targets.flatMap(targetReferences).map(code).join('<br>')],
    ['Made by', madeBy ?? 'an earlier run'],
    ['Time', `${(durationMs / 1000).toFixed(1)} s`],
  ];
  if (repositoriesCreated.length > 0)
    rows.push(['Repository created', repositoriesCreated.map(code).join('<br>')]);
  return [
    `### ${titleOf(digest, created)}`,
    '',
    '| | |',
    '| --- | --- |',
    ...rows.map(([name, value]) => `| ${name} | ${value} |`),
    '',
  ].join('\n');
}

function titleOf(digest: string | undefined, created: boolean): string {
  if (!created) return 'Image is there already';
  return digest === undefined ? 'Image built' : 'Image pushed';
}
