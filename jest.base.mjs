/** One jest configuration for every package: native ESM, TypeScript stripped by swc (tsc checks types elsewhere). */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  watchman: false,
  maxWorkers: 2,
  // A hang is what this is for: a test that starts several bundles may take its time on a busy machine.
  testTimeout: 120_000,
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': ['$1.ts', '$1.js'] },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
};
