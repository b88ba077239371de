import {
  readUnsubscriptionState,
  type UnsubscriptionState,
  undoUnsubscribe,
  unsubscribe,
} from '../preferences/unsubscribe.ts';
import { rotateUnsubscribeKey } from '../preferences/unsubscribe-token.ts';
import { builder } from './builder.ts';

const Unsubscription = builder.objectRef<UnsubscriptionState>('notification_unsubscriptions').implement({
  description: 'The notifications that the unsubscribe link of an e-mail disables.',
  fields: (t) => ({
    template_name: t.exposeString('template_name', {
      nullable: true,
      description: 'The name of the template; null for e-mails without a template.',
    }),
    channel: t.exposeString('channel', {
      nullable: true,
      description: '`smtp`: only the e-mails. Null: by every channel, as the links of earlier versions do.',
    }),
    unsubscribed: t.exposeBoolean('unsubscribed', { description: 'Whether these notifications are disabled now.' }),
    undoable: t.exposeBoolean('undoable', {
      description: 'Whether the link itself disabled them, so that `undo_unsubscribe` enables them again.',
    }),
    locked: t.exposeBoolean('locked', {
      description: 'Whether their category requires them, so that nothing disables them.',
    }),
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
      'Disables the notifications that the unsubscribe link of an e-mail names, for the user of the link: the e-mails of one template, or those without a template. Links of earlier versions disable a template for every channel.',
    args: { token: t.arg.string(token) },
    resolve: (_root, args, context) => unsubscribe(context, args.token),
  }),
);

builder.mutationField('undo_unsubscribe', (t) =>
  t.field({
    type: Unsubscription,
    description:
      'Enables the notifications again that the unsubscribe link of an e-mail disabled. What the user disabled otherwise stays disabled.',
    args: { token: t.arg.string(token) },
    resolve: (_root, args, context) => undoUnsubscribe(context, args.token),
  }),
);

builder.mutationField('rotate_unsubscribe_key', (t) =>
  t.boolean({
    description:
      'Replaces the key that signs the unsubscribe links of e-mails. Links that were signed with the replaced key are valid until the next rotation; older ones are not. Admins only.',
    resolve: async (_root, _args, context) => {
      await rotateUnsubscribeKey(context);
      return true;
    },
  }),
);
