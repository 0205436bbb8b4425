import { REDACTED } from './redacted.js';

/** A flag that takes a password although its name says nothing of it. */
interface PasswordFlag {
  /** The programs that take it, wherever they are named. */
  readonly programs: RegExp;
  readonly flag: string;
  /** True where the next word is the password, too: `-p hunter2`. Glued to the flag it is in any case. */
  readonly next: boolean;
}

const PASSWORD_FLAGS: readonly PasswordFlag[] = [
  { programs: /(?<![\w.-])(?:mysql|mariadb|mycli)/, flag: '-p', next: false },
  { programs: /(?<![\w.-])(?:sshpass|mongo)/, flag: '-p', next: true },
  { programs: /(?<![\w.-])redis-cli/, flag: '-a', next: true },
];

/**
 * A text without the passwords that flags like `mysql -phunter2` give away. Rather hides more than less: a flag of
 * another program that stands beside such a one is taken for its.
 */
export function redactPasswordFlags(text: string): string {
  return flagsOf([text]).reduce((shown, { flag, next }) => {
    const given = `(?<![^\\s"'])(${flag}${next ? '\\s*' : ''})`;
    return shown.replace(new RegExp(`${given}(?:"[^"]*"?|'[^']*'?|[^\\s"'])+`, 'g'), `$1${REDACTED}`);
  }, text);
}

/** {@link redactPasswordFlags} for the words of a command: what can be shown of each. */
export function redactPasswordWords(words: readonly unknown[]): readonly unknown[] {
  return flagsOf(words).reduce<readonly unknown[]>((shown, { flag, next }) => {
    return shown.map((word, index) => {
      if (typeof word !== 'string' || word === flag) return word;
      if (next && shown[index - 1] === flag) return REDACTED;
      return word.startsWith(flag) ? flag + REDACTED : word;
    });
  }, words);
}

function flagsOf(words: readonly unknown[]): readonly PasswordFlag[] {
  return PASSWORD_FLAGS.filter(({ programs }) =>
    words.some((word) => typeof word === 'string' && programs.test(word)),
  );
}
