import type { DescribeTaskDefinitionCommand, ECSClient } from '@aws-sdk/client-ecs';
import { RegisterTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import { describedShape } from './shape/members.js';
import { parseText } from './source/parse.js';

/**
 * Calls that the SDK's serializers keep out of: they silently drop every member that is newer than the
 * SDK, in what is sent and in what comes back.
 */

/** `RegisterTaskDefinition` with `body` exactly as it is; returns the ARN of the revision. */
export async function sendRegistration(
  ecs: ECSClient,
  body: string,
  abortSignal?: AbortSignal,
): Promise<string> {
  const command = new RegisterTaskDefinitionCommand({ family: '', containerDefinitions: [] });
  command.middlewareStack.add(
    (next) => (args) => {
      // After the serializer, and before content-length and signature, which have to cover this body.
      (args as { request: { body: unknown } }).request.body = body;
      return next(args);
    },
    { step: 'serialize', priority: 'low', name: 'verbatimRequest' },
  );
  const { taskDefinition } = await ecs.send(command, abortSignal === undefined ? {} : { abortSignal });
  return taskDefinition?.taskDefinitionArn ?? '';
}

/** What `DescribeTaskDefinition` answers. Dates are numbers. */
export async function readVerbatim(ecs: ECSClient, command: DescribeTaskDefinitionCommand): Promise<unknown> {
  let text = '';
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const response = result.response as {
        statusCode: number;
        body: AsyncIterable<Uint8Array> | Uint8Array;
      };
      const bytes = await collectBytes(response.body);
      text = bytes.toString('utf8');
      // The deserializer, which turns refusals into errors, reads it once more.
      response.body = bytes;
      return result;
    },
    { step: 'deserialize', priority: 'low', name: 'verbatimResponse' },
  );
  await ecs.send(command);
  return (await parseText(text, 'DescribeTaskDefinition.json')).value(describedShape);
}

async function collectBytes(body: AsyncIterable<Uint8Array> | Uint8Array): Promise<Buffer> {
  if (body instanceof Uint8Array) return Buffer.from(body);
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}
