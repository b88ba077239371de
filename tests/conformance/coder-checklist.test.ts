import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';

// The checklist of the Coder face: the cases that Coder's own tests assert, by number, and the test here
// that covers each of them.

const inbox = 'faces/coder/inbox';
const readStatus = 'faces/coder/read-status';
const watch = 'faces/coder/watch';
const account = 'faces/coder/account';
const templates = 'faces/coder/templates';
const messages = 'faces/coder/messages';
const dispatcher = 'dispatch/dispatcher';
const leases = 'dispatch/leases';
const enqueue = 'dispatch/enqueue';
const send = 'dispatch/send-to-self';
const smtp = 'dispatch/smtp';
const webhook = 'dispatch/webhook';

/** The number of the case, the test file below `tests/`, and words that occur in the test covering the case. */
const covered: readonly (readonly [number, string, string])[] = [
  [1, inbox, 'malformed targets (1, 5)'],
  [2, inbox, 'malformed templates (2, 5)'],
  [3, inbox, 'the inbox refuses an unknown read_status with Coder’s message (3)'],
  [4, inbox, 'a malformed starting_before (4, 5)'],
  [5, inbox, 'the inbox refuses %s, without items or count'],
  [6, inbox, 'the inbox of a new user is empty (6)'],
  [7, inbox, 'with the unread count of the whole inbox (7)'],
  [8, inbox, 'every item has an icon (8)'],
  [9, inbox, 'leaves the unread count unchanged (9)'],
  [10, inbox, 'selects the items that have all of them (10)'],
  [11, inbox, 'filters by template and target can be combined (11)'],
  [12, readStatus, 'marking an item read and unread updates the unread count (12)'],
  [13, readStatus, 'the read status of a malformed id is refused (13)'],
  [14, readStatus, 'the read status of an item that is %s is refused (14)'],
  [15, readStatus, 'marking all as read keeps the items, and later ones are unread (15)'],
  [16, watch, '(16)'],
  [17, watch, '(17)'],
  [18, watch, '(18)'],
  [19, watch, '(19)'],
  [20, watch, '(20)'],
  [21, 'templates/icon', 'gets that of its template group (21)'],
  [21, 'templates/icon', 'a notification keeps its own icon (21)'],
  [21, 'templates/icon', 'a notification of an unknown template gets the generic icon (21)'],
  [22, account, '(22, 23, 24)'],
  [23, account, '(22, 23, 24)'],
  [24, account, '(22, 23, 24)'],
  [25, account, 'a new user has no preferences (25)'],
  [26, account, 'another member (26)'],
  [27, account, 'and the user sees the change (27, 28)'],
  [28, account, 'and the user sees the change (27, 28)'],
  [29, account, 'a user who stores one preference has one (29)'],
  [30, account, 'a change leaves the preferences that it does not name unchanged (30)'],
  [31, messages, 'the dispatch methods are smtp and webhook, with smtp as the default (31)'],
  [31, messages, 'has webhook as the default method (31)'],
  [32, templates, 'every user lists the system templates by name, with the fields that clients read (32)'],
  [33, templates, 'a template has no method until an admin sets one (33)'],
  [34, templates, 'a member (34)'],
  [35, templates, 'an unknown method of a template is refused (35)'],
  [36, templates, 'setting the same method of a template again is 304 (36)'],
  [37, messages, 'each request for a test notification enqueues one for the admin who sent it (37)'],
  [37, send, 'exactly one message of the test template'],
  [38, messages, 'a test notification is refused to members (38)'],
  [39, messages, 'a blank title and message (39)'],
  [41, messages, 'a custom notification is sent to the member who wrote it, with two labels (41)'],
  [42, dispatcher, 'delivers inbox copies (42)'],
  [43, smtp, 'message id and unsubscribe link (43)'],
  [44, webhook, 'a webhook contains all fields a receiver needs (44)'],
  [45, dispatcher, 'stores them all when it stops (45)'],
  [46, dispatcher, 'the dispatcher retries a message until it is sent (46)'],
  [47, leases, 'deliveries leased by a crashed node are sent by another one, with the same ids (47)'],
  [48, leases, 'a dispatch timeout that exceeds the lease period is refused (48)'],
  [49, dispatcher, 'a paused dispatcher delivers nothing, and everything once it is resumed (49)'],
  [50, enqueue, 'a template that is off by default and not enabled by the recipient is refused (50)'],
  [51, enqueue, 'a template disabled by the only recipient is refused (51)'],
  [52, dispatcher, 'a delivery is inhibited if its template was disabled after it was enqueued (52)'],
  [53, dispatcher, 'a template with a method of its own is sent by that method (53)'],
  [54, enqueue, 'the same message is refused on the same day (UTC) and accepted on the next (54)'],
  [55, send, 'the inbox as the default method (55)'],
  [55, send, 'an unknown default method (55)'],
  [56, enqueue, '(56)'],
  [57, enqueue, 'a one-time passcode is never sent to the inbox (57)'],
  [58, enqueue, 'action links are rendered with labels and the base URL (58)'],
  [59, dispatcher, 'the dispatcher can be stopped before it ran, while it starts, and twice (59)'],
  [
    60,
    'dispatch/metrics',
    'the metrics count attempts by result, retries, attempts in progress and stored updates (60)',
  ],
  [61, send, 'messages have a default application name and no logo'],
  [62, 'dispatch/inbox', 'a delivery becomes a notification with its id as uuid, and the change is published (62)'],
  [62, 'dispatch/inbox', 'one row that cannot be stored does not fail the rest of its batch'],
  [63, webhook, 'a webhook is sent when the response is %d (63)'],
  [63, webhook, 'a webhook is retried when the response is %d (63)'],
  [63, webhook, 'a webhook fails for good if no endpoint is configured (63)'],
  [63, webhook, "['hangs', () => undefined, 'no response within 1000 ms']"],
  [63, send, 'a webhook over FTP'],
  [64, smtp, 'a message is retried when the mail server refuses %s (64)'],
  [64, smtp, 'a mail server that offers %j gets a sign-in by %s (64)'],
  [64, smtp, 'the password file takes precedence over the password in the URL (64)'],
  [
    64,
    smtp,
    'a message is retried when the server refuses the password, but not when it supports no authentication (64)',
  ],
  [64, smtp, 'STARTTLS is used with a trusted certificate of the right name (64)'],
  [64, smtp, 'a message is retried while the certificate is not trusted, unless verification is off (64)'],
  [64, smtp, 'smtps uses TLS from the start (64)'],
  [64, smtp, 'an unreadable file of the mail configuration stops the start and is named (64)'],
  [66, 'dispatch/golden', 'the mail of a template equals its golden file (66)'],
  [66, 'dispatch/golden', 'the webhook of a template equals its golden file (66)'],
  [66, 'dispatch/golden', 'there is a golden file for every template, and no other (66)'],
];

/** The cases about parts of Coder that this service does not have, with the reason. */
const leftOut: Readonly<Record<number, string>> = {
  40: 'Coder creates users for itself, such as the owner of prebuilt workspaces, who may not send. There are none here.',
  65: 'The report counts failed builds of workspaces, which this service does not have. Its template is tested (66).',
};

/** The parts left out of cases that are tested here, with the reason. */
const partsLeftOut: Readonly<Record<number, string>> = {
  61: 'Name and logo come from the configuration, so reading them from a store cannot fail.',
  62: 'The user and template of a delivery are foreign keys: a wrong id cannot be stored, and deleting the user or template deletes the delivery.',
  63: 'An invalid URL is refused at start, before anything could be sent to it.',
  64: 'Nodemailer signs in by PLAIN without an identity, and skips mechanisms that it does not support.',
};

const numbers = Array.from({ length: 66 }, (_, index) => index + 1);

describe('the checklist of the Coder face', () => {
  it('every case of Coder’s checklist has a test or a reason why not', () => {
    const known = [...covered.map(([number]) => number), ...Object.keys(leftOut).map(Number)];

    expect([...new Set(known)].sort((a, b) => a - b)).toEqual(numbers);
    expect(covered.filter(([number]) => number in leftOut)).toEqual([]);
    expect(Object.keys(partsLeftOut).filter((number) => number in leftOut)).toEqual([]);
  });

  it.each(covered)('case %d of Coder’s checklist is tested in %s: %s', async (_number, file, words) => {
    expect(await readFile(new URL(`../${file}.test.ts`, import.meta.url), 'utf8')).toContain(words);
  });
});
