/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/tests'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'es6' }, sourceMaps: 'inline' },
    ],
  },
  // The sources of the client, because its build may not exist.
  moduleNameMapper: {
    '^@tidings/client$': '<rootDir>/packages/client/src/index.ts',
    '^@tidings/client/(.*)$': '<rootDir>/packages/client/src/$1.ts',
  },
  setupFilesAfterEnv: ['<rootDir>/tests/support/openapi/fail-on-faults.ts'],
  globalSetup: '<rootDir>/tests/support/global-setup.mjs',
  globalTeardown: '<rootDir>/tests/support/global-teardown.mjs',
  testTimeout: 30_000,
  maxWorkers: 2,
  // Contexts of finished files are not freed: after 200 files a worker would reach the limit of its heap.
  workerIdleMemoryLimit: '1500MB',
  // A worker on a busy machine may take longer to exit than Jest's half second; one that never exits leaks.
  workerGracefulExitTimeout: 15_000,
};
