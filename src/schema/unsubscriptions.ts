import { readUnsubscriptionState, type UnsubscriptionState, unsubscribe } from '../preferences/unsubscribe.ts';
import { builder } from './builder.ts';

const Unsubscription = builder.objectRef<UnsubscriptionState>('notification_unsubscriptions').implement({
  description: 'What the unsubscribe link of an e-mail switches off.',
  fields: (t) => ({
    template_name: t.exposeString('template_name', {
      nullable: true,
      description: 'The name of the template; null for e-mails without a template.',
    }),
    unsubscribed: t.exposeBoolean('unsubscribed', { description: 'Whether it is switched off now.' }),
  }),
});

const token = { required: true, description: 'The last part of the link in the e-mail.' } as const;

builder.queryField('notification_unsubscription', (t) =>
  t.field({
    type: Unsubscription,
    description: 'What the unsubscribe link of an e-mail switches off. The token is the only right that is needed.',
    args: { token: t.arg.string(token) },
    resolve: (_root, args, context) => readUnsubscriptionState(context, args.token),
  }),
);

builder.mutationField('unsubscribe_notifications', (t) =>
  t.field({
    type: Unsubscription,
    description:
      'Switches off what the unsubscribe link of an e-mail names: the template for its user, or e-mails without a template.',
    args: { token: t.arg.string(token) },
    resolve: (_root, args, context) => unsubscribe(context, args.token),
  }),
);
