import { renderPharosError } from '../../http/render.ts';
import type { ApiModule } from '../../http/types.ts';
import { commandsAnswer, pollBody, reportBody } from '../report.ts';
import type { Breakers } from '../service.ts';

/** `POST /api/v1/breakers/report` and `/poll`: the channel that services open themselves. */
export function breakerChannelApi(breakers: Breakers): ApiModule {
  const tags = ['breakers'];
  return {
    name: 'breaker channel',
    renderError: renderPharosError,
    register(app) {
      // The server's close waits for open answers, and held questions last.
      app.addHook('preClose', (done) => {
        breakers.channel.close();
        done();
      });
      app.post(
        '/api/v1/breakers/report',
        {
          schema: {
            tags,
            summary: 'A process tells of its breakers; answered with the commands that wait for it',
            body: reportBody,
            response: { 200: commandsAnswer },
          },
        },
        async (request) => ({ commands: [...(await breakers.channel.report(request.tenant, request.body))] }),
      );
      app.post(
        '/api/v1/breakers/poll',
        {
          schema: {
            tags,
            summary: 'A process asks for commands; held until there is one, 25 s at most',
            body: pollBody,
            response: { 200: commandsAnswer },
          },
        },
        async (request, reply) => {
          const gone = new AbortController();
          reply.raw.once('close', () => gone.abort());
          const commands = await breakers.channel.question(request.tenant, request.body, gone.signal);
          return { commands: [...commands] };
        },
      );
    },
  };
}
