import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Order } from '../commands.ts';
import { breakerErrors } from '../errors.ts';
import type { Breakers } from '../service.ts';

/** What somebody is told of the command that they gave. */
export const given = z.object({
  id: z.string(),
  until: z.string(),
  targets: z.number().describe('Breakers of living instances that take it.'),
});

/** Writes the command down and answers everybody who waits for one; who is unreachable now gets it on return, until it ends. */
export async function giveCommand(
  breakers: Breakers,
  request: Pick<FastifyRequest, 'tenant' | 'user'>,
  order: Omit<Order, 'by'>,
): Promise<z.output<typeof given>> {
  const command = await breakers.commands.issue(request.tenant, { ...order, by: request.user });
  breakers.channel.commanded(request.tenant);
  return { id: command.id, until: new Date(command.until).toISOString(), targets: command.targets };
}

/** Why nobody takes a command that means so many breakers of living instances. */
export function nobody(matching: number): Error {
  return matching === 0
    ? breakerErrors.make(
        'unknownBreaker',
        'no breaker of a living instance has this service, name and instance',
      )
    : breakerErrors.make(
        'notCommandable',
        `none of the ${matching} breakers meant can be told this: their service takes no commands, or their library has no such thing`,
      );
}
