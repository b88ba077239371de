import { readUnsubscriptionState, type UnsubscriptionState, unsubscribe } from '../preferences/unsubscribe.ts';
import { builder } from './builder.ts';

const Unsubscription = builder.objectRef<UnsubscriptionState>('notification_unsubscriptions').implement({
  description: 'The notifications that the unsubscribe link of an e-mail disables.',
  fields: (t) => ({
    template_name: t.exposeString('template_name', {
      nullable: true,
      description: 'The name of the template; null for e-mails without a template.',
    }),
    unsubscribed: t.exposeBoolean('unsubscribed', { description: 'Whether these notifications are disabled now.' }),
  }),
});

const token = { required: true, description: 'The last part of the link in the e-mail.' } as const;

builder.queryField('notification_unsubscription', (t) =>
  t.field({
    type: Unsubscription,
    description:
      'The notifications that the unsubscribe link of an e-mail disables. The token of the link suffices; no sign-in is needed.',
    args: { token: t.arg.string(token) },
    resolve: (_root, args, context) => readUnsubscriptionState(context, args.token),
  }),
);

builder.mutationField('unsubscribe_notifications', (t) =>
  t.field({
    type: Unsubscription,
    description:
      'Disables the notifications that the unsubscribe link of an e-mail names, for the user of the link: those of one template, or e-mails without a template.',
    args: { token: t.arg.string(token) },
    resolve: (_root, args, context) => unsubscribe(context, args.token),
  }),
);
