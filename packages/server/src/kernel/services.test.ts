import { describe, expect, it } from 'vitest';
import { ManualClock } from './clock.ts';
import { type Service, ServiceRegistry } from './services.ts';

function recorder() {
  const events: string[] = [];
  const service = (name: string, dependsOn: string[] = [], extra: Partial<Service> = {}): Service => ({
    name,
    dependsOn,
    start: () => {
      events.push(`+${name}`);
    },
    stop: () => {
      events.push(`-${name}`);
    },
    ...extra,
  });
  return { events, service };
}

describe('ServiceRegistry', () => {
  it('starts in dependency order and stops in reverse', async () => {
    const { events, service } = recorder();
    const registry = new ServiceRegistry(new ManualClock());
    registry.add(service('http', ['journal', 'engine']));
    registry.add(service('journal'));
    registry.add(service('engine', ['journal']));
    await registry.start(new AbortController().signal);
    expect((await registry.stop(1000)).unclean).toEqual([]);
    expect(events).toEqual(['+journal', '+engine', '+http', '-http', '-engine', '-journal']);
    expect([...registry.states().values()]).toEqual(['stopped', 'stopped', 'stopped']);
  });

  it('names a circle and an unknown dependency', () => {
    const { service } = recorder();
    const circle = new ServiceRegistry(new ManualClock());
    circle.add(service('a', ['b']));
    circle.add(service('b', ['a']));
    expect(() => circle.order()).toThrow('a -> b -> a');
    const unknown = new ServiceRegistry(new ManualClock());
    unknown.add(service('a', ['ghost']));
    expect(() => unknown.order()).toThrow('a depends on unknown service ghost');
    expect(() => unknown.add(service('a'))).toThrow('registered twice');
  });

  it('stops what had started when one fails to start', async () => {
    const { events, service } = recorder();
    const registry = new ServiceRegistry(new ManualClock());
    registry.add(service('one'));
    registry.add(service('two', ['one'], { start: () => Promise.reject(new Error('port taken')) }));
    await expect(registry.start(new AbortController().signal)).rejects.toThrow('port taken');
    expect(events).toEqual(['+one', '-one']);
    expect(registry.states().get('two')).toBe('failed');
  });

  it('goes on past a service that hangs or throws while stopping, and reports it', async () => {
    const { events, service } = recorder();
    const clock = new ManualClock();
    const registry = new ServiceRegistry(clock);
    registry.add(service('base'));
    registry.add(service('hangs', ['base'], { stop: () => new Promise(() => {}) }));
    registry.add(service('throws', ['hangs'], { stop: () => Promise.reject(new Error('boom')) }));
    await registry.start(new AbortController().signal);
    const stopping = registry.stop(1000);
    await clock.advance(1000);
    expect((await stopping).unclean).toEqual([
      { name: 'throws', reason: 'boom' },
      { name: 'hangs', reason: 'did not stop within the deadline' },
    ]);
    expect(events).toContain('-base');
  });
});
