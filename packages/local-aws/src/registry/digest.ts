import { createHash } from 'node:crypto';

/** The algorithms that the OCI image specification registers, with the length of their hex form. */
const hexLengths = { sha256: 64, sha512: 128 } as const;

/** A hash algorithm of the OCI image specification. */
export type Algorithm = keyof typeof hexLengths;

/** True for `sha256:` or `sha512:` followed by lower-case hex of the right length. */
export function isDigest(text: string): boolean {
  const [algorithm = '', hex = ''] = text.split(':', 2);
  return isAlgorithm(algorithm) && hex.length === hexLengths[algorithm] && /^[0-9a-f]+$/.test(hex);
}

/** The algorithm of a valid digest. */
export function algorithmOf(digest: string): Algorithm {
  return digest.startsWith('sha512:') ? 'sha512' : 'sha256';
}

/** `algorithm:hex` of the bytes. */
export function digestOf(bytes: Buffer, algorithm: Algorithm = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}

function isAlgorithm(text: string): text is Algorithm {
  return text in hexLengths;
}
