import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { parse, text } from '../shared/validate.ts';
import type { AuthService } from './service.ts';

const USERNAME = '3 to 64 letters, digits, ., _ or -';
/** bcrypt reads 72 bytes and ignores the rest: a longer password would be weaker than it looks. */
const PASSWORD_BYTES = 72;

const username = z.string(USERNAME).regex(/^[A-Za-z0-9._-]{3,64}$/, USERNAME);
const password = z
  .string('8 to 72 bytes of text')
  .min(8, '8 to 72 bytes of text')
  .refine((value) => Buffer.byteLength(value) <= PASSWORD_BYTES, '8 to 72 bytes of text');
const email = z.email('an e-mail address').max(254, 'an e-mail address');

const registration = z.strictObject({ username, password, email: email.optional() });
const credentials = z.strictObject({ username: text(1, 64), password: text(1, 200) });

export function authRoutes(app: FastifyInstance, auth: AuthService): void {
  app.post('/register', async (request, reply) => {
    const input = parse(registration, request.body);
    const user = await auth.register({ ...input, email: input.email ?? null });
    return reply.code(201).send(user);
  });
  app.post('/signin', async (request) => {
    const token = await auth.signIn(parse(credentials, request.body));
    return { access_token: token, token_type: 'bearer' };
  });
}
