import type { Page } from 'playwright-core';
import { createNotifications } from '../../../src/notifications/write.ts';
import type { Person } from '../../support/app.ts';
import type { Stage } from './stage.ts';
import { week } from './week.ts';

/** The time of the pages in the pictures. */
export const theTime = '2026-03-18T15:30:00Z';

/** A user with notifications of a week, of which the newest three are new. */
export async function aUserWithAWeek(stage: Stage): Promise<Person> {
  const person = await stage.aUser();
  const context = stage.app.contextOf(stage.app.people.admin);
  for (const { subject, message, hoursAgo, template, action, link } of week) {
    const timestamp = new Date(Date.parse(theTime) - hoursAgo * 3_600_000);
    const [row] = await createNotifications(context, [{ recipient: person.id, subject, message }]);
    if (!row) throw new Error('Nothing was created.');
    const actions = link ? [{ label: 'Open', url: link }] : [];
    await stage.app.db.prisma.notification.update({
      where: { id: BigInt(row.id) },
      data: { timestamp, actions, template_id: template ?? null },
    });
    if (action === undefined) continue;
    await stage.ask(person, 'mutation ($data: change_inbox_input!) { change_inbox(data: $data) { id } }', {
      data: { ids: [String(row.id)], action },
    });
    await stage.ask(person, 'mutation { mark_inbox_seen { unseen_count } }');
  }
  return person;
}

/** Waits until nothing moves and no font is loading. */
export async function settle(page: Page): Promise<void> {
  await page.evaluate(`document.fonts.ready.then(() => new Promise((resolve) => {
    const isMoving = ({ playState, effect }) =>
      playState === 'running' && effect.getComputedTiming().iterations !== Infinity;
    const look = () => document.getAnimations().some(isMoving) ? requestAnimationFrame(look) : resolve();
    requestAnimationFrame(() => requestAnimationFrame(look));
  }))`);
}
