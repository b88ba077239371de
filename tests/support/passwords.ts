import { isPassword } from '../../src/auth/passwords.ts';

/** Whether a stored hash is that of the password. */
export const isPasswordOf = (password: string, hash: string | null | undefined): Promise<boolean> =>
  isPassword(password, async () => hash, { key: 'test', isRefusable: false });
