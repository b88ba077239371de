import { describe, expect, it } from '@jest/globals';
import { createUsers, updateUsers } from '../../src/users/write.ts';
import { failureOf, people } from '../notifications/people.ts';
import { onTestDatabase } from '../support/database.ts';

const { db } = await onTestDatabase();
const { admin } = await people(db);

const stored = (id: string | undefined) => db.prisma.user.findUniqueOrThrow({ where: { id: id ?? '' } });

describe('the external id of a user', () => {
  it('is stored unchanged and is unique; upper and lower case differ', async () => {
    const [first, second] = await createUsers(admin, [{ external_id: ' Crm/42 ' }, { external_id: ' crm/42 ' }]);

    expect((await stored(first)).external_id).toBe(' Crm/42 ');
    expect((await stored(second)).external_id).toBe(' crm/42 ');
    expect(await failureOf(createUsers(admin, [{ external_id: ' Crm/42 ' }]))).toMatchObject({
      code: 'RECORD_NOT_UNIQUE',
      field: 'external_id',
    });
  });

  it('has 1 to 255 characters and is not "me"', async () => {
    const [id] = await createUsers(admin, [{ external_id: 'x'.repeat(255) }]);

    expect(id).toBeDefined();
    for (const external_id of ['', 'me', 'a\0']) {
      expect(await failureOf(createUsers(admin, [{ external_id }]))).toMatchObject({
        code: 'FAILED_VALIDATION',
        field: 'external_id',
      });
    }
    expect(await failureOf(createUsers(admin, [{ external_id: 'x'.repeat(256) }]))).toMatchObject({
      code: 'VALUE_TOO_LONG',
    });
  });
});

describe('the time zone of a user', () => {
  it.each([
    ['Europe/Berlin', 'Europe/Berlin'],
    ['europe/berlin', 'Europe/Berlin'],
    ['Asia/Kolkata', 'Asia/Kolkata'],
    ['UTC', 'UTC'],
    [null, null],
  ])('%s is stored as %s', async (timezone, expected) => {
    const [id = ''] = await createUsers(admin, [{ timezone: 'America/Lima' }]);

    await updateUsers(admin, [id], { timezone });

    expect((await stored(id)).timezone).toBe(expected);
  });

  it.each(['', '+01:00', 'Mars/Olympus', 'Europe/Berlin '])('%j is refused', async (timezone) => {
    expect(await failureOf(createUsers(admin, [{ timezone }]))).toMatchObject({
      code: 'FAILED_VALIDATION',
      field: 'timezone',
    });
  });
});
