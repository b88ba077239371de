import type { FastifyInstance, FastifyReply } from 'fastify';
import { OidcFailure, type OidcFailureCode } from '../../auth/oidc/oidc-failure.ts';
import { oidcCallbackPath, oidcPath } from '../../auth/oidc/oidc-requests.ts';
import { authClientOf } from '../shared/auth-client.ts';
import { pageHeaders, writePage } from '../shared/html.ts';
import { mark } from '../shared/mark.ts';
import { pageStyle } from '../shared/page-style.ts';
import type { Services } from '../shared/services.ts';

/** The status and the words of each failure. */
const failures: Readonly<Record<OidcFailureCode | 'NOT_CONFIGURED', readonly [status: number, text: string]>> = {
  NOT_CONFIGURED: [404, 'This service has no identity provider.'],
  INVALID_REDIRECT: [400, 'The address to return to is not allowed.'],
  SIGN_IN_EXPIRED: [400, 'This sign-in has expired, or was begun in another browser. Please sign in again.'],
  PROVIDER_REFUSED: [403, 'The identity provider did not sign you in.'],
  PROVIDER_UNAVAILABLE: [503, 'The identity provider cannot be reached. Please try again later.'],
  UNKNOWN_USER: [403, 'You have no account here.'],
  EMAIL_IN_USE: [403, 'Another account has your e-mail address.'],
  INACTIVE_USER: [403, 'Your account is not active.'],
};

const style = `${pageStyle}
main{max-width:480px;margin:0 auto;padding:72px 24px}
.panel{background:var(--panel);border:1px solid var(--line);border-radius:14px;padding:28px;margin-top:28px;box-shadow:var(--shadow)}
h1{font-size:22px}
.panel p{margin-top:10px;color:var(--soft)}
@media (max-width:520px){main{padding:32px 18px}}
`;

/** Neither caches nor other hosts learn the parameters of the address. */
const secretHeaders = { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' } as const;

/** Signing in with OpenID Connect. A browser opens both addresses; failures are a page, or a parameter of the redirect. */
export function registerOidc(app: FastifyInstance, { oidc, config, log }: Services): void {
  // A HEAD request would use up the code.
  const options = { exposeHeadRoute: false };

  app.get(oidcPath, options, async (request, reply) => {
    if (oidc === undefined) return sendFailure(reply, 'NOT_CONFIGURED', '../../');
    const [redirect, ...others] = queryOf(request.url).getAll('redirect');
    if (others.length > 0) return sendFailure(reply, 'INVALID_REDIRECT', '../../');
    return follow(reply, '../../', () => oidc.begin(redirect, authClientOf(request, reply, config)));
  });

  app.get(oidcCallbackPath, options, async (request, reply) => {
    if (oidc === undefined) return sendFailure(reply, 'NOT_CONFIGURED', '../../../');
    const search = queryOf(request.url).toString();
    return follow(reply, '../../../', () => oidc.finish(search, authClientOf(request, reply, config)));
  });

  async function follow(reply: FastifyReply, root: string, step: () => Promise<string>): Promise<FastifyReply> {
    try {
      return reply.headers(secretHeaders).redirect(await step(), 302);
    } catch (error) {
      if (!(error instanceof OidcFailure)) throw error;
      const { code, redirect, cause } = error;
      log.warn({ err: cause, code }, 'a sign-in with OpenID Connect failed');
      if (redirect === undefined) return sendFailure(reply, code, root);
      const target = new URL(redirect);
      target.searchParams.set('reason', code);
      return reply.headers(secretHeaders).redirect(target.href, 302);
    }
  }
}

function queryOf(url: string): URLSearchParams {
  return new URL(url, 'http://localhost').searchParams;
}

/** @param root the path to the folder of `/` */
function sendFailure(reply: FastifyReply, code: keyof typeof failures, root: string): FastifyReply {
  const [status, text] = failures[code];
  const content = `<h1>Sign-in failed</h1><p>${text}</p><p><code>${code}</code></p>`;
  const page = {
    title: 'Sign-in failed',
    body: `<main><span class="brand">${mark}Tidings</span><div class="panel">${content}</div></main>`,
    style,
    root,
  };
  return reply
    .code(status)
    .headers({ ...pageHeaders(page), ...secretHeaders })
    .type('text/html; charset=utf-8')
    .send(writePage(page));
}
