import { expect, it } from 'vitest';
import { changesOf } from './service-changes.tsx';

it('lists what concerns the service within the range', () => {
  const note = (id: string, time: number, service: string | null) => ({
    id,
    time,
    timeEnd: null,
    kind: 'deployment' as const,
    service,
    title: id,
    text: '',
    tags: [],
  });
  const changes = changesOf(
    'order',
    [{ at: 50, from: 'healthy', to: 'unhealthy', reason: 'no store' }],
    [note('own', 60, 'order'), note('all', 70, null), note('other', 80, 'user'), note('late', 500, 'order')],
    { from: 0, to: 100 },
  );
  expect(changes.map(({ title, text }) => title || text)).toEqual(['no store', 'own', 'all']);
});
