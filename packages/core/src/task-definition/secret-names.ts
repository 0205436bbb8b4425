/** Words of names that mean a secret, without digits at their end. */
const SECRET_WORDS = new Set([
  'auth',
  'authorization',
  'bearer',
  'cookie',
  'cred',
  'credential',
  'credentials',
  'creds',
  'dsn',
  'hmac',
  'jwt',
  'key',
  'keys',
  'kubeconfig',
  'mnemonic',
  'netrc',
  'oauth',
  'otp',
  'pass',
  'passcode',
  'passphrase',
  'pat',
  'pem',
  'pepper',
  'pin',
  'private',
  'psk',
  'pw',
  'pwd',
  'salt',
  'sas',
  'secret',
  'secrets',
  'session',
  'sig',
  'signature',
  'sk',
  'token',
  'tokens',
  'totp',
  'webhook',
]);

/** Found inside a word too: `PGPASSWORD`, `githubtoken`. */
const SECRET_PARTS = [
  'basicauth',
  'connectionstring',
  'connstr',
  'credential',
  'keystore',
  'mnemonic',
  'passcode',
  'passphrase',
  'passw',
  'pwd',
  'secret',
  'seedphrase',
  'serviceaccountjson',
  'sessionid',
  'token',
];

/** Found at the end of a name: `DBPASS`. */
const SECRET_ENDINGS = ['pass', 'pw', 'salt'];

/** What a key is for, where the two are one word: `SIGNINGKEY`. Other words end like that, too: `MONKEY`. */
const KEYS = [
  ...['access', 'account', 'admin', 'aes', 'api', 'app', 'auth', 'cipher', 'client', 'consumer', 'crypto'],
  ...[
    'decryption',
    'deploy',
    'enc',
    'encrypt',
    'encryption',
    'gpg',
    'hmac',
    'host',
    'licence',
    'license',
    'master',
  ],
  ...[
    'pgp',
    'priv',
    'private',
    'rsa',
    'service',
    'shared',
    'sign',
    'signing',
    'ssh',
    'ssl',
    'storage',
    'tls',
  ],
];

const SECRET_NAME = new RegExp(
  `${SECRET_PARTS.join('|')}|(?:${SECRET_ENDINGS.join('|')})$|(?:${KEYS.join('|')})keys?(?:$|base64)`,
);

/** Every name of a secret has the beginning of one of these in it, and most names have none. */
const MAY_BE_SECRET = new RegExp(
  [...SECRET_WORDS, ...SECRET_PARTS, ...SECRET_ENDINGS, 'key'].map((word) => word.slice(0, 4)).join('|'),
  'i',
);

/** True if a variable, option or label of this name usually holds a secret. Generous: hiding too much harms nobody. */
export function isSecretName(name: string): boolean {
  if (!MAY_BE_SECRET.test(name)) return false;
  const words = name
    .replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .map((word) => word.replace(/(?<=\D)\d{1,9}$/, ''));
  return words.some((word) => SECRET_WORDS.has(word)) || SECRET_NAME.test(words.join(''));
}
