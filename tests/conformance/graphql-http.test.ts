import { describe, expect, it } from '@jest/globals';
import { serverAudits } from 'graphql-http';
import { useTestApp } from '../support/app.ts';

describe('GraphQL over HTTP', () => {
  const app = useTestApp();
  const audits = serverAudits({ url: () => `${app().url}/graphql/system`, fetchFn: fetch });

  for (const audit of audits) {
    it(audit.name, async () => {
      const result = await audit.fn();

      expect(result).toMatchObject({ status: 'ok' });
    });
  }
});
