import type { SystemTemplate } from '../model.ts';

/** Messages about accounts, to their owners and to admins. */
export const accountTemplates: readonly SystemTemplate[] = [
  {
    id: '62f86a30-2330-4b61-a26d-311ff3b608cf',
    name: 'One-Time Passcode',
    group: 'User Events',
    title: 'Password reset requested',
    body: 'Someone asked for a password reset on this account. Follow the link to choose a new password, or ignore this message if it was not you.',
    actions: [
      {
        label: 'Choose new password',
        url: '{{ base_url }}/reset-password/change?otp={{ labels.one_time_passcode }}&email={{ user_email | url_encode }}',
      },
    ],
  },
  {
    id: '9f5af851-8408-4e73-a7a1-c6502ba46689',
    name: 'User account activated',
    group: 'User Events',
    title: 'Account {{ labels.activated_account_name }} is active again',
    body: '**{{ labels.initiator }}** activated **{{ labels.activated_account_name }}**{% if labels.activated_account_user_name %} ({{ labels.activated_account_user_name }}){% endif %}.',
    actions: [{ label: 'Show accounts', url: '{{ base_url }}/deployment/users?filter=status%3Aactive' }],
  },
  {
    id: '4e19c0ac-94e1-4532-9515-d1801aa283b2',
    name: 'User account created',
    group: 'User Events',
    title: 'New account {{ labels.created_account_name }}',
    body: '**{{ labels.initiator }}** created **{{ labels.created_account_name }}**{% if labels.created_account_user_name %} for {{ labels.created_account_user_name }}{% endif %}.',
    actions: [{ label: 'Show accounts', url: '{{ base_url }}/deployment/users?filter=status%3Aactive' }],
  },
  {
    id: 'f44d9314-ad03-4bc8-95d0-5cad491da6b6',
    name: 'User account deleted',
    group: 'User Events',
    title: 'Account {{ labels.deleted_account_name }} removed',
    body: '{% if labels.initiator %}**{{ labels.initiator }}**{% else %}Somebody{% endif %} removed **{{ labels.deleted_account_name }}**{% if labels.deleted_account_user_name %} ({{ labels.deleted_account_user_name }}){% endif %}.',
    actions: [{ label: 'Show accounts', url: '{{ base_url }}/deployment/users?filter=status%3Aactive' }],
  },
  {
    id: 'b02ddd82-4733-4d02-a2d7-c36f3598997d',
    name: 'User account suspended',
    group: 'User Events',
    title: 'Account {{ labels.suspended_account_name }} on hold',
    body: '**{{ labels.initiator }}** suspended **{{ labels.suspended_account_name }}**{% if labels.suspended_account_user_name %} ({{ labels.suspended_account_user_name }}){% endif %}.',
    actions: [{ label: 'Show suspended accounts', url: '{{ base_url }}/deployment/users?filter=status%3Asuspended' }],
  },
  {
    id: '1a6a6bea-ee0a-43e2-9e7c-eabdb53730e4',
    name: 'Your account has been activated',
    group: 'User Events',
    title: 'You can sign in again as {{ labels.activated_account_name }}',
    body: '**{{ labels.initiator }}** activated your account **{{ labels.activated_account_name }}**.',
    actions: [{ label: 'Sign in', url: '{{ base_url }}' }],
  },
  {
    id: '6a2f0609-9b69-4d36-a989-9f5925b6cbff',
    name: 'Your account has been suspended',
    group: 'User Events',
    title: 'Your account {{ labels.suspended_account_name }} is on hold',
    body: '**{{ labels.initiator }}** suspended your account **{{ labels.suspended_account_name }}**.',
    actions: [],
  },
];
