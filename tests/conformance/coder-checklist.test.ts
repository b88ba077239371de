import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';

// The checklist of the Coder face: the cases that the reference's own tests assert, by their numbers, and the test here
// that has each of them.

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

/** The number of the case, the file below `tests/`, and the words by which its test is found there. */
const covered: readonly (readonly [number, string, string])[] = [
  [1, inbox, '1 bad targets'],
  [2, inbox, '2 bad templates'],
  [3, inbox, '3 an unknown read_status'],
  [4, inbox, '4 a bad starting_before'],
  [5, inbox, '5 gives no items and no count'],
  [6, inbox, '6 is empty for somebody new'],
  [7, inbox, '7 gives pages of 25'],
  [8, inbox, '8 gives every item an icon'],
  [9, inbox, '9 narrows by template'],
  [10, inbox, '10 narrows by target'],
  [11, inbox, '11 narrows by both'],
  [12, readStatus, '12 is set and taken back'],
  [13, readStatus, '13 is refused for an id that is none'],
  [14, readStatus, '14 is refused for an item'],
  [15, readStatus, '15 leaves the items'],
  [16, watch, "'16 "],
  [17, watch, "'17 "],
  [18, watch, "'18 "],
  [19, watch, "'19 "],
  [20, watch, "'20 "],
  [21, 'templates/icon', 'gets that of its template group (21)'],
  [21, 'templates/icon', 'a notification keeps its own icon (21)'],
  [21, 'templates/icon', 'a notification of an unknown template gets the generic icon (21)'],
  [22, account, '22 to 24 are read by everybody'],
  [23, account, '22 to 24 are read by everybody'],
  [24, account, '22 to 24 are read by everybody'],
  [25, account, '25 are none for somebody new'],
  [26, account, '26 another member'],
  [27, account, '27 and 28 of others'],
  [28, account, '27 and 28 of others'],
  [29, account, '29 are one after adding one'],
  [30, account, '30 stay as they are'],
  [31, messages, '31 are smtp and webhook, and smtp is the default'],
  [31, messages, '31 have it as the default'],
  [32, templates, '32 are listed for everybody'],
  [33, templates, '33 have no method at first'],
  [34, templates, '34 a member'],
  [35, templates, '35 take no method of another name'],
  [36, templates, '36 take the same method twice'],
  [37, messages, '37 is enqueued once'],
  [37, send, 'exactly one message of the test template'],
  [38, messages, '38 is not for members'],
  [39, messages, '39 blank words'],
  [41, messages, '41 goes from a member to the same member'],
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
  [63, webhook, "['hangs', () => undefined, 'no answer within 150 ms']"],
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

/** The cases that are about the reference's own product, and why there is nothing here that they could be asked of. */
const leftOut: Readonly<Record<number, string>> = {
  40: 'Coder makes users for itself, such as the owner of prebuilt workspaces, who may not send. Here are no such users.',
  65: 'The report counts failed builds of workspaces, which the service knows nothing of. Its template is here (66).',
};

/** Of cases that are here, the parts that are not. */
const partsLeftOut: Readonly<Record<number, string>> = {
  61: 'Name and logo come with the configuration, so no store can fail to give them.',
  62: 'The user and the template of a delivery are foreign keys: a bad id cannot be stored, and who deletes them deletes it.',
  63: 'An address that is none is refused at start, before anything could be sent there.',
  64: 'Nodemailer signs in by PLAIN without an identity, and passes over mechanisms it does not know.',
};

const numbers = Array.from({ length: 66 }, (_, place) => place + 1);

describe('the checklist of the Coder face', () => {
  it('is covered whole, or says why not', () => {
    const known = [...covered.map(([number]) => number), ...Object.keys(leftOut).map(Number)];

    expect([...new Set(known)].sort((a, b) => a - b)).toEqual(numbers);
    expect(covered.filter(([number]) => number in leftOut)).toEqual([]);
    expect(Object.keys(partsLeftOut).filter((number) => number in leftOut)).toEqual([]);
  });

  it.each(covered)('has case %d in %s: %s', async (_number, file, words) => {
    expect(await readFile(new URL(`../${file}.test.ts`, import.meta.url), 'utf8')).toContain(words);
  });
});
