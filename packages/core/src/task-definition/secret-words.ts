import { passwordEnds } from './password-flags.js';
import { isGivenAway } from './secrets.js';

/**
 * What the words of a command give away: for each the end of it that is a secret, `''` where none is. A secret is
 * what follows a flag of such a name (`--password`, also over a `=` of its own), and what programs take after others.
 */
export function secretEnds(words: readonly unknown[]): readonly string[] {
  const passwords = passwordEnds(words);
  return words.map((word, index) => {
    if (typeof word !== 'string') return '';
    const previous = words[index - 1] === '=' ? words[index - 2] : words[index - 1];
    const isSecret = word !== '=' && typeof previous === 'string' && isGivenAway(word, previous);
    return isSecret ? word : (passwords[index] ?? '');
  });
}
