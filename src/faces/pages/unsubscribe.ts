import type { FastifyInstance, FastifyReply } from 'fastify';
import { anonymous } from '../../auth/viewer.ts';
import { ServiceError } from '../../errors.ts';
import { escapeHtml } from '../../escape-html.ts';
import { pageHeaders, writePage } from '../shared/html.ts';
import { mark } from '../shared/mark.ts';
import { pageStyle } from '../shared/page-style.ts';
import type { Services } from '../shared/services.ts';

const fields = '{ template_name channel unsubscribed undoable locked }';
const read = `query ($token: String!) { unsubscription: notification_unsubscription(token: $token) ${fields} }`;
const unsubscribe = `mutation ($token: String!) { unsubscription: unsubscribe_notifications(token: $token) ${fields} }`;
const undo = `mutation ($token: String!) { unsubscription: undo_unsubscribe(token: $token) ${fields} }`;

interface Answer {
  readonly unsubscription: {
    readonly template_name: string | null;
    readonly unsubscribed: boolean;
    readonly undoable: boolean;
    readonly channel: string | null;
    readonly locked: boolean;
  };
}

interface Route {
  readonly Params: { readonly token: string };
  readonly Querystring: { readonly undo?: string };
}

const style = `${pageStyle}
main{max-width:480px;margin:0 auto;padding:72px 24px}
.panel{background:var(--panel);border:1px solid var(--line);border-radius:14px;padding:28px;margin-top:28px;box-shadow:var(--shadow)}
h1{font-size:22px}
.panel p{margin-top:10px;color:var(--soft)}
button{font:inherit;font-weight:600;margin-top:22px;padding:10px 20px;border:0;border-radius:8px;cursor:pointer;
background:var(--accent);color:var(--on-accent)}
.more{margin-top:20px;text-align:center;font-size:15px}
@media (max-width:520px){main{padding:32px 18px}button{width:100%}}
`;

/**
 * The target of the unsubscribe link in e-mails. GET shows a button and changes nothing, because programs follow links
 * to look for malware. POST unsubscribes, from the button or from a mail program; with `?undo`, it undoes that.
 * @see https://www.rfc-editor.org/rfc/rfc8058
 */
export function registerUnsubscribe(
  app: FastifyInstance,
  { operations, createContext, config }: Pick<Services, 'operations' | 'createContext' | 'config'>,
): void {
  const send = (reply: FastifyReply, content: string) => sendPage(reply, content, config.servesPages);

  void app.register(async (scope) => {
    // Mail programs send a form. It is ignored, because the token in the path is sufficient.
    scope.addContentTypeParser('*', (_request, payload, done) => {
      payload.resume();
      done(null);
    });
    for (const [method, document] of [
      ['GET', read],
      ['POST', unsubscribe],
    ] as const) {
      scope.route<Route>({
        method,
        url: '/unsubscribe/:token',
        handler: async ({ params: { token }, query, span, charge }, reply) => {
          try {
            const isUndo = method === 'POST' && query.undo !== undefined;
            const operation = { document: isUndo ? undo : document, variables: { token } };
            const { unsubscription } = await operations.run<Answer>(
              operation,
              createContext(anonymous, { span, charge }),
            );
            return send(reply, bodyFor(unsubscription, isUndo));
          } catch (error) {
            if (!(error instanceof ServiceError) || error.code !== 'FAILED_VALIDATION') throw error;
            return send(reply.code(404), invalidLink);
          }
        },
      });
    }
  });
}

const invalidLink = '<h1>This link is not valid</h1><p>Please use the link of the e-mail as it is.</p>';

function bodyFor(unsubscription: Answer['unsubscription'], isUndo: boolean): string {
  const { unsubscribed, undoable, locked } = unsubscription;
  const what = subjectOf(unsubscription);
  if (locked) {
    return `<h1>These e-mails are required</h1><p>You get ${what}, because the operator of this service requires them.</p>`;
  }
  if (unsubscribed) {
    const button = undoable ? '<form method="post" action="?undo"><button type="submit">Undo</button></form>' : '';
    return `<h1>You are unsubscribed</h1><p>You no longer get ${what}.</p>${button}`;
  }
  if (isUndo) return `<h1>You are subscribed again</h1><p>You get ${what} again.</p>`;
  return `<h1>Unsubscribe?</h1><p>You will no longer get ${what}.</p>
<form method="post"><button type="submit">Unsubscribe</button></form>`;
}

function subjectOf({ template_name, channel }: Answer['unsubscription']): string {
  if (template_name === null) return 'notifications by e-mail';
  const kind = `of the kind “${escapeHtml(template_name)}”`;
  return channel === null ? `notifications ${kind}` : `e-mails ${kind}`;
}

/** @param hasPreferences whether there is a page for everything else that a reader may switch off */
function sendPage(reply: FastifyReply, content: string, hasPreferences: boolean): FastifyReply {
  const more = hasPreferences ? '<p class="more"><a href="../preferences">All notification preferences</a></p>' : '';
  const page = {
    title: 'Unsubscribe',
    body: `<main><span class="brand">${mark}Tidings</span><div class="panel">${content}</div>${more}</main>`,
    style,
    root: '../',
  };
  return reply
    .headers({ ...pageHeaders({ ...page, hasForm: true }), 'cache-control': 'no-store', 'x-robots-tag': 'noindex' })
    .type('text/html; charset=utf-8')
    .send(writePage(page));
}
