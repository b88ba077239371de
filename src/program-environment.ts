/** The variables that are passed to other programs. Everything else is withheld, because it may be a secret. */
export function programEnvironment(environment: Readonly<Record<string, string | undefined>> = process.env) {
  const { PATH, LANG } = environment;
  return { ...(PATH !== undefined && { PATH }), ...(LANG !== undefined && { LANG }) };
}
