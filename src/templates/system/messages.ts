import type { SystemTemplate } from '../model.ts';

/** Messages that people send: the delivery test, and custom messages. */
export const messageTemplates: readonly SystemTemplate[] = [
  {
    id: 'c425f63e-716a-4bf4-ae24-78348f706c3f',
    name: 'Troubleshooting Notification',
    group: 'Notification Events',
    title: 'Delivery check',
    body: 'If you can read this, notification delivery works.',
    actions: [{ label: 'Notification settings', url: '{{ base_url }}/deployment/notifications?tab=settings' }],
  },
  {
    id: '39b1e189-c857-4b0c-877a-511144c18516',
    name: 'Custom Notification',
    group: 'Custom Events',
    kind: 'custom',
    title: '{{ labels.custom_title }}',
    body: '{{ labels.custom_message }}',
    actions: [],
  },
];
