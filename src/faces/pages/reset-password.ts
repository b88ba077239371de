import type { FastifyInstance, FastifyReply } from 'fastify';
import { resetPagePath } from '../../auth/password-reset/password-resets.ts';
import { passwordLength } from '../../auth/secret-rules.ts';
import { ServiceError } from '../../errors.ts';
import { escapeHtml } from '../../escape-html.ts';
import { authClientOf } from '../shared/auth-client.ts';
import { pageHeaders, writePage } from '../shared/html.ts';
import { mark } from '../shared/mark.ts';
import { pageStyle } from '../shared/page-style.ts';
import type { Services } from '../shared/services.ts';

interface Route {
  readonly Querystring: { readonly token?: unknown };
  readonly Body: unknown;
}

/** A form has two passwords and nothing else. */
const bodyMax = 32 * 1024;

const style = `${pageStyle}
main{max-width:480px;margin:0 auto;padding:72px 24px}
.panel{background:var(--panel);border:1px solid var(--line);border-radius:14px;padding:28px;margin-top:28px;box-shadow:var(--shadow)}
h1{font-size:22px}
.panel p{margin-top:10px;color:var(--soft)}
.panel p.fault{color:var(--bad)}
label{display:block;margin-top:18px;font-weight:600}
input{font:inherit;color:inherit;display:block;width:100%;margin-top:6px;padding:9px 12px;background:var(--ground);
border:1px solid var(--soft);border-radius:8px}
.button{font:inherit;font-weight:600;display:inline-block;margin-top:22px;padding:10px 20px;border:0;border-radius:8px;
cursor:pointer;background:var(--accent);color:var(--on-accent);text-align:center}
@media (max-width:520px){main{padding:32px 18px}.button{width:100%}}
`;

const { least, most } = passwordLength;

/**
 * The page that the link in a mail leads to, unless the request named another address. GET shows a form and changes
 * nothing, because programs follow links to look for malware. The form works without a script.
 */
export function registerResetPassword(
  app: FastifyInstance,
  { passwordResets, config }: Pick<Services, 'passwordResets' | 'config'>,
): void {
  const { appName, appUrl } = config.dispatch;
  const target = appUrl ?? (config.servesPages ? './inbox' : undefined);
  const done = [
    '<h1>Your password is changed</h1><p>You are signed out everywhere. Sign in with the new password.</p>',
    ...(target === undefined
      ? []
      : [`<a class="button" href="${escapeHtml(target)}">Go to ${escapeHtml(appName)}</a>`]),
  ].join('\n');

  void app.register(async (scope) => {
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: bodyMax },
      (_request, text, parsed) => parsed(null, new URLSearchParams(String(text))),
    );

    scope.get<Route>(resetPagePath, async ({ query: { token } }, reply) => {
      try {
        await passwordResets.check(textOf(token));
        return send(reply, form());
      } catch (error) {
        return sendFault(reply, error);
      }
    });

    scope.post<Route>(resetPagePath, async (request, reply) => {
      const { query, body } = request;
      const given = body instanceof URLSearchParams ? body : new URLSearchParams();
      const password = given.get('password') ?? '';
      try {
        if (password !== (given.get('again') ?? '')) {
          await passwordResets.check(textOf(query.token));
          return send(reply.code(400), form('The passwords are not the same.'));
        }
        await passwordResets.reset({ token: textOf(query.token), password }, authClientOf(request, reply, config));
        return send(reply, done);
      } catch (error) {
        return sendFault(reply, error);
      }
    });
  });
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function form(fault?: string): string {
  const described = fault === undefined ? 'rule' : 'fault rule';
  const field = (name: string, label: string, more: string) =>
    `<label for="${name}">${label}</label>
<input id="${name}" name="${name}" type="password" autocomplete="new-password" required minlength="${least}" maxlength="${most}" aria-describedby="${described}"${more}>`;
  return `<h1>Choose a new password</h1>
${fault === undefined ? '' : `<p class="fault" id="fault" role="alert">${escapeHtml(fault)}</p>`}
<form method="post">
${field('password', 'New password', ' autofocus')}
${field('again', 'New password, again', '')}
<p id="rule">At least ${least} characters. You are then signed out everywhere.</p>
<button class="button" type="submit">Change password</button>
</form>`;
}

const invalidLink = `<h1>This link is no longer valid</h1>
<p>A link works once, for one hour after it was asked for, and only while the password and the e-mail address stay the
same. Please ask for a new one.</p>`;

/** Codes of a link that is not valid. */
const linkFaults: ReadonlySet<string> = new Set(['FORBIDDEN', 'INVALID_TOKEN', 'TOKEN_EXPIRED']);

function sendFault(reply: FastifyReply, error: unknown): FastifyReply {
  if (!(error instanceof ServiceError)) throw error;
  if (linkFaults.has(error.code)) return send(reply.code(404), invalidLink);
  if (error.code === 'FAILED_VALIDATION') {
    return send(reply.code(400), form(`The password must have ${least} to ${most} characters.`));
  }
  if (error.code === 'REQUESTS_EXCEEDED') {
    return send(reply.code(429), form('There were too many attempts. Please try again in a moment.'));
  }
  throw error;
}

function send(reply: FastifyReply, content: string): FastifyReply {
  const page = {
    title: 'New password',
    body: `<main><span class="brand">${mark}Tidings</span><div class="panel">${content}</div></main>`,
    style,
    root: './',
  };
  return reply
    .headers({ ...pageHeaders({ ...page, hasForm: true }), 'cache-control': 'no-store' })
    .type('text/html; charset=utf-8')
    .send(writePage(page));
}
