/** A flag that takes a password although its name says nothing of it. */
interface PasswordFlag {
  /** The programs that take it, or what makes them ask for it, wherever they are named. */
  readonly programs: RegExp;
  /** Source of a pattern. */
  readonly flag: string;
  /** True where the next word is the password, too: `-p hunter2`. Glued to the flag it is in any case. */
  readonly next: boolean;
  /** True where the password stands behind a user and a colon, and there may be none. */
  readonly user?: true;
}

const PASSWORD_FLAGS: readonly PasswordFlag[] = [
  { programs: program('mysql|mariadb|mycli|7z'), flag: '-p', next: false },
  { programs: program('sshpass|mongo|cqlsh'), flag: '-p', next: true },
  // Docker, Podman, Azure, Helm: with `login` only, since -p publishes a port elsewhere.
  { programs: /(?<![\w.-])login(?![\w.-])/, flag: '-p', next: true },
  { programs: program('redis-cli|valkey-cli|keydb-cli'), flag: '-a', next: true },
  {
    programs: program('sqlcmd|bcp|osql|mssql-cli|mosquitto_|ipmitool|zip|unzip'),
    flag: '-P',
    next: true,
  },
  { programs: program('ldap'), flag: '-w', next: true },
  // Also at the end of several flags in one word: -sSu.
  { programs: program('curl'), flag: '-[#\\w]{0,15}?[uU]', next: true, user: true },
];

/** Programs whose names begin like this. */
function program(beginnings: string): RegExp {
  return new RegExp(`(?<![\\w.-])(?:${beginnings})`);
}

/**
 * A text without the passwords that flags like `mysql -phunter2` give away. Rather hides more than less: a flag of
 * another program that stands beside such a one is taken for its.
 */
export function redactPasswordFlags(text: string, hide: (secret: string) => string): string {
  return flagsOf([text]).reduce((shown, { flag, next, user }) => {
    const given = `(?<![^\\s"'])(${flag}${next ? '\\s*' : ''})((?:"[^"]*"?|'[^']*'?|[^\\s"'])+)`;
    return shown.replace(new RegExp(given, 'g'), (all, start: string, password: string) =>
      user && !password.includes(':') ? all : start + hide(password),
    );
  }, text);
}

/** What ends each word of a command that such a flag makes a password; `''` where nothing does. */
export function passwordEnds(words: readonly unknown[]): readonly string[] {
  const flags = flagsOf(words).map(({ flag, ...rest }) => ({
    ...rest,
    whole: new RegExp(`^${flag}$`),
    glued: new RegExp(`^${flag}([^]+)$`),
  }));
  return words.map((word, index) => {
    if (typeof word !== 'string') return '';
    const previous = words[index - 1];
    for (const { whole, glued, next, user } of flags) {
      const isNext = next && typeof previous === 'string' && whole.test(previous);
      const password = isNext ? word : whole.test(word) ? '' : (glued.exec(word)?.[1] ?? '');
      if (password !== '' && (!user || password.includes(':'))) return password;
    }
    return '';
  });
}

function flagsOf(words: readonly unknown[]): readonly PasswordFlag[] {
  return PASSWORD_FLAGS.filter(({ programs }) =>
    words.some((word) => typeof word === 'string' && programs.test(word)),
  );
}
