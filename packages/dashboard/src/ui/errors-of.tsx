import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { z } from 'zod';
import { request } from '../api/client.ts';
import styles from './ui.module.css';

const schema = z.object({
  events: z.array(z.object({ id: z.string(), group: z.string(), name: z.string(), message: z.string() })),
});
const MOST = '5';

/** The errors of a trace or a request as links to their groups; nothing where there are none. */
export function ErrorsOf({ by, id }: { readonly by: 'trace_id' | 'request_id'; readonly id: string }) {
  const { data } = useQuery({
    queryKey: ['errors-of', by, id],
    queryFn: ({ signal }) =>
      request('api/v1/errors/events', schema, { signal, params: { [by]: id, limit: MOST } }),
  });
  if (data === undefined || data.events.length === 0) return null;
  return (
    <p className={styles['errorsOf']}>
      Errors:{' '}
      {data.events.map((event) => (
        <Link key={event.id} to="/errors/$groupId" params={{ groupId: event.group }} search={{}}>
          {event.name}: {event.message}
        </Link>
      ))}
    </p>
  );
}
