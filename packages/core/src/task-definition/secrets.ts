/** What stands for a value that must not be shown. */
export const REDACTED = '(redacted)';

const SECRET_WORDS = new Set([
  'auth',
  'authorization',
  'cookie',
  'cred',
  'credential',
  'credentials',
  'creds',
  'dsn',
  'jwt',
  'key',
  'keys',
  'pass',
  'passphrase',
  'pem',
  'private',
  'psk',
  'pw',
  'pwd',
  'salt',
  'secret',
  'secrets',
  'session',
  'signature',
  'token',
  'tokens',
  'webhook',
]);

/** Found inside a word too: `PGPASSWORD`, `githubtoken`, `DBPASS`. */
const SECRET_PARTS =
  /passw|passwd|secret|token|apikey|accesskey|privatekey|credential|pwd|pass$|connectionstring/;

/** Values that give themselves away whatever they are called. */
const SECRET_VALUE = new RegExp(
  [
    /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
    /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/,
    /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/,
    /\bgh[pousr]_\w{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}/,
    /\bxox[abeoprs]-[\w-]{10,}/,
    /\b[sr]k_(?:live|test)_\w{10,}/,
    /\bAIza[\w-]{30,}/,
    /\bSG\.[\w-]{16,}\.[\w-]{16,}/,
    /\bhooks\.slack\.com\/services\/\S+/,
    // A password in a URL.
    /\b[A-Za-z][A-Za-z0-9+.-]*:\/\/[^\s/:@]*:[^\s/@]+@/,
  ]
    .map(({ source }) => source)
    .join('|'),
);

/** True if a variable, option or label of this name usually holds a secret. Generous: hiding too much harms nobody. */
export function isSecretName(name: string): boolean {
  const words = name
    .replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  return words.some((word) => SECRET_WORDS.has(word)) || SECRET_PARTS.test(words.join(''));
}

/** True if a value is a secret by its own looks: a private key, a known kind of token, a URL with a password. */
export function isSecretValue(value: string): boolean {
  return SECRET_VALUE.test(value);
}

/** `--password=…`, `API_KEY=…`, `token: …` in a longer text. */
const ASSIGNMENT = /([A-Za-z][\w.-]*)(\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s"',;&|]+)/g;
/** `--password …` in a longer text. */
const FLAG = /(--?[A-Za-z][\w.-]*)(\s+)("[^"]*"|'[^']*'|[^\s"',;&|]+)/g;

/** A text without the secrets that it gives away: known kinds of token, and what is assigned to a secret's name. */
export function redactText(text: string): string {
  if (isSecretValue(text)) return REDACTED;
  const hide = (match: string, name: string, sign: string) =>
    isSecretName(name) ? `${name}${sign}${REDACTED}` : match;
  return text.replace(ASSIGNMENT, hide).replace(FLAG, hide);
}

/** Names that say where a secret is, or how it is used, rather than what it is. */
const REFERENCE_NAME =
  /(?:^|_)(?:arn|name|names|id|ids|path|file|url|uri|host|port|prefix|ttl|expiry|expires|expiration|timeout|enabled|disabled|type|size|length|max|min|count|region|bucket|table|header|algorithm|alg|issuer|audience|provider|mode|interval|days|hours|minutes|seconds)$/i;

/**
 * True if a plain environment variable most likely holds a secret. Strict, because it becomes a warning:
 * ARNs, numbers, paths and addresses that merely belong to a secret do not count.
 */
export function isPlaintextSecret(name: string, value: string): boolean {
  if (isSecretValue(value)) return true;
  if (!isSecretName(name) || REFERENCE_NAME.test(name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_'))) return false;
  if (/^(public|publishable)/i.test(name) || /public_?key|publishable/i.test(name)) return false;
  const isReference = /^(?:arn:|https?:\/\/|\/|\.|\$\{|s3:|ssm:)/.test(value);
  return value.length >= 4 && !isReference && !/^(?:true|false|null|none|\d+)$/i.test(value);
}
