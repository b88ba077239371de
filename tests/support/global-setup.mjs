import './typescript.mjs';

/** Starts the database server of the test run; `global-teardown.mjs` stops it. */
export default async function setUp() {
  // The elements and pages as they are now, also if `npm run generate` ran before a change.
  await import('../../tools/bundle-elements.mjs');
  await import('../../tools/bundle-pages.mjs');
  const { serverVariable, startTestServer } = await import('./server.ts');
  const { stop, ...server } = await startTestServer();
  process.env[serverVariable] = JSON.stringify(server);
  globalThis.stopTestServer = stop;
}
