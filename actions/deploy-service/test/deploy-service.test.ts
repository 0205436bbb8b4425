import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { openStage, withBreaker, type Stage } from './stage.js';

// The bundle polls on the wall's clock.
jest.setTimeout(90_000);

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.stop());

describe('deploy-service', () => {
  test('first deployment, then a healthy update with a live log', async () => {
    const created = await stage.createService();
    expect(created).toMatchObject({ exitCode: 0, annotations: [], outputs: { outcome: 'succeeded' } });

    const updated = await stage.deploy({
      'task-definition': await stage.writeTaskDefinition('v2'),
      redact: 'TENANT',
    });
    expect(updated).toMatchObject({
      exitCode: 0,
      annotations: [],
      outputs: {
        outcome: 'succeeded',
        'task-definition-arn': expect.stringMatching(/task-definition\/web:2$/),
        'previous-task-definition-arn': expect.stringMatching(/task-definition\/web:1$/),
        'deployment-id': expect.stringMatching(/^ecs-svc\/\d+$/),
        'service-deployment-arn': expect.stringContaining(':service-deployment/prod/web/'),
        diagnosis: '[]',
      },
    });
    expect(updated.log).toMatch(/^\[0:0\d\] Registered web:2$/m);
    expect(updated.log).toMatch(
      /^\[0:\d\d\] Updated the service: web:1 → web:2 \(deployment ecs-svc\/\d+\)$/m,
    );
    expect(updated.log).toMatch(/1 of 1 task running/);
    expect(updated.summary).toContain('Deployment of <code>web</code>: succeeded');
    expect(updated.summary).toContain('containerDefinitions');
    expect(updated.summary).toContain('```mermaid');
    for (const text of [updated.summary, updated.log, updated.stdout]) {
      expect(text).not.toContain('secret-of-');
      expect(text).not.toContain('tenant-of-');
    }
  });

  test('a broken update: rolled back, with reason, log tail, outputs and summary', async () => {
    await stage.createService(withBreaker);
    const run = await stage.deploy({ 'task-definition': await stage.writeTaskDefinition('exit-1') });
    expect(run.exitCode).toBe(1);
    expect(run.outputs).toMatchObject({ outcome: 'rolled-back' });
    expect(run.annotations).toMatchObject([
      {
        title: 'DEPLOYMENT_ROLLED_BACK',
        message: expect.stringContaining('Essential container in task exited'),
      },
    ]);
    const [diagnosis] = JSON.parse(run.outputs['diagnosis'] ?? '[]') as Record<string, unknown>[];
    expect(diagnosis).toMatchObject({ id: 'application-exited', containers: [{ name: 'app', exitCode: 1 }] });
    expect(run.summary).toContain('exiting with code 1');
    expect(run.log).toContain('exiting with code 1');
    expect(run.log).toMatch(
      /Task [0-9a-f]{8} stopped: Essential container in task exited \(app exit code 1\)/,
    );
  });
});
