import { expect, test } from '@jest/globals';
import { readTerraformEnvironment } from '../src/terraform.js';

test.each([
  [{}, { preferred: {}, workspace: undefined }],
  [
    { TERRAFORM_CLI_PATH: '/t', TF_WORKSPACE: 'staging' },
    { preferred: { terraform: '/t/terraform-bin' }, workspace: 'staging' },
  ],
  [
    { TOFU_CLI_PATH: '/o', TF_WORKSPACE: '' },
    { preferred: { tofu: '/o/tofu-bin' }, workspace: undefined },
  ],
])('%j', (env, expected) => {
  expect(readTerraformEnvironment(env)).toEqual(expected);
});
