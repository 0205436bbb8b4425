import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { deployInputs } from '../src/inputs.js';

const before = process.env;
beforeEach(() => {
  process.env = { ...before };
  given({ 'task-definition': 'web:1', service: 'web', 'aws-region': 'us-east-1' });
});
afterEach(() => {
  process.env = before;
});

/** Inputs, as the runner hands them over. */
function given(inputs: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(inputs)) process.env[`INPUT_${name.toUpperCase()}`] = value;
}

test.each([
  ['', 30],
  ['0', 30],
  ['45', 45],
  ['360', 360],
  ['480', 360],
])('wait-for-minutes "%s" waits for %d minutes, as with the official action', (text, minutes) => {
  given({ 'wait-for-minutes': text });
  expect(deployInputs().timeoutMs).toBe(minutes * 60_000);
});

test('max-retries has no upper bound', () => {
  given({ 'max-retries': '15' });
  expect(deployInputs().maxAttempts).toBe(15);
});

test('enable-ecs-managed-tags counts for the task before the deployment, too', () => {
  given({ 'run-task': 'true', 'enable-ecs-managed-tags': 'true' });
  expect(deployInputs().taskBefore?.settings.enableECSManagedTags).toBe(true);
  expect(deployInputs().settings.enableECSManagedTags).toBe(true);
});
