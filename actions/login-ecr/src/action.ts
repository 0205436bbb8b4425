// Written by scripts/sync-actions from action.yml: edit that file.
export type InputName =
  | 'aws-region'
  | 'role-to-assume'
  | 'role-session-name'
  | 'role-duration-seconds'
  | 'registries'
  | 'registry-type'
  | 'mask-password'
  | 'skip-logout';
export type OutputName =
  | 'registry'
  | 'registries'
  | 'expires-at'
  | 'docker-config';
