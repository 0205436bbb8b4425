import { member, type Json, type JsonObject } from './json.js';

/**
 * What gives a secret away that nothing marks as one: the name of an environment entry, or a URL with a password in it.
 * The environment of a container definition is the usual place; no provider schema marks it.
 */

const PARTS = /passw|passphrase|secret|token|credential|api_?key/i;
const WORDS = new Set(['key', 'keys', 'pass', 'pwd', 'dsn', 'private', 'salt']);
/** `DB_SECRET_ARN` and `KEY_PREFIX` say where a secret is or what it looks like, not what it is. */
const ABOUT_A_SECRET = /(arn|id|name|prefix|path|file|url|uri|endpoint|ttl|length|type|enabled)$/i;
const URL_WITH_PASSWORD = /[a-z][a-z0-9+.-]*:\/\/[^/\s:@]*:[^/\s@]+@/i;

/** True if a variable of this name (`DB_PASSWORD`, `stripeApiKey`) most likely holds a secret. */
export function namesSecret(name: string): boolean {
  if (ABOUT_A_SECRET.test(name)) return false;
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  return PARTS.test(name) || words.some((word) => WORDS.has(word));
}

/** True if the text holds a URL of the form `scheme://user:password@host`. */
export function holdsUrlPassword(text: string): boolean {
  return URL_WITH_PASSWORD.test(text);
}

/** The attributes whose members are environment variables: ECS and Docker, Lambda and CodeBuild. */
export function holdsEnvironment(key: string): boolean {
  return /^(environment|environment_?variables?|variables|env)$/i.test(key);
}

/** The members that hold a secret by what they are called: `{ name: "DB_PASSWORD", value: … }` or `DB_PASSWORD = …`. */
export function secretMembers(value: JsonObject, isEnvironment: boolean): ReadonlySet<string> {
  const name = member(value, 'name');
  if (typeof name === 'string' && namesSecret(name) && Object.hasOwn(value, 'value'))
    return new Set(['value']);
  return new Set(isEnvironment ? Object.keys(value).filter(namesSecret) : []);
}

/** True for `DB_PASSWORD=…` in a list of environment variables. */
export function isSecretAssignment(item: Json, isEnvironment: boolean): boolean {
  const name = typeof item === 'string' ? /^(\w+)=/.exec(item)?.[1] : undefined;
  return isEnvironment && name !== undefined && namesSecret(name);
}
