import { redactPasswordFlags } from './password-flags.js';
import { REDACTED } from './redacted.js';
import { isSecretName } from './secret-names.js';

/**
 * Values that give themselves away whatever they are called. Nothing here repeats without a bound or from
 * any place in a word: values are up to 64 KiB long.
 */
const SECRET_VALUE = new RegExp(
  [
    /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----/,
    /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/,
    /(?<![\w-])eyJ[\w-]{8,10000}\.[\w-]{8}/,
    /\bgh[pousr]_\w{20}|\bgithub_pat_\w{20}|\bglpat-[\w-]{16}/,
    /\bxox[abeoprs]-[\w-]{10}/,
    /\b[sr]k_(?:live|test)_\w{10}/,
    /\bAIza[\w-]{30}/,
    /\bSG\.[\w-]{16,100}\.[\w-]{16}/,
    /\bhooks\.slack\.com\/services\/\S/,
    // A password in a URL.
    /[A-Za-z0-9]:\/\/[^\s/:@]{0,1000}:[^\s/@]{1,1000}@/,
  ]
    .map(({ source }) => source)
    .join('|'),
);

/** True if a value is a secret by its own looks: a private key, a known kind of token, a URL with a password. */
export function isSecretValue(value: string): boolean {
  return SECRET_VALUE.test(value);
}

/** What a text assigns to a name: `API_KEY=`, `"token": `, `--password `. A name may begin with dashes. */
const ASSIGNED = /(?<![\w.-])([\w.-]+)(\\*["'])?(\s*:?=>?\s*|:\s*|\s+:\s+|\s+)/g;

/** A word as a shell and JSON take it: quoted parts and others, up to white space; quotes may be escaped as a whole. */
const WORD = /(?:(\\*["'])(?:(?!(?<!\\)\1)[^])*(?:\1|$)|[^\s"'])+/y;
/** What a colon may be followed by, as in JSON and YAML: strings in quotes, or else the rest of the line, or of the text. */
const QUOTED = /(?:(\\*["'])(?:(?!(?<!\\)\1)[^])*(?:\1|$))+/y;
const REST = /[|>{[][^]*|.*/y;

/** What stands before the credentials in an Authorization header. */
const SCHEME = /(?:Basic|Bearer|Digest|Negotiate|Token|ApiKey|Key)\s+/iy;

/** `Bearer …` wherever it stands. */
const BEARER = /\b(Bearer|Basic)(\s+)[^\s"']+/gi;

/** Flags that take a user with a password: `curl -u me:password`. */
const USER_FLAG = /^(?:-u|-U|--user|--proxy-user)$/;

/** `user:password@` and what may stand before it; the `@` of an image's digest is another. */
const USER_INFO = /(?<![^\s"'])[^\s"']*@(?!sha\d+:)/g;

/** What configuration files and commands set with white space alone: `requirepass hunter2`, and .netrc. */
const DIRECTIVE = 'requirepass|masterauth|password|passwd';
const DIRECTED = new RegExp(`(?<![\\w.-])(${DIRECTIVE})(\\s+)(?:"[^"]*"?|'[^']*'?|[^\\s"':=]+)`, 'gi');
const IS_DIRECTIVE = new RegExp(`^(?:${DIRECTIVE}|Bearer|Basic)$`, 'i');

/** A name, and where its value begins, as JSON, YAML and XML write pairs: `"name": "A", "value": `, `key="A" value=`. */
const PAIR =
  /(?<![\w.-])(?:name|key)\\{0,8}["']?\s{0,9}[:=]\s{0,9}\\{0,8}["']?([\w.-]{1,200})\\{0,8}["']?\s{0,99}[,;]?\s{0,99}\\{0,8}["']?value\\{0,8}["']?\s{0,9}[:=]\s{0,9}/gi;

/** `<password>hunter2`. */
const ELEMENT = /(<([\w:.-]{1,200})(?:\s[^<>]{0,999})?>)([^<]+)/g;

/** A text that has none of these assigns nothing and has no credentials, and most are such. */
const MAY_GIVE_AWAY = new RegExp(`[=:-]|bearer|basic|</|${DIRECTIVE}`, 'i');

/** Takes out a secret: gives what stands for it. */
type Hide = (secret: string) => string;

/**
 * A text without the secrets that it gives away: known kinds of token, what is assigned to a secret's
 * name or flag, credentials of headers and of addresses. Rather hides more than less. `found` is told what was taken out.
 */
export function redactText(text: string, found?: (secret: string) => void): string {
  const hide: Hide = (secret) => {
    found?.(secret);
    return REDACTED;
  };
  if (isSecretValue(text)) return hide(text);
  if (!MAY_GIVE_AWAY.test(text)) return text;
  return redactAssigned(redactPairs(redactPasswordFlags(text, hide), hide), hide)
    .replace(
      DIRECTED,
      (all, name: string, space: string) => name + space + hide(all.slice(name.length + space.length)),
    )
    .replace(
      BEARER,
      (all, scheme: string, space: string) => scheme + space + hide(all.slice(scheme.length + space.length)),
    )
    .replace(USER_INFO, (all) =>
      all.replace(/:(\/\/)?([^]+)/, (_, slashes = '', secret) => `:${slashes}${hide(secret)}@`),
    );
}

/** True if the word before it makes a word of a command a secret: `--password`, `Bearer`. */
export function isGivenAway(word: string, previous: string): boolean {
  if (IS_DIRECTIVE.test(previous)) return true;
  return /^--?[\w.-]+$/.test(previous) && isAssignedSecret(previous, word);
}

function redactPairs(text: string, hide: Hide): string {
  let shown = text;
  if (/value/i.test(text)) {
    shown = replaceValues(text, PAIR, hide, ([all, name = ''], start) =>
      isSecretName(name) ? endOfValue(text, start + all.length, ':') : undefined,
    );
  }
  if (!shown.includes('</')) return shown;
  return shown.replace(ELEMENT, (all, tag: string, name: string, value: string) =>
    isSecretName(name) ? tag + hide(value) : all,
  );
}

function redactAssigned(text: string, hide: Hide): string {
  return replaceValues(text, ASSIGNED, hide, ([all, name = '', , sign = ''], at) => {
    if (!isAssignment(text.charAt(at - 1), name, sign) || !mayTakeSecret(name)) return undefined;
    const start = at + all.length;
    const stop = endOfValue(text, start, isProperty(name, sign) ? ':' : sign);
    return isAssignedSecret(name, text.slice(start, stop)) ? stop : undefined;
  });
}

/** Hides what follows each match, up to where `endOf` says that it ends; none that lies in another. */
function replaceValues(
  text: string,
  pattern: RegExp,
  hide: Hide,
  endOf: (match: RegExpExecArray, at: number) => number | undefined,
): string {
  let shown = '';
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    const start = match.index + match[0].length;
    const stop = match.index < end ? undefined : endOf(match, match.index);
    if (stop === undefined || stop <= start) continue;
    shown += text.slice(end, start) + hide(text.slice(start, stop));
    end = stop;
  }
  return shown + text.slice(end);
}

/** A file of properties takes the rest of the line: `spring.datasource.password=a b`, `password = a b`. */
function isProperty(name: string, sign: string): boolean {
  return sign.includes('=') && (/^\s+=/.test(sign) || /^\w[\w-]*\./.test(name));
}

/** White space assigns to flags alone, and a colon within an ARN or an image's name assigns nothing. */
function isAssignment(before: string, name: string, sign: string): boolean {
  if (sign.trim() === '') return name.startsWith('-');
  return sign !== ':' || (before !== ':' && before !== '/');
}

/** Most names do not, and where their values end is of no interest then. */
function mayTakeSecret(name: string): boolean {
  return isSecretName(name) || USER_FLAG.test(name);
}

function isAssignedSecret(name: string, value: string): boolean {
  return value !== '' && (isSecretName(name) || (USER_FLAG.test(name) && value.includes(':')));
}

function endOfValue(text: string, start: number, sign: string): number {
  const from = endOf(SCHEME, text, start);
  if (!sign.includes(':') && !/[[{]/.test(text.charAt(from))) return endOf(WORD, text, from);
  const quoted = endOf(QUOTED, text, from);
  return quoted > from ? quoted : endOf(REST, text, from);
}

/** Where a sticky pattern ends that begins at `start`; `start` itself if it does not. */
function endOf(pattern: RegExp, text: string, start: number): number {
  pattern.lastIndex = start;
  return pattern.test(text) ? pattern.lastIndex : start;
}

/**
 * True for an ARN and what may be the name of a parameter, also with placeholders. Anything else that stands where a
 * secret is named is most likely the secret itself. A word such as `db2` is the name of a parameter to ECS, whatever
 * else it may be.
 */
export function isSecretReference(valueFrom: string): boolean {
  return valueFrom.startsWith('arn:') || /^(?:[\w./-]|\$\{\w+\})+$/.test(valueFrom);
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
