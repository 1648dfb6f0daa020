import { describe, expect, it } from 'vitest';
import { OnCallWorld } from '../testing/world.ts';

const json = ({ text }: { readonly text: string }): unknown => JSON.parse(text);

describe('the API of on call', () => {
  it('tells policies with their steps, and the receivers that lead to them', async () => {
    const world = await new OnCallWorld().start();
    expect(json(await world.get('/api/v1/oncall/policies'))).toMatchObject({
      policies: [
        {
          name: 'p',
          receivers: ['pager'],
          repeat: 0,
          acknowledged_for_seconds: null,
          rules: [
            {
              name: 'critical',
              matchers: ['severity="critical"'],
              delay_seconds: 0,
              during: null,
              levels: [
                { tell: [{ kind: 'schedule', name: 's' }], times: 2, every_seconds: 300 },
                { tell: [{ kind: 'person', name: 'grace' }], times: 1, every_seconds: 300 },
              ],
            },
            { name: 'without a severity that is known' },
            { name: 'warning', delay_seconds: 900 },
            { name: 'info', during: ['office hours'] },
          ],
        },
      ],
    });
    await world.kill();
  });

  it("draws a schedule's weeks: whole days by its clock, and the turns over them", async () => {
    const world = await new OnCallWorld().start();
    const answer = json(await world.get('/api/v1/oncall/schedules/s/weeks?weeks=2'));
    expect(answer).toMatchObject({
      time_zone: 'UTC',
      shifts: [
        { person: 'ada', from: Date.UTC(2026, 0, 5), until: Date.UTC(2026, 0, 12), by: 'layer' },
        { person: 'grace', from: Date.UTC(2026, 0, 12), until: Date.UTC(2026, 0, 19), by: 'layer' },
      ],
    });
    expect(answer).toHaveProperty('days.13.date', '2026-01-18');
    const lastDay = Date.UTC(9999, 11, 31);
    expect((await world.get(`/api/v1/oncall/schedules/s/weeks?at=${lastDay}`)).status).toBe(200);
    expect((await world.get(`/api/v1/oncall/schedules/s/weeks?at=${8.64e15}`)).status).toBe(400);
    expect((await world.get('/api/v1/oncall/schedules/none/weeks')).status).toBe(404);
    await world.kill();
  });

  it('says who is told next; pages are acknowledged together, and their alerts say so', async () => {
    const world = await new OnCallWorld().start();
    await world.fire();
    const { id, fingerprints } = await world.page();
    const minute = (at: number) => Date.UTC(2026, 0, 5, 12, at);
    expect(json(await world.get(`/api/v1/oncall/pages/${id}`))).toMatchObject({
      next: { at: minute(5), level: 1, levels: 2, time: 2, times: 2, recipients: [{ person: 'ada' }] },
    });
    await world.pass(5);
    expect(json(await world.get(`/api/v1/oncall/pages/${id}`))).toMatchObject({
      next: { at: minute(10), level: 2, time: 1, recipients: [{ receiver: 'boss', person: 'grace' }] },
    });
    const paged = async (): Promise<unknown> =>
      json(await world.get(`/api/v1/alerting/alerts/${fingerprints[0]}`));
    expect(await paged()).toMatchObject({
      alert: { paged: [{ id, state: 'escalating', acknowledged_by: '' }] },
    });
    const done = await world.post('/api/v1/oncall/acknowledge', { pages: [id, 'none'], by: 'ada' });
    expect(json(done)).toEqual({
      acknowledged: [id],
      refused: [{ id: 'none', reason: 'there is no page "none"' }],
    });
    expect(json(await world.get(`/api/v1/oncall/pages/${id}`))).toMatchObject({
      state: 'acknowledged',
      next: null,
    });
    expect(await paged()).toMatchObject({
      alert: { paged: [{ state: 'acknowledged', acknowledged_by: 'ada', acknowledged_at: minute(5) }] },
    });
    expect(json(await world.get('/api/v1/alerting/alerts'))).toMatchObject({
      alerts: [{ paged: [{ acknowledged_by: 'ada' }] }],
    });
    await world.kill();
  });
});
