import type {
  CreateServiceCommand,
  DescribeServicesCommand,
  DescribeServicesCommandOutput,
  DescribeTaskDefinitionCommand,
  ECSClient,
  RunTaskCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { RegisterTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import { isRecord } from './plain-data.js';
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
  const command = verbatim(new RegisterTaskDefinitionCommand({ family: '', containerDefinitions: [] }), body);
  const { taskDefinition } = await ecs.send(command, abortSignal === undefined ? {} : { abortSignal });
  return taskDefinition?.taskDefinitionArn ?? '';
}

/** A command that is sent with `body`, whatever input it was made with. */
export function verbatim<Command extends VerbatimCommand>(command: Command, body: string): Command {
  // The stacks differ in types that play no part here.
  const stack = command.middlewareStack as RegisterTaskDefinitionCommand['middlewareStack'];
  stack.add(
    (next) => (args) => {
      // After the serializer, and before content-length and signature, which have to cover this body.
      (args as { request: { body: unknown } }).request.body = body;
      return next(args);
    },
    { step: 'serialize', priority: 'low', name: 'verbatimRequest' },
  );
  return command;
}

type VerbatimCommand =
  CreateServiceCommand | RegisterTaskDefinitionCommand | RunTaskCommand | UpdateServiceCommand;

/** What `DescribeTaskDefinition` answers. Dates are numbers. */
export async function readVerbatim(
  ecs: ECSClient,
  command: DescribeTaskDefinitionCommand,
  abortSignal?: AbortSignal,
): Promise<unknown> {
  const answerText = keepAnswer(command);
  await ecs.send(command, abortSignal === undefined ? {} : { abortSignal });
  return (await parseText(answerText(), 'DescribeTaskDefinition.json')).value(describedShape);
}

/** What `DescribeServices` answers, and in it what is newer than the SDK. */
export async function readServicesInFull(
  ecs: ECSClient,
  command: DescribeServicesCommand,
  abortSignal?: AbortSignal,
): Promise<DescribeServicesCommandOutput> {
  const answerText = keepAnswer(command);
  const answer = await ecs.send(command, abortSignal === undefined ? {} : { abortSignal });
  const all = (await parseText(answerText(), 'DescribeServices.json')).value({ kind: 'any' });
  return withNewerMembers(answer, all) as DescribeServicesCommandOutput;
}

/** `known` with the members that only `all` has. */
function withNewerMembers(known: unknown, all: unknown): unknown {
  if (Array.isArray(known) && Array.isArray(all))
    return known.map((item, index) => withNewerMembers(item, all[index]));
  if (!isRecord(known) || !isRecord(all) || known instanceof Date) return known;
  const members = Object.entries(known).map(([name, value]) => [name, withNewerMembers(value, all[name])]);
  const newer = Object.entries(all).filter(([name, value]) => value !== null && known[name] === undefined);
  return Object.fromEntries([...members, ...newer]);
}

/** Makes a command keep the text that AWS answers with. */
function keepAnswer(command: DescribeTaskDefinitionCommand | DescribeServicesCommand): () => string {
  let text = '';
  // The stacks differ in types that play no part here.
  const stack = command.middlewareStack as DescribeTaskDefinitionCommand['middlewareStack'];
  stack.add(
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
  return () => text;
}

async function collectBytes(body: AsyncIterable<Uint8Array> | Uint8Array): Promise<Buffer> {
  if (body instanceof Uint8Array) return Buffer.from(body);
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}
