import { enqueue } from '../../src/dispatch/enqueue.ts';
import { sendCustomNotification, sendTestNotification } from '../../src/dispatch/send-to-self.ts';
import { templateIds } from '../../src/templates/model.ts';
import { systemTemplates } from '../../src/templates/system-templates.ts';
import { cases } from '../templates/cases.ts';

/** Objects of an application that the messages are about. */
const targets = ['3f0a7c52-9b1e-4d7a-8a52-0d5a5f3c1e01', '7be1d0e4-52d6-4b8c-9d0f-6a1c2b3d4e02'];

/** Enqueues one realistic message of each template for this user, who is also the viewer of the context. */
export async function enqueueEveryTemplate(context: Parameters<typeof enqueue>[0], userId: string): Promise<void> {
  for (const { id, name } of systemTemplates) {
    const { labels = {}, data } = cases[name] ?? {};
    const { custom_title: title, custom_message: message } = labels;
    if (id === templateIds.troubleshooting) await sendTestNotification(context);
    else if (id === templateIds.custom) await sendCustomNotification(context, { title, message });
    else await enqueue(context, { template: id, recipients: [userId], labels, data, targets });
  }
}

/** Gives the user a preference for each template, so that those that are off by default are sent, too. */
export const wantEveryTemplate = (userId: string) => ({
  text: 'insert into preferences (user_id, template_id, disabled) select $1, id, false from templates',
  values: [userId],
});

/** A notification written by a person, with Markdown, HTML and a link. */
export const writtenByAPerson = {
  subject: 'Rooms *change* <today>',
  message:
    '# Moved\n\nSee [the plan](https://example.com/a?b=1&c=2).\n\n<script>alert(1)</script>\n\n- **one**\n- two & three',
};
