import { statement } from '../../database/statement.ts';
import { type PurgedStep, purgeLock, purgeResult, purgeValues, scannedIds } from './purge-fragments.ts';

/**
 * Deletes old payloads that no delivery references: one step through the primary key. A payload is stored together with
 * its deliveries, whose ids begin with the same time. A payload that has no deliveries now never gets any.
 */
export const purgePayloadStep = statement<PurgedStep>()({
  name: 'purge_payloads',
  text: `
  with ${purgeLock},
  ${scannedIds('payloads')},
  deleted as (
    delete from payloads
    where id = any (array(select id from scanned))
      and not exists (
        select from deliveries
        where payload_id = payloads.id
          and id between (left(payloads.id::text, 13) || '-0000-0000-000000000000')::uuid
                     and (left(payloads.id::text, 13) || '-ffff-ffff-ffffffffffff')::uuid
      )
    returning 1
  )
  ${purgeResult}`,
  values: purgeValues,
});
