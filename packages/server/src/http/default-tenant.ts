import type { PharosError } from '../kernel/errors.ts';
import { DEFAULT_TENANT } from './admit.ts';
import type { HttpApp } from './types.ts';

/** Lets only requests for the default tenant reach the routes of `app`; `refusal` words why another tenant has nothing there. */
export function forDefaultTenant(app: HttpApp, refusal: (tenant: string) => PharosError): void {
  app.addHook('preHandler', ({ tenant }, _, done) => {
    if (tenant === DEFAULT_TENANT) done();
    else done(refusal(tenant));
  });
}
